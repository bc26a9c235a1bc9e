from math import sqrt

import pytest

from tools.checks.base import Case, CoveredLine, Outcome, Report
from tools.checks.suspicious import rank


def line(number: int, failing: int, passing: int, path: str = "a.py") -> CoveredLine:
    return CoveredLine(path=path, line=number, failing=failing, passing=passing)


def report(*lines: CoveredLine, failed: int = 2) -> Report:
    cases = [Case(name=str(number), outcome=Outcome.FAILED) for number in range(failed)]
    return Report(command="pytest", cases=cases, lines=list(lines))


def test_the_score_is_ochiais() -> None:
    ranked = rank(report(line(1, 2, 0), line(2, 1, 0), line(3, 2, 6)))
    assert [found.line for _, found in ranked] == [1, 2, 3]
    assert [score for score, _ in ranked] == pytest.approx([1.0, 1 / sqrt(2), 2 / sqrt(16)])


def test_ties_follow_path_and_line() -> None:
    ranked = rank(report(line(9, 1, 1, "b.py"), line(2, 1, 1, "b.py"), line(7, 1, 1)))
    assert [(found.path, found.line) for _, found in ranked] == [
        ("a.py", 7),
        ("b.py", 2),
        ("b.py", 9),
    ]


def test_no_more_than_asked_for() -> None:
    assert len(rank(report(*(line(number, 1, 0) for number in range(1, 9))), most=3)) == 3


def test_no_failure_ranks_nothing() -> None:
    assert rank(Report(command="pytest")) == []
    assert rank(report(line(1, 0, 3), failed=0)) == []


def test_a_forged_count_stays_a_score() -> None:
    assert rank(report(line(1, 50, 0), failed=1))[0][0] == 1.0
