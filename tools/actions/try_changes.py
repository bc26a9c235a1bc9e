"""Try many small changes on the same tests, and keep none; offered to no language model.

Only a search that has hundreds of changes at hand and wants no more than a verdict on each can make
use of it: the embedded model.
"""

from typing import Any

from pydantic import Field

from tools.actions.base import Action, Arguments, Bench
from tools.checks.base import Report, Request
from tools.checks.trials import Change, try_changes

_REASON = 160
_SETTLING = 5.0
"""Seconds that one change has beyond those of its tests."""


class ChangeArguments(Arguments):
    """``old`` is there exactly once."""

    path: str
    old: str
    new: str


class TryChangesArguments(Arguments):
    """``seconds`` are for all changes together."""

    changes: list[ChangeArguments] = Field(min_length=1)
    tests: list[str] = Field(min_length=1)
    seconds: float = Field(gt=0)
    seconds_per_test: float = Field(gt=0)
    stop_early: bool = True


def _perform(bench: Bench, arguments: TryChangesArguments) -> dict[str, Any]:
    per_test = min(arguments.seconds_per_test, bench.seconds_per_test)
    request = Request(
        bench.test_command,
        tests=arguments.tests,
        stop_early=arguments.stop_early,
        seconds_per_test=per_test,
    )
    found = try_changes(
        bench.workspace,
        request,
        [Change(change.path, change.old, change.new) for change in arguments.changes],
        seconds=min(arguments.seconds, bench.test_timeout),
        each=per_test * len(arguments.tests) + _SETTLING,
    )
    names = ["unchanged", *(str(number) for number in range(1, len(arguments.changes) + 1))]
    reports = [found.unchanged, *found.reports]
    lines = [(name, report, _why(report)) for name, report in zip(names, reports, strict=False)]
    return {"found": found, "lines": lines}


def _why(report: Report | None) -> str:
    """The line of the first broken test's message that names the error."""
    if report is None or not report.broken:
        return ""
    lines = [line.strip() for line in report.broken[0].message.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("E ")]
    return " ".join((errors or lines[-1:] or ["no message"])[0].split())[:_REASON]


TRY_CHANGES = Action("try_changes", TryChangesArguments, _perform)
