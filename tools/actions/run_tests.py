"""Run the repository's tests and tell which passed, failed or could not run."""

from typing import Any

from pydantic import Field

from tools.actions.base import Action, Arguments, Bench
from tools.checks.base import Request
from tools.checks.run import run_checks
from tools.checks.suspicious import rank

_SHOWN_CASES = 10


class RunTestsArguments(Arguments):
    """All optional: no argument runs the whole test command."""

    tests: list[str] = Field(default_factory=list)
    coverage: bool = False
    stop_early: bool = False
    seconds_per_test: float | None = Field(default=None, gt=0)


def _perform(bench: Bench, arguments: RunTestsArguments) -> dict[str, Any]:
    bound = bench.seconds_per_test
    report = run_checks(
        bench.workspace,
        Request(
            bench.test_command,
            tests=arguments.tests,
            coverage=arguments.coverage,
            stop_early=arguments.stop_early,
            seconds_per_test=min(arguments.seconds_per_test or bound, bound),
            timeout=bench.test_timeout,
        ),
    )
    ranked = rank(report) if arguments.coverage else []
    return {"report": report, "shown": _SHOWN_CASES, "ranked": ranked}


RUN_TESTS = Action("run_tests", RunTestsArguments, _perform)
