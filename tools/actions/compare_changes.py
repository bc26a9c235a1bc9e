"""Compare changes on inputs near to those of the tests, and keep none; for a search alone."""

from typing import Any

from pydantic import Field

from tools.actions.base import Action, Arguments, Bench
from tools.actions.try_changes import ChangeArguments
from tools.checks.base import Request
from tools.checks.compare import compare_changes
from tools.checks.trials import Change


class CompareChangesArguments(Arguments):
    """``seconds`` are for each change; no tests means all."""

    changes: list[ChangeArguments] = Field(min_length=2, max_length=12)
    tests: list[str] = Field(default_factory=list)
    failing: list[str] = Field(default_factory=list)
    seconds: float = Field(gt=0, le=10)
    seconds_per_test: float = Field(gt=0)


def _perform(bench: Bench, arguments: CompareChangesArguments) -> dict[str, Any]:
    request = Request(
        bench.test_command,
        tests=arguments.tests,
        seconds_per_test=min(arguments.seconds_per_test, bench.seconds_per_test),
        timeout=bench.test_timeout,
    )
    changes = [Change(change.path, change.old, change.new) for change in arguments.changes]
    found = compare_changes(
        bench.workspace, request, changes, arguments.failing, seconds=arguments.seconds
    )
    return {"found": found}


COMPARE_CHANGES = Action("compare_changes", CompareChangesArguments, _perform)
