"""Reads the report of our own reporters: one JSON list a line, perhaps cut off, perhaps forged.

What the lines mean is told in :mod:`tools.checks.patchwright_report`. Reporters of frameworks whose
tests are told of for good only when their file has ended write two more:

.. code-block:: text

    ["soon", NAME, OUTCOME, SECONDS, MESSAGE]   a test has ended, and will be told of again
    ["leave", NAME]                             a file has ended

Tests write to the same file system as the reporter, so a line that makes no sense is passed over,
and none can cost much.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tools.checks.base import Case, CoveredLine, Outcome
from tools.checks.cases import Cases, clean

EVENTS = "events.jsonl"
"""The file's name."""

_MOST_EVENTS = 1_000_000
_LONGEST_RUN = 5000
_MOST_LINES = 500_000
_OUTCOMES = frozenset(outcome.value for outcome in Outcome)


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
    cases = Cases()
    lines = _Lines()
    for event in read_events(report):
        match event:
            case ["start", str(name)]:
                cases.start(name)
            case ["leave", str(name)]:
                cases.leave(name)
            case [
                "case" | "soon" as kind,
                str(name),
                str(outcome),
                int() | float() as seconds,
                str(message),
            ] if outcome in _OUTCOMES:
                cases.end(name, Outcome(outcome), seconds, message, final=kind == "case")
            case ["lines", dict(files)]:
                lines.add(files)
    return cases.ended(), lines.covered()


@dataclass(slots=True)
class _Lines:
    """How many failing and passing tests ran each line."""

    counts: dict[tuple[str, int], list[int]] = field(default_factory=dict)

    def add(self, files: dict[str, Any]) -> None:
        for path, runs in files.items():
            for run in runs if isinstance(runs, list) else []:
                match run:
                    case [int(first), int(last), int(failing), int(passing)]:
                        self._add_run(clean(path), first, last, (failing, passing))

    def _add_run(self, path: str, first: int, last: int, counts: tuple[int, int]) -> None:
        if not 0 < first <= last < first + _LONGEST_RUN or len(self.counts) > _MOST_LINES:
            return
        for line in range(first, last + 1):
            total = self.counts.setdefault((path, line), [0, 0])
            total[0] += max(0, counts[0])
            total[1] += max(0, counts[1])

    def covered(self) -> list[CoveredLine]:
        return [
            CoveredLine(path=path, line=line, failing=failing, passing=passing)
            for (path, line), (failing, passing) in sorted(self.counts.items())
            if failing
        ]
