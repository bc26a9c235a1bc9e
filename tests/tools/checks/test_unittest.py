"""unittest's runner followed from within: limits, lines, and runs inside of runs."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from doubles.local_box import LocalBox, MakeBox
from tools.checks.base import Report, Request
from tools.checks.run import run_checks

SLOW = """
    import contextlib, time, unittest

    class SlowTest(unittest.TestCase):
        def test_1_before(self): pass

        def test_2_loop(self):
            while True:
                pass

        def test_3_swallows(self):
            while True:
                try:
                    time.sleep(0.01)
                except:
                    pass

        def test_4_part(self):
            with self.subTest("part"):
                time.sleep(60)

        def test_5_late(self):
            with contextlib.suppress(BaseException):
                time.sleep(60)

        def test_6_after(self): pass
"""

CALC = """\
    def divide(a, b):
        if b == 0:
            result = None
        else:
            result = a / b
        return result
"""

NESTING = """
    import io, os, subprocess, sys, unittest
    from unittest import TestCase, TextTestRunner, TestLoader

    class Inner:
        class InnerTest(TestCase):
            def test_inner(self): self.fail()

    class OuterTest(TestCase):
        def test_1_in_process(self):
            suite = TestLoader().loadTestsFromTestCase(Inner.InnerTest)
            result = TextTestRunner(stream=io.StringIO()).run(suite)
            self.assertEqual(len(result.failures), 1)

        def test_2_in_another_process(self):
            command = [sys.executable, "-m", "unittest", "test_inner_only.py"]
            self.assertEqual(subprocess.call(command, stderr=subprocess.DEVNULL), 1)

        def test_3_fork(self):
            child = os.fork()
            if child:
                os.waitpid(child, 0)

        def test_4_after(self): pass
"""

THREADS = """
    import unittest
    from concurrent.futures import ThreadPoolExecutor
    from test_it import SlowTest

    def one(name):
        suite = unittest.TestSuite([SlowTest(name)])
        suite.run(unittest.TestResult())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, ["test_1_before", "test_6_after"] * 4))
"""

MEETING = """
    import threading, unittest

    BEGUN, MET = threading.Event(), threading.Event()

    class MeetingTest(unittest.TestCase):
        def test_begins(self):
            BEGUN.set()
            self.assertTrue(MET.wait(20))

        def test_comes_later(self):
            MET.set()

    def one(name):
        unittest.TestSuite([MeetingTest(name)]).run(unittest.TestResult())

    first = threading.Thread(target=one, args=["test_begins"])
    first.start()
    BEGUN.wait(20)
    one("test_comes_later")
    first.join()
"""


def told(report: Report) -> list[tuple[str, str]]:
    return [(case.name.rpartition(".")[2], case.outcome.value) for case in report.cases]


@pytest.fixture(scope="module")
def slow(make_box: MakeBox) -> Report:
    request = Request("python -m unittest", seconds_per_test=0.3, timeout=60)
    return run_checks(make_box({"test_it.py": SLOW}), request)


def test_a_test_that_runs_too_long_fails_and_the_others_run(slow: Report) -> None:
    assert told(slow) == [
        ("test_1_before", "passed"),
        ("test_2_loop", "failed"),
        ("test_3_swallows", "failed"),
        ("test_4_part", "failed"),
        ("test_5_late", "failed"),
        ("test_6_after", "passed"),
    ]
    assert slow.seconds < 20


def test_it_is_told_so(slow: Report) -> None:
    for case in slow.broken:
        assert "the test ran longer than 0.3 s, the limit for one test" in case.message
        assert "deadline.py" not in case.message


def test_lines_are_counted_for_failing_and_passing_tests(make_box: MakeBox) -> None:
    tests = (
        "import unittest\nfrom app.calc import divide\n"
        "class CalcTest(unittest.TestCase):\n"
        "    def test_half(self): self.assertEqual(divide(1, 2), 0.5)\n"
        "    def test_zero(self): self.assertEqual(divide(1, 0), 0)\n"
    )
    files = {"app/__init__.py": "", "app/calc.py": CALC, "test_calc.py": tests}
    report = run_checks(make_box(files), Request("python -m unittest", coverage=True))
    assert {(line.line, line.failing, line.passing) for line in report.lines} == {
        (2, 1, 1),
        (3, 1, 0),
        (6, 1, 1),
    }


def test_what_tests_start_themselves_is_not_reported(make_box: MakeBox) -> None:
    inner = "import unittest\nclass T(unittest.TestCase):\n    def test_x(self): self.fail()\n"
    box = make_box({"test_it.py": NESTING, "test_inner_only.py": inner})
    report = run_checks(box, Request("python -m unittest test_it"))
    assert told(report) == [
        ("test_1_in_process", "passed"),
        ("test_2_in_another_process", "passed"),
        ("test_3_fork", "passed"),
        ("test_4_after", "passed"),
    ]


def test_tests_in_threads_are_told_each(make_box: MakeBox) -> None:
    box = make_box({"test_it.py": SLOW, "run_all.py": THREADS})
    report = run_checks(box, Request("python run_all.py", seconds_per_test=5))
    assert sorted(told(report)) == [("test_1_before", "passed"), ("test_6_after", "passed")]


def test_a_test_that_begins_while_another_thread_runs_one_is_told(make_box: MakeBox) -> None:
    box = make_box({"run_all.py": MEETING})
    report = run_checks(box, Request("python run_all.py", seconds_per_test=30))
    assert sorted(told(report)) == [("test_begins", "passed"), ("test_comes_later", "passed")]


def test_cases_that_pytest_runs_are_told_by_pytest_alone(make_box: MakeBox) -> None:
    files = {"test_it.py": NESTING, "Makefile": "test:\n\tpython -m pytest -q test_it.py\n"}
    report = run_checks(make_box(files), Request("make test", tests=["test_it.py"]))
    assert [case.name for case in report.cases] == [
        f"test_it.py::OuterTest::{name}"
        for name in (
            "test_1_in_process",
            "test_2_in_another_process",
            "test_3_fork",
            "test_4_after",
        )
    ]


def test_two_commands_of_one_line_are_both_told_of(make_box: MakeBox) -> None:
    text = "import unittest\nclass ATest(unittest.TestCase):\n    def test_a(self): pass\n"
    files = {"test_a.py": text, "test_b.py": text}
    line = "python -m unittest test_a; PYTHONPATH=. python -m unittest test_b"
    report = run_checks(make_box(files), Request(line))
    assert [case.name for case in report.cases] == ["test_a.ATest.test_a", "test_b.ATest.test_a"]


def test_the_environments_own_start_file_is_run(make_box: MakeBox) -> None:
    text = (
        "import sys, unittest\n"
        "class ATest(unittest.TestCase):\n"
        "    def test_a(self): self.assertTrue(sys.was_here)\n"
    )
    box = make_box({"own/sitecustomize.py": "import sys; sys.was_here = True", "test_a.py": text})
    report = run_checks(box, Request("PYTHONPATH=own python -m unittest"))
    assert told(report) == [("test_a", "passed")]


def _python(minor: int) -> Path:
    python = shutil.which(f"python3.{minor}")
    # A version manager may have a program of that name for a Python that is not there.
    if python is None or subprocess.run([python, "--version"], capture_output=True).returncode:
        pytest.skip(f"there is no Python 3.{minor}")
    return Path(python)


@pytest.mark.parametrize("minor", range(6, 15))
def test_other_pythons(make_box: MakeBox, minor: int) -> None:
    python = _python(minor)
    box = make_box({"test_it.py": SLOW, "test_other.py": NESTING}, python)
    command = f"{python} -m unittest test_it.SlowTest.test_2_loop test_other.OuterTest"
    request = Request(command, seconds_per_test=2, coverage=True)
    assert told(run_checks(box, request)) == [
        ("test_2_loop", "failed"),
        ("test_1_in_process", "passed"),
        ("test_2_in_another_process", "passed"),
        ("test_3_fork", "passed"),
        ("test_4_after", "passed"),
    ]


def test_django_in_two_processes_tells_each_test_once(tmp_path: Path) -> None:
    pytest.importorskip("django")
    sample = Path(__file__).parents[2] / "samples" / "checks" / "django"
    root = tmp_path / "repository"
    shutil.copytree(sample, root)
    (tmp_path / "scratch").mkdir()
    box = LocalBox(root, tmp_path / "scratch", Path(sys.executable))
    labels = "polls.tests.HalfTest.test_even polls.tests.SimpleHalfTest"
    report = run_checks(box, Request(f"python3 manage.py test --parallel 2 {labels}"))
    assert sorted(told(report)) == [("test_even", "passed")] * 2
