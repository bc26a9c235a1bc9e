from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.checks.base import Case, CoveredLine, Outcome, Report
from tools.checks.suspicious import dstar, ochiai, rank


def line(number: int, failing: int, passing: int, path: str = "a.py") -> CoveredLine:
    return CoveredLine(path=path, line=number, failing=failing, passing=passing)


def report(*lines: CoveredLine, failed: int = 2) -> Report:
    cases = [Case(name=str(number), outcome=Outcome.FAILED) for number in range(failed)]
    return Report(command="pytest", cases=cases, lines=list(lines))


def test_the_score_is_the_mean_of_ochiais_and_dstar() -> None:
    ranked = rank(report(line(1, 2, 0), line(2, 1, 0), line(3, 2, 6)))
    assert [found.line for _, found in ranked] == [1, 2, 3]
    # D* of the second is 1 / 1, of two failing tests.
    wanted = [1.0, sqrt(1 / sqrt(2) * 1 / sqrt(1 + 2)), 2 / sqrt(16)]
    assert [score for score, _ in ranked] == pytest.approx(wanted)


def test_a_line_that_all_failing_tests_ran_goes_before_one_that_fewer_did() -> None:
    one, other = line(1, 1, 0), line(2, 2, 2)
    assert ochiai(one, 2) == pytest.approx(ochiai(other, 2))
    assert [found.line for _, found in rank(report(one, other))] == [2, 1]


COUNTS = st.integers(0, 50)


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=20), COUNTS)
def test_scores_are_above_nothing_and_at_most_one(
    counts: list[tuple[int, int]], failed: int
) -> None:
    lines = [line(number, *pair) for number, pair in enumerate(counts, 1)]
    ranked = rank(report(*lines, failed=failed))
    assert {found.line for _, found in ranked} == {n for n, (f, _) in enumerate(counts, 1) if f}
    assert all(0 < score <= 1 for score, _ in ranked)


@given(st.integers(1, 50), COUNTS, COUNTS)
def test_more_failing_and_fewer_passing_tests_never_score_less(
    failing: int, passing: int, missed: int
) -> None:
    whole = failing + missed
    for score in (ochiai, dstar):
        base = score(line(1, failing, passing), whole)
        assert score(line(1, failing, passing + 1), whole) <= base
        if missed:
            assert score(line(1, failing + 1, passing), whole) >= base


@given(st.integers(1, 50), COUNTS)
def test_where_all_failing_tests_ran_the_line_both_are_the_same(failing: int, passing: int) -> None:
    found = line(1, failing, passing)
    assert dstar(found, failing) == pytest.approx(ochiai(found, failing))


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
