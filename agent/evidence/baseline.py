"""What the untouched base shows: which tests pass, which fail, which cannot be relied on."""

from pydantic import BaseModel, ConfigDict

from tools.checks.base import Case, Report


class Baseline(BaseModel):
    """The suite on the untouched base."""

    model_config = ConfigDict(frozen=True)

    report: Report
    unstable: list[str] = []
    """Tests that two runs of the base did not agree on: flaky, or named anew in each run."""

    @property
    def failing(self) -> list[Case]:
        """The cases that failed or could not run, reliably."""
        return [case for case in self.report.broken if case.name not in set(self.unstable)]

    @property
    def reliable(self) -> list[Case]:
        """The cases whose outcome on a patch means something."""
        unstable = set(self.unstable)
        return [case for case in self.report.cases if case.name not in unstable]


def disagreement(first: Report, second: Report) -> list[str]:
    """Names of the tests that ended differently, or were seen only once, in two runs."""
    outcomes, again = (
        {case.name: case.outcome for case in report.cases} for report in (first, second)
    )
    names = dict.fromkeys([*outcomes, *again])
    return [name for name in names if outcomes.get(name) is not again.get(name)]
