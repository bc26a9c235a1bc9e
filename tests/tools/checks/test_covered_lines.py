"""Which lines failing and passing tests ran, exactly."""

import pytest

from doubles.local_box import MakeBox
from tools.checks.base import Report, Request
from tools.checks.run import run_checks

CALC = """\
import threading

LIMIT = 10


def divide(a, b):
    if b == 0:
        result = None
    else:
        result = a / b
    return result


def threaded(value):
    box = []

    def work():
        doubled = value * 2
        box.append(doubled)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return box[0]


def down(n):
    return down(n + 1)


def numbers(n):
    for number in range(n):
        yield number


def unused():
    return LIMIT
"""

TESTS = """\
    import pytest
    from app import calc

    @pytest.fixture
    def half():
        yield calc.divide(1, 2)
        calc.unused()

    def test_zero(): assert calc.divide(1, 0) == 0
    def test_half(half): assert half == 0.5
    def test_third(): assert calc.divide(1, 3)
    def test_thread(): assert calc.threaded(2) == 5
    def test_numbers(): assert list(calc.numbers(2)) == [1, 2]
    def test_deep():
        with pytest.raises(RecursionError):
            calc.down(0)
        assert 0
    @pytest.mark.xfail
    def test_expected(): assert calc.unused() == 0
    def test_lazy():
        import app.late
        assert 0
"""


@pytest.fixture(scope="module")
def report(make_box: MakeBox) -> Report:
    box = make_box(
        {
            "app/__init__.py": "",
            "app/calc.py": CALC,
            "app/late.py": "LATE = 1\n",
            "app/test_calc.py": TESTS,
        }
    )
    return run_checks(box, Request("python -m pytest -p no:cacheprovider", coverage=True))


def test_lines_of_failing_tests_with_their_counts(report: Report) -> None:
    found = {(line.path, line.line): (line.failing, line.passing) for line in report.lines}
    expected = {
        ("app/late.py", 1): (1, 0),
        ("app/calc.py", 7): (1, 2),
        ("app/calc.py", 8): (1, 0),
        ("app/calc.py", 11): (1, 2),
        ("app/calc.py", 28): (1, 0),
    }
    threaded = dict.fromkeys(("app/calc.py", line) for line in (15, 17, 18, 19, 21, 22, 23, 24))
    generator = dict.fromkeys(("app/calc.py", line) for line in (32, 33))
    assert found == expected | dict.fromkeys(threaded, (1, 0)) | dict.fromkeys(generator, (1, 0))


def test_measuring_changes_no_outcome(report: Report) -> None:
    assert len(report.broken) == 5
    assert len(report.passed) == 2
    assert report.exit_code == 1


PROGRAM = """\
import sys


def total(words):
    return sum(map(int, words))


def unused():
    return 0


print(total(sys.argv[1:]))
"""
STARTS = """\
import os
import subprocess
import sys
from unittest import TestCase


def run(*words, **options):
    command = [sys.executable, "app/add.py", *words]
    return subprocess.run(command, stdout=subprocess.PIPE, check=False, **options).stdout.strip()


class TestAdd(TestCase):
    def test_right(self):
        assert run("1", "2") == b"3"

    def test_wrong(self):
        assert run("1", "2") == b"4"

    def test_crash(self):
        assert run("a") == b"0"

    def test_none(self):
        assert run("2", env={}) == b"2"
"""


@pytest.mark.parametrize("command", ["python -m pytest -p no:cacheprovider", "python -m unittest"])
def test_lines_of_programs_are_those_of_the_test_that_starts_them(
    make_box: MakeBox, command: str
) -> None:
    box = make_box({"app/__init__.py": "", "app/add.py": PROGRAM, "test_add.py": STARTS})
    report = run_checks(box, Request(command, coverage=True))
    assert (len(report.broken), len(report.passed)) == (2, 2)
    found = {line.line: (line.failing, line.passing) for line in report.lines}
    assert {line.path for line in report.lines} == {"app/add.py"}
    assert found == dict.fromkeys((1, 4, 5, 8, 12), (2, 1))
