"""What the untouched base shows: which tests pass, which fail, which cannot be relied on."""

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict

from tools.checks.base import Case, Report

CHEAP_SECONDS = 60.0
"""A suite that takes longer is run once on the base."""
SLOW_SECONDS = 5.0
"""A test that takes longer is called slow."""


class Baseline(BaseModel):
    """The suite on the untouched base."""

    model_config = ConfigDict(frozen=True)

    report: Report
    unstable: list[str] = []
    """Tests that two runs of the base did not agree on: flaky, or named anew in each run."""

    left_out: list[str] = []
    """Test files that were not run because the suite takes too long; see :mod:`.near`."""

    @property
    def slow(self) -> list[Case]:
        """The cases that took long, the slowest first."""
        slow = [case for case in self.report.cases if case.seconds > SLOW_SECONDS]
        return sorted(slow, key=lambda case: -case.seconds)

    @property
    def failing(self) -> list[Case]:
        """The cases that failed or could not run, reliably."""
        return [case for case in self.report.broken if case.name not in set(self.unstable)]

    @property
    def reliable(self) -> list[Case]:
        """The cases whose outcome on a patch means something."""
        unstable = set(self.unstable)
        return [case for case in self.report.cases if case.name not in unstable]


def measure(run: Callable[[], Report]) -> Baseline:
    """Test the base, and where that is cheap once more, to know what can be relied on."""
    report = run()
    if report.timed_out or not report.cases or report.seconds > CHEAP_SECONDS:
        return Baseline(report=report)
    return Baseline(report=report, unstable=disagreement(report, run()))


def disagreement(first: Report, second: Report) -> list[str]:
    """Names of the tests that ended differently, or were seen only once, in two runs."""
    outcomes, again = (
        {case.name: case.outcome for case in report.cases} for report in (first, second)
    )
    names = dict.fromkeys([*outcomes, *again])
    return [name for name in names if outcomes.get(name) is not again.get(name)]


def last_line(output: str) -> str:
    """The last thing that a command printed, as one line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it printed nothing"
