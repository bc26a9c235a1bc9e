"""Every way a test can end, seen through the real pytest: one run, many questions."""

import pytest

from doubles.local_box import LocalBox, MakeBox
from tools.checks.base import Case, Outcome, Report, Request
from tools.checks.run import run_checks

TESTS = r"""
    import unittest
    import pytest

    @pytest.fixture
    def never_up():
        raise ValueError("no such fixture data")

    @pytest.fixture
    def never_down():
        yield
        raise ValueError("cannot be cleaned up")

    def test_passes(): pass
    def test_fails(): assert 1 == 2
    def test_setup(never_up): pass
    def test_teardown(never_down): pass
    def test_fails_and_teardown(never_down): assert 3 == 4
    def test_long(): assert False, "first words " + "x\n" * 5000 + "last words"

    @pytest.mark.skip(reason="not today")
    def test_skip(): pass
    @pytest.mark.xfail(reason="known")
    def test_expected_failure(): assert 0
    @pytest.mark.xfail
    def test_unexpected_pass(): pass
    @pytest.mark.xfail(strict=True)
    def test_strict_unexpected_pass(): pass

    @pytest.mark.parametrize("text", ["a b", "[x::y]", "q'\"$(id)", "é\n", "/", ""])
    def test_odd(text): assert text != "a b"

    class TestClass:
        def test_method(self): assert 0

    class TestOld(unittest.TestCase):
        def test_fails(self): self.assertEqual(1, 2)
        def test_passes(self): self.assertEqual(1, 1)
        @unittest.skip("old and skipped")
        def test_skipped(self): pass
        @unittest.expectedFailure
        def test_expected(self): self.fail()
        @unittest.expectedFailure
        def test_unexpected(self): pass
        def test_parts(self):
            for number in range(3):
                with self.subTest(number=number):
                    self.assertEqual(number, 0)
"""


@pytest.fixture(scope="module")
def box(make_box: MakeBox) -> LocalBox:
    return make_box(
        {
            "tests/test_it.py": TESTS,
            "tests/test_import.py": "import nothing_of_this_name",
            "tests/test_syntax.py": "def f(:",
            "tests/test_whole.py": "import pytest; pytest.importorskip('nothing_of_this_name')",
            "pytest.ini": "[pytest]\naddopts = -p no:cacheprovider -q\n",
        }
    )


@pytest.fixture(scope="module")
def report(box: LocalBox) -> Report:
    return run_checks(box, Request("python -m pytest"))


def case(report: Report, name: str) -> Case:
    return next(case for case in report.cases if case.name == name)


@pytest.mark.parametrize(
    ("name", "outcome", "message"),
    [
        ("test_passes", "passed", ""),
        ("test_fails", "failed", "assert 1 == 2"),
        ("test_setup", "error", "at setup:\n"),
        ("test_setup", "error", "no such fixture data"),
        ("test_teardown", "error", "cannot be cleaned up"),
        ("test_fails_and_teardown", "failed", "assert 3 == 4"),
        ("test_long", "failed", "first words"),
        ("test_long", "failed", "last words"),
        ("test_skip", "skipped", "not today"),
        ("test_expected_failure", "skipped", "expected to fail: known"),
        ("test_unexpected_pass", "passed", ""),
        ("test_strict_unexpected_pass", "failed", "XPASS(strict)"),
        ("TestClass::test_method", "failed", "assert 0"),
        ("TestOld::test_fails", "failed", "1 != 2"),
        ("TestOld::test_passes", "passed", ""),
        ("TestOld::test_skipped", "skipped", "old and skipped"),
        ("TestOld::test_expected", "skipped", ""),
        ("TestOld::test_unexpected", "failed", "Unexpected success"),
        ("TestOld::test_parts", "failed", "1 != 0"),
        ("test_odd[a b]", "failed", ""),
        ("test_odd[[x::y]]", "passed", ""),
        ("test_odd[q'\"$(id)]", "passed", ""),
        ("test_odd[\\xe9\\n]", "passed", ""),
        ("test_odd[/]", "passed", ""),
        ("test_odd[]", "passed", ""),
    ],
)
def test_outcome(report: Report, name: str, outcome: str, message: str) -> None:
    found = case(report, f"tests/test_it.py::{name}")
    assert (found.outcome, message in found.message) == (outcome, True)
    assert len(found.message) <= 2048
    assert (found.message == "") == (outcome == "passed")


@pytest.mark.parametrize(
    ("name", "outcome", "message"),
    [
        ("test_import.py", "error", "No module named 'nothing_of_this_name'"),
        ("test_syntax.py", "error", "SyntaxError"),
        ("test_whole.py", "skipped", "could not import"),
    ],
)
def test_a_file_that_cannot_be_collected_is_a_case(
    report: Report, name: str, outcome: str, message: str
) -> None:
    found = case(report, f"tests/{name}")
    assert found.outcome == outcome
    assert message in found.message


def test_the_report_tells_how_the_command_ended(report: Report, box: LocalBox) -> None:
    assert report.command == "python -m pytest"
    assert report.exit_code == 1
    assert not report.timed_out
    assert report.seconds > 0
    assert "short test summary" in report.output
    assert report.lines == []
    assert box.calls <= 2


@pytest.mark.parametrize(
    "asked",
    [
        ["test_passes"],
        ["test_odd[[x::y]]", "test_odd[q'\"$(id)]", "test_odd[\\xe9\\n]", "test_odd[]"],
        ["TestOld::test_passes", "test_skip"],
    ],
)
def test_only_what_is_asked_for_runs(box: LocalBox, asked: list[str]) -> None:
    names = [f"tests/test_it.py::{name}" for name in asked]
    # The command names another file, and one of the names is of a test that is no more.
    command = "cd tests && python -m pytest test_import.py"
    report = run_checks(box, Request(command, tests=[*names, "tests/test_gone.py::test_x"]))
    assert sorted(case.name for case in report.cases) == sorted(names)
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("asked", "count"), [("test_odd", 6), ("TestOld", 6), ("", 23), ("test_gone", 0)]
)
def test_a_whole_that_is_asked_for_runs_all_of_it(box: LocalBox, asked: str, count: int) -> None:
    name = f"tests/test_it.py::{asked}" if asked else "tests/test_it.py"
    assert len(run_checks(box, Request("python -m pytest", tests=[name])).cases) == count


def test_the_first_failure_can_be_the_last_test(box: LocalBox) -> None:
    report = run_checks(
        box, Request("python -m pytest tests/test_it.py", tests=["tests"], stop_early=True)
    )
    assert len(report.broken) == 1


def test_a_thousand_names_need_no_longer_command_line(box: LocalBox) -> None:
    tests = [f"tests/test_it.py::test_{'x' * 200}[{number}]" for number in range(2000)]
    report = run_checks(
        box, Request("python -m pytest", tests=[*tests, "tests/test_it.py::test_passes"])
    )
    assert [(case.name, case.outcome) for case in report.cases] == [
        ("tests/test_it.py::test_passes", Outcome.PASSED)
    ]
