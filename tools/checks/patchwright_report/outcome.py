"""What became of one test of pytest, gathered from the reports of its phases."""

import pytest

from .case import SHORT, Running, shorten


def add(case: Running, report: "pytest.TestReport") -> None:
    """Take in the report of one phase; the first thing that breaks is what the case tells."""
    case.seconds += report.duration
    if report.outcome == "failed":
        if report.when in ("setup", "teardown"):
            case.become("error", f"at {report.when}:\n{crash_text(report)}")
        else:
            case.become("failed", crash_text(report))
    elif report.outcome == "skipped":
        case.become("skipped", _why_skipped(report))
    elif report.when == "call":
        case.become("passed")


def crash_text(report: "pytest.TestReport | pytest.CollectReport") -> str:
    """The error of a report, shortened around where and why it crashed."""
    return shorten(report.longreprtext, str(getattr(report.longrepr, "reprcrash", None) or ""))


def _why_skipped(report: "pytest.TestReport") -> str:
    if hasattr(report, "wasxfail"):
        return f"expected to fail: {report.wasxfail}"[:SHORT]
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])[:SHORT]
    return report.longreprtext[:SHORT]
