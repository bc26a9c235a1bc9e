"""Which failing tests an issue is about."""

from agent.evidence.baseline import Baseline
from tools.code.signals.lexical import rank_names

_LIKE_THE_BEST = 0.5
"""The share of the best failing test's likeness to the issue that another needs."""


def relevant(baseline: Baseline, issue: str) -> list[str]:
    """The failing tests that the issue is about: those it names, or else is most like, or all.

    A suite may fail for other reasons as well, an environment that lacks something for example.
    """
    failing = [case.name for case in baseline.failing]
    named = [name for name in failing if name in issue or _function(name) in issue]
    if named:
        return named
    # All names are ranked, so that words which every name has weigh nothing.
    scores = rank_names(issue, [case.name for case in baseline.report.cases])
    best = max(scores.get(name, 0.0) for name in failing)
    return [name for name in failing if scores.get(name, 0.0) >= best * _LIKE_THE_BEST]


def _function(name: str) -> str:
    """``test_b`` of ``tests/test_a.py::Class::test_b[1-2]``."""
    return name.rpartition("::")[2].partition("[")[0]
