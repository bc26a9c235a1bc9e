"""A limit on one test: setup, call and teardown together.

An interval timer's signal raises a failure inside the test. It works wherever Python code runs in
the main thread; a call that is stuck in C is left to the whole command's deadline. Time in which
other processes had the processor does not count (:mod:`.waiting`).
"""

import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import TYPE_CHECKING

from .waiting import left, waited

if TYPE_CHECKING:
    from collections.abc import Callable

GRACE = 1.0
"""Seconds for `finally` and `with` to clean up after the first failure was raised."""
AGAIN = 0.1
"""Seconds between the later ones."""
ROUNDS = 12
"""A test that has swallowed so many failures is beyond help."""
LEAST = 0.001
BUSY = 0.01
PATIENCE = 100
"""So often a signal that finds the runner's own code at work is put off."""
HARNESS = (
    *(os.sep + name + os.sep for name in ("_pytest", "pluggy", "patchwright_report")),
    os.path.join(os.path.dirname(os.__file__), "unittest", ""),
    os.path.join("django", "test", ""),
    os.sep + "runtests.py",
)


class Deadline:
    """The time that one test after the other has; ``give_up`` ends a test that nothing stops."""

    # Held by the class: tools that freeze time look for the clock among a module's names.
    _now = staticmethod(time.monotonic)
    _waited = staticmethod(waited)

    def __init__(
        self, seconds: "float | None", failure: "type[BaseException]", give_up: "Callable[[], None]"
    ) -> None:
        self._failure = failure
        self._give_up = give_up
        self._seconds = seconds if hasattr(signal, "setitimer") else None
        self._started = self._waited_before = 0.0
        self._armed = False
        self._rounds = self._put_off = 0
        self._handler: object = None
        self._chase = Chase(failure, self.message)
        self.expired = False

    @property
    def message(self) -> str:
        """What a test that ran too long is told."""
        return f"the test ran longer than {self._seconds or 0:g} s, the limit for one test"

    def begin(self) -> None:
        """A test starts; it has all its time."""
        self.expired = False
        if self._seconds is not None:
            self._started, self._waited_before = self._now(), self._waited()

    def arm(self) -> None:
        """A phase of the test starts."""
        if self._seconds is None or threading.current_thread() is not threading.main_thread():
            return
        # After the end of a call that was cut off, the teardown has time of its own.
        seconds = self._seconds if self.expired else self._left()
        self._rounds = self._put_off = 0
        self._handler = signal.signal(signal.SIGALRM, self._ring)
        self._armed = True
        signal.setitimer(signal.ITIMER_REAL, max(seconds, LEAST), AGAIN)

    def restart(self) -> None:
        """In a copy of the process, which has no timer yet: a test that runs has all its time."""
        self.begin()
        if self._armed and self._seconds is not None:
            signal.setitimer(signal.ITIMER_REAL, self._seconds, AGAIN)

    def _left(self) -> float:
        waiting = self._waited() - self._waited_before
        return left(self._seconds or 0.0, self._now() - self._started, waiting)

    def disarm(self) -> None:
        """The phase has ended; outside the phases the runner itself is at work."""
        if not self._armed:
            return
        self._armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._handler or signal.SIG_DFL)  # type: ignore[arg-type]
        self._chase.end()

    def _ring(self, _number: int, frame: "FrameType | None") -> None:
        __tracebackhide__ = True
        if not self._armed:
            return
        seconds = 0.0 if self.expired else self._left()
        if seconds > LEAST:
            signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
            return
        if _is_harness(frame) and self._put_off < PATIENCE:
            self._put_off += 1
            signal.setitimer(signal.ITIMER_REAL, BUSY, AGAIN)
            return
        self.expired = True
        self._rounds += 1
        if self._rounds > ROUNDS:
            self._give_up()
        if self._rounds > 1:
            self._chase.begin(frame)
        signal.setitimer(signal.ITIMER_REAL, GRACE if self._rounds == 1 else AGAIN, AGAIN)
        raise self._failure(self.message)


class Chase:
    """Raises once more, on the first line that runs after a failure was swallowed.

    A loop around `try: ... except: ...` swallows every failure that is raised in its `try`. The
    line that runs next lies in its `except`, or behind it: there nothing catches the second one.
    """

    def __init__(self, failure: "type[BaseException]", message: str) -> None:
        self._failure = failure
        self._message = message
        self._before: object = None
        self._on = False

    def begin(self, frame: "FrameType | None") -> None:
        """A failure is about to be raised in this frame."""
        if not self._on:
            self._before = sys.gettrace()
            self._on = True
        while frame is not None and not _is_harness(frame):
            frame.f_trace = self._trace
            frame = frame.f_back
        sys.settrace(lambda *_: None)

    def end(self) -> None:
        """The test was stopped."""
        if self._on:
            self._on = False
            sys.settrace(self._before)  # type: ignore[arg-type]

    def _trace(self, _frame: FrameType, event: str, _argument: object) -> object:
        __tracebackhide__ = True
        if event == "line" and self._on:
            # That this fails makes Python give up tracing: there is no third.
            raise self._failure(self._message)
        return self._trace


def _is_harness(frame: "FrameType | None") -> bool:
    return frame is not None and any(name in frame.f_code.co_filename for name in HARNESS)
