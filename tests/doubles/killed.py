"""Kills a run with SIGKILL at a chosen point around a step of the machine.

The run is carried on in a forked process, which has no chance to tidy up. When a step has returned,
LangGraph stores what it returned (``put_writes``, only of several side by side) and then the
checkpoint (``put``), so there are four points: before the step, when it has done its work, before
the checkpoint is stored, and after.
"""

import os
import signal
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal, NoReturn

from langgraph.checkpoint.sqlite import SqliteSaver

from agent import graph

Point = Literal["before", "inside", "between", "after"]
POINTS: tuple[Point, ...] = ("before", "inside", "between", "after")

Method = Callable[..., Any]


@dataclass
class Killer:
    """Kills its own process at a point around a visit to a step."""

    step: str
    point: Point
    visit: int = 1
    _ended: dict[str, int] = field(default_factory=dict)
    _last: str = ""
    """The step whose result the next checkpoint will hold."""

    def arm(self) -> None:
        """Be called at every point from now on; only for a process that is to die."""
        make, attempt = graph._node, graph._attempt
        graph._node = lambda step: self._watched(step.__name__, make(step))  # type: ignore[assignment]
        graph._attempt = self._watched("attempt", attempt)
        SqliteSaver.put = self._putting(SqliteSaver.put)  # type: ignore[method-assign]

    def _watched(self, name: str, step: Method) -> Method:
        @wraps(step)
        def watched(*arguments: Any, **options: Any) -> Any:
            visit = self._ended.get(name, 0) + 1
            self._at("before", name, visit)
            returned = step(*arguments, **options)
            self._ended[name] = visit
            self._last = name
            self._at("inside", name, visit)
            return returned

        return watched

    def _putting(self, put: Method) -> Method:
        def putting(*arguments: Any, **options: Any) -> Any:
            name = self._last
            self._at("between", name, self._ended.get(name, 0))
            returned = put(*arguments, **options)
            self._at("after", name, self._ended.get(name, 0))
            return returned

        return putting

    def _at(self, point: Point, name: str, visit: int) -> None:
        if (point, name, visit) == (self.point, self.step, self.visit):
            os.kill(os.getpid(), signal.SIGKILL)


def killed(killer: Killer, action: Callable[[], object]) -> bool:
    """Do something in a process that ``killer`` may kill; whether it did.

    Raises:
        AssertionError: It ended in another way than being killed or returning.
    """
    with warnings.catch_warnings():
        # Threads of the parent do not matter: nothing of theirs is used.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        _die_of(killer, action)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGKILL), code
    return code != 0


def _die_of(killer: Killer, action: Callable[[], object]) -> NoReturn:
    try:
        killer.arm()
        action()
        os._exit(0)
    finally:
        traceback.print_exc()
        os._exit(1)
