"""What became of one test, gathered from the reports of its phases."""

import pytest

LONGEST = 2000
"""Characters of a message; after a thousand failures the rest are told in a line each."""
LONGEST_CRASH = 600
MANY = 1000
SHORT = 200


class Running:
    """One test between its start and its end."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.outcome = "skipped"
        self.seconds = 0.0
        self.message = ""

    @property
    def broken(self) -> bool:
        """Whether it failed or could not run."""
        return self.outcome in ("failed", "error")

    def add(self, report: "pytest.TestReport") -> None:
        """Take in the report of one phase; the first thing that breaks is what the case tells."""
        self.seconds += report.duration
        if self.broken:
            return
        if report.outcome == "failed":
            self._break(report)
        elif report.outcome == "skipped":
            self.outcome, self.message = "skipped", _why_skipped(report)
        elif report.when == "call":
            self.outcome, self.message = "passed", ""

    def fail(self, message: str) -> None:
        """It did not end as a test ends, whatever its phases said."""
        self.outcome, self.message = "failed", message

    def expire(self, message: str) -> None:
        """It ran too long, and may have passed all the same or failed in the words of others."""
        if not self.broken:
            self.fail(message)
        elif message not in self.message:
            self.message = f"{message}\n{self.message}"

    def _break(self, report: "pytest.TestReport") -> None:
        if report.when in ("setup", "teardown"):
            self.outcome = "error"
            self.message = f"at {report.when}:\n{shorten(report)}"
        else:
            self.fail(shorten(report))


def shorten(report: "pytest.TestReport | pytest.CollectReport") -> str:
    """The error of a report: all of it, or where and why it crashed and then its last lines."""
    text = report.longreprtext
    if len(text) <= LONGEST:
        return text
    crash = str(getattr(report.longrepr, "reprcrash", None) or text)[:LONGEST_CRASH]
    tail = text[len(crash) - LONGEST :]
    return "\n...\n".join((crash, tail.partition("\n")[2] or tail))


def _why_skipped(report: "pytest.TestReport") -> str:
    if hasattr(report, "wasxfail"):
        return f"expected to fail: {report.wasxfail}"[:SHORT]
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])[:SHORT]
    return report.longreprtext[:SHORT]
