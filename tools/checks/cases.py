"""Collects the cases of one report, whatever it is written in, and whatever is wrong with it."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tools.checks.base import Case, Outcome

STILL_RUNNING = "it was still running when the command was killed or its process died"

_LONGEST_NAME = 4096
_LONGEST_MESSAGE = 4096
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_MOST_CASES = 200_000
_GRAVITY = [Outcome.SKIPPED, Outcome.PASSED, Outcome.ERROR, Outcome.FAILED]


@dataclass(slots=True)
class Cases:
    """What a report has told so far."""

    _final: dict[str, Case] = field(default_factory=dict)
    _soon: dict[str, Case] = field(default_factory=dict)
    _running: dict[str, None] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Something has begun: a test, or a file of tests."""
        if len(self._running) < _MOST_CASES:
            self._running[_name(name)] = None

    def leave(self, name: str) -> None:
        """What has begun has ended, and is no case by itself."""
        self._running.pop(_name(name), None)

    def end(
        self,
        name: str,
        outcome: Outcome,
        seconds: float = 0.0,
        message: str = "",
        *,
        final: bool = True,
    ) -> None:
        """Note a result; of two for one name the graver stays.

        What is not final gives way to what is, for a test that has failed may be tried again.
        """
        case = Case(
            name=_name(name),
            outcome=outcome,
            seconds=_duration(seconds),
            message=shortened(clean(plain(message))),
        )
        self._running.pop(case.name, None)
        known = self._final if final else self._soon
        earlier = known.get(case.name)
        if earlier is None and len(known) >= _MOST_CASES:
            return
        if earlier is None or _gravity(case) > _gravity(earlier):
            known[case.name] = case

    def ended(self) -> list[Case]:
        """Cases in the order they ended; those that never did have failed, and come last."""
        known = self._soon | self._final
        ordered = {name: known[name] for name in (*self._final, *self._soon)}
        left = [
            Case(name=name, outcome=Outcome.FAILED, message=STILL_RUNNING) for name in self._running
        ]
        return [case for case in ordered.values() if case.name not in self._running] + left


def plain(text: str) -> str:
    """Text without the codes by which a terminal is told of colours."""
    return _COLOURS.sub("", text)


def clean(text: str) -> str:
    """Text that every store and every model can take: no NUL, no half of a surrogate pair."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")


def shortened(text: str, longest: int = _LONGEST_MESSAGE) -> str:
    """All of a text, or its beginning and its end: either may tell what went wrong."""
    if len(text) <= longest:
        return text
    head, tail = text[: longest // 3], text[len(text) - longest // 2 :]
    return f"{head}\n...\n{tail}"


class Asked:
    """The names that were asked for, in whatever way their framework puts names together.

    ``a.py::Test::one[2]`` lies in ``a.py::Test`` and does not lie in ``a.py::Tes``: the longer name
    goes on with what is no part of a word.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._around = frozenset(outer for name in self._names for outer in _outer(name))

    def holds(self, name: str) -> bool:
        """Whether this, or something that it lies in, was asked for."""
        return name in self._names or any(outer in self._names for outer in _outer(name))

    def lies_in(self, name: str) -> bool:
        """Whether something that lies in this was asked for."""
        return name in self._around


def _outer(name: str) -> Iterator[str]:
    """What begins a name, up to each place where a word of it has ended."""
    for end in range(1, len(name)):
        if not (name[end].isalnum() or name[end] == "_"):
            yield name[:end]


def _name(name: str) -> str:
    return clean(name)[:_LONGEST_NAME]


def _gravity(case: Case) -> int:
    return _GRAVITY.index(case.outcome)


def _duration(seconds: float) -> float:
    # A forged number may be endless, or a whole number too long for a float.
    return float(seconds) if 0 <= seconds < 1e9 and math.isfinite(seconds) else 0.0
