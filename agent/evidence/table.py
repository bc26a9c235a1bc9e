"""The tests of a verdict as rows: what every page and screen shows, and pull requests too."""

from agent.evidence.gate import Comparison, Verdict


def rows(verdict: Verdict) -> list[tuple[str, str, str]]:
    """Test, before, after: the reproduction first, then every other test that changed."""
    return [_row(test) for test in (*verdict.reproduction, *verdict.changed)]


def unchanged(verdict: Verdict) -> int:
    """How many other tests the patched suite passed, as it did on the base."""
    if verdict.after is None:
        return 0
    apart = {test.name for test in (*verdict.reproduction, *verdict.changed)}
    return sum(case.name not in apart for case in verdict.after.passed)


def _row(test: Comparison) -> tuple[str, str, str]:
    return test.name, test.before or "not run", test.after or "not run"
