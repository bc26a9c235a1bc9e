"""Reads the report that the plugin leaves: one JSON list a line, perhaps cut off, perhaps forged.

What the lines mean is told in :mod:`tools.checks.patchwright_report`. Tests write to the same file
system as the plugin, so a line that makes no sense is passed over, and none can cost much.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tools.checks.base import Case, CoveredLine, Outcome

STILL_RUNNING = "it was still running when the command was killed or its process died"

_MOST_EVENTS = 1_000_000
_LONGEST_NAME = 4096
_LONGEST_MESSAGE = 4096
_LONGEST_RUN = 5000
_MOST_LINES = 500_000
_OUTCOMES = frozenset(outcome.value for outcome in Outcome)
_GRAVITY = [Outcome.SKIPPED, Outcome.PASSED, Outcome.ERROR, Outcome.FAILED]


def read_events(report: str) -> Iterator[list[Any]]:
    """Each line that is a JSON list and begins with a word."""
    for line in report.split("\n", _MOST_EVENTS)[:_MOST_EVENTS]:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, list) and event and isinstance(event[0], str):
            yield event


def gather(report: str) -> tuple[list[Case], list[CoveredLine]]:
    """Cases in the order they ended, those that never did last, and the lines of failing tests."""
    gathered = _Gathered()
    for event in read_events(report):
        match event:
            case ["start", str(name)]:
                gathered.start(_clean(name)[:_LONGEST_NAME])
            case ["case", str(name), str(outcome), int() | float() as seconds, str(message)]:
                gathered.end(name, outcome, seconds, message)
            case ["lines", dict(files)]:
                gathered.add_lines(files)
    return gathered.finished(), gathered.covered()


@dataclass(slots=True)
class _Gathered:
    """What the lines so far have told."""

    cases: dict[str, Case] = field(default_factory=dict)
    running: dict[str, None] = field(default_factory=dict)
    counts: dict[tuple[str, int], list[int]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        self.running[name] = None

    def end(self, name: str, outcome: str, seconds: float, message: str) -> None:
        """Note a result; of two for one name the graver stays."""
        if outcome not in _OUTCOMES:
            return
        case = Case(
            name=_clean(name)[:_LONGEST_NAME],
            outcome=Outcome(outcome),
            seconds=_duration(seconds),
            message=_clean(message)[:_LONGEST_MESSAGE],
        )
        self.running.pop(case.name, None)
        earlier = self.cases.get(case.name)
        if earlier is None or _gravity(case) > _gravity(earlier):
            self.cases[case.name] = case

    def add_lines(self, files: dict[str, Any]) -> None:
        for path, runs in files.items():
            for run in runs if isinstance(runs, list) else []:
                match run:
                    case [int(first), int(last), int(failing), int(passing)]:
                        self._add_run(_clean(path), first, last, (failing, passing))

    def _add_run(self, path: str, first: int, last: int, counts: tuple[int, int]) -> None:
        if not 0 < first <= last < first + _LONGEST_RUN or len(self.counts) > _MOST_LINES:
            return
        for line in range(first, last + 1):
            total = self.counts.setdefault((path, line), [0, 0])
            total[0] += max(0, counts[0])
            total[1] += max(0, counts[1])

    def finished(self) -> list[Case]:
        left = [
            Case(name=name, outcome=Outcome.FAILED, message=STILL_RUNNING) for name in self.running
        ]
        return [case for case in self.cases.values() if case.name not in self.running] + left

    def covered(self) -> list[CoveredLine]:
        return [
            CoveredLine(path=path, line=line, failing=failing, passing=passing)
            for (path, line), (failing, passing) in sorted(self.counts.items())
            if failing
        ]


def _gravity(case: Case) -> int:
    return _GRAVITY.index(case.outcome)


def _duration(seconds: float) -> float:
    # A forged number may be endless, or a whole number too long for a float.
    return float(seconds) if 0 <= seconds < 1e9 and math.isfinite(seconds) else 0.0


def _clean(text: str) -> str:
    """Text that every store and every model can take: no NUL, no half of a surrogate pair."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")
