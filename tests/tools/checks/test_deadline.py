"""Tests that do not end by themselves."""

import pytest

from doubles.local_box import LocalBox, MakeBox
from tools.checks.base import Outcome, Report, Request
from tools.checks.cases import STILL_RUNNING
from tools.checks.run import run_checks

TESTS = """
    import contextlib, time, unittest
    import pytest

    def test_before(): pass

    def test_loop():
        while True:
            pass

    def test_swallows():
        while True:
            try:
                time.sleep(0.01)
            except:
                pass

    class TestOld(unittest.TestCase):
        def test_loop(self):
            while True:
                pass

    @pytest.fixture
    def slow():
        time.sleep(60)

    def test_setup(slow): pass

    def test_slow_but_passing():
        with contextlib.suppress(BaseException):
            time.sleep(60)

    def test_changes_the_words():
        try:
            time.sleep(60)
        except BaseException:
            raise KeyError("lost") from None

    def test_after(): pass
"""

NESTED = """
    import time

    def test_before(): pass

    def test_swallows_all():
        while True:
            try:
                while True:
                    try:
                        time.sleep(5)
                    except:
                        continue
            except:
                continue

    def test_after(): pass
"""


@pytest.fixture(scope="module")
def box(make_box: MakeBox) -> LocalBox:
    return make_box({"test_it.py": TESTS, "test_nested.py": NESTED})


@pytest.fixture(scope="module")
def report(box: LocalBox) -> Report:
    return run_checks(box, Request("python -m pytest test_it.py", seconds_per_test=0.3, timeout=60))


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("test_loop", "failed"),
        ("test_swallows", "failed"),
        ("TestOld::test_loop", "failed"),
        ("test_setup", "error"),
        ("test_slow_but_passing", "failed"),
        ("test_changes_the_words", "failed"),
    ],
)
def test_a_test_that_runs_too_long_is_told_so(report: Report, name: str, outcome: str) -> None:
    case = next(case for case in report.cases if case.name == f"test_it.py::{name}")
    assert case.outcome == outcome
    assert "the test ran longer than 0.3 s, the limit for one test" in case.message
    assert "deadline.py" not in case.message


def test_the_tests_around_it_run(report: Report) -> None:
    assert [case.name for case in report.passed] == [
        "test_it.py::test_before",
        "test_it.py::test_after",
    ]
    assert not report.timed_out
    assert report.seconds < 10


def test_what_nothing_stops_ends_the_process(box: LocalBox) -> None:
    report = run_checks(box, Request("python -m pytest test_nested.py", seconds_per_test=0.1))
    assert [(case.name, case.outcome) for case in report.cases] == [
        ("test_nested.py::test_before", Outcome.PASSED),
        ("test_nested.py::test_swallows_all", Outcome.FAILED),
    ]
    assert "the tests after it did not run" in report.cases[1].message


def test_a_killed_run_keeps_what_had_ended(box: LocalBox) -> None:
    report = run_checks(box, Request("python -m pytest test_it.py", timeout=1.5))
    assert report.timed_out
    assert report.exit_code == 137
    assert [(case.name, case.outcome) for case in report.cases] == [
        ("test_it.py::test_before", Outcome.PASSED),
        ("test_it.py::test_loop", Outcome.FAILED),
    ]
    assert report.cases[1].message == STILL_RUNNING
