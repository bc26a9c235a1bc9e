"""What the untouched base shows: which tests pass, which fail, which cannot be relied on."""

from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict

from tools.checks.base import Case, Report

CHEAP_SECONDS = 60.0
"""A suite that takes longer is run once on the base."""
_MOST_FILES = (40, 10, 3)
"""Test files that are tried in place of a suite that does not end in time."""
_STOPPED = "the limit for one test"
"""Told of a test that was stopped because it ran too long."""
_MOST_NAMED = 200
"""More tests than these are not run by their names."""
SLOW_SECONDS = 5.0
"""A test that takes longer is called slow."""


class Baseline(BaseModel):
    """The suite on the untouched base."""

    model_config = ConfigDict(frozen=True)

    report: Report
    unstable: list[str] = []
    """Tests that two runs of the base did not agree on: flaky, or named anew in each run."""

    chosen: list[str] = []
    """Where the whole suite takes too long: the test files that stand for it. Else empty."""
    left_out: list[str] = []
    """Test files that were not run because of that."""

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


def measure(
    run: Callable[[Sequence[str]], Report], nearest: Callable[[], Sequence[str]] = tuple
) -> Baseline:
    """Test the base, and where that is cheap once more, to know what can be relied on.

    Args:
        run: Runs these tests, or all.
        nearest: Every test file, nearest to what is suspected first; asked for where the suite does
            not end in time, and then only as many of them are run as do.
    """
    report = run(())
    chosen: Sequence[str] = ()
    left_out: Sequence[str] = ()
    if report.timed_out:
        report, chosen, left_out = _as_many_as_end(run, nearest(), report)
    unstable: list[str] = []
    if not report.timed_out and report.cases and report.seconds <= CHEAP_SECONDS:
        unstable = _second_look(run, chosen, report)
    return Baseline(report=report, unstable=unstable, chosen=list(chosen), left_out=list(left_out))


def _second_look(
    run: Callable[[Sequence[str]], Report], chosen: Sequence[str], report: Report
) -> list[str]:
    """Names of the tests that two runs disagree on.

    Where most of the time goes to tests that were stopped, they are not waited for again: on the
    base they are broken, and no verdict counts one without seeing it fail there once more.
    """
    stopped = [case for case in report.broken if _STOPPED in case.message]
    others = [case for case in report.cases if case not in stopped]
    waited = sum(case.seconds for case in stopped)
    if waited <= report.seconds / 2 or len(others) > _MOST_NAMED:
        return disagreement(report, run(chosen))
    if not others:
        return []
    again = run([case.name for case in others])
    return disagreement(report.model_copy(update={"cases": others}), again)


def _as_many_as_end(
    run: Callable[[Sequence[str]], Report], files: Sequence[str], report: Report
) -> tuple[Report, Sequence[str], Sequence[str]]:
    """The report of as many files as end in time, these files, and those that were not run."""
    for most in _MOST_FILES if files else ():
        report = run(files[:most])
        if not report.timed_out:
            return report, files[:most], files[most:]
    return report, (), ()


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
