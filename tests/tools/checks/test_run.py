"""Commands of all sorts, and runs that end before any test."""

import os
from dataclasses import replace
from typing import Any

import pytest

from doubles.local_box import LocalBox, MakeBox
from sandbox.base import Completed
from tools.checks.base import Case, Outcome, Request
from tools.checks.run import TAIL, run_checks

MAKEFILE = "test:\n\tpython -m pytest -q\nlint:\n\t@echo all wrong; exit 3\nfine:\n\ttrue\n"
TESTS = "def test_good(): pass\ndef test_bad(): assert 0\n"


@pytest.fixture(scope="module")
def box(make_box: MakeBox) -> LocalBox:
    return make_box({"Makefile": MAKEFILE, "test_it.py": TESTS})


def outcomes(cases: list[Case]) -> list[tuple[str, str]]:
    return [(case.name, case.outcome.value) for case in cases]


BOTH = [("test_it.py::test_good", "passed"), ("test_it.py::test_bad", "failed")]


def test_pytest_is_seen_through_make(box: LocalBox) -> None:
    report = run_checks(box, Request("make test"))
    assert outcomes(report.cases) == BOTH
    assert report.exit_code == 2


def test_tests_are_chosen_through_make(box: LocalBox) -> None:
    report = run_checks(box, Request("make test", tests=["test_it.py::test_good"]))
    assert outcomes(report.cases) == BOTH[:1]
    assert report.exit_code == 0


def test_a_failure_behind_pytest_is_not_hidden(box: LocalBox) -> None:
    command = "python -m pytest -k good && make lint"
    report = run_checks(box, Request(f"eval '{command}'"))
    assert outcomes(report.cases) == [*BOTH[:1], (f"eval '{command}'", "failed")]


def test_any_other_command_is_one_case(box: LocalBox) -> None:
    report = run_checks(box, Request("make lint"))
    assert outcomes(report.cases) == [("make lint", "failed")]
    assert report.cases[0].message.startswith("exit code 2\nall wrong\n")
    assert report.exit_code == 2


def test_and_passes_by_its_exit_code(box: LocalBox) -> None:
    report = run_checks(box, Request("make fine"))
    assert report.cases == [Case(name="make fine", outcome=Outcome.PASSED)]


@pytest.mark.parametrize("command", ["exit 4", "exec false", "make 'fine", "set -e; false; true"])
def test_a_command_cannot_step_out_of_its_line(box: LocalBox, command: str) -> None:
    report = run_checks(box, Request(command))
    assert outcomes(report.cases) == [(command, "failed")]
    assert report.exit_code != 0


def test_a_killed_command_has_failed(box: LocalBox) -> None:
    report = run_checks(box, Request("echo begun; sleep 30", timeout=2))
    assert report.timed_out
    assert outcomes(report.cases) == [("echo begun; sleep 30", "failed")]
    assert report.cases[0].message.endswith("\nbegun")


@pytest.mark.parametrize(
    ("command", "exit_code", "output"),
    [
        ("python -m pytest --no-such-option", 4, "--no-such-option"),
        ("python -S -m pytest", 1, "No module named pytest"),
        ("pytest-that-is-nowhere/pytest", 127, "not found"),
    ],
)
def test_pytest_that_does_not_start_speaks_by_its_output(
    box: LocalBox, command: str, exit_code: int, output: str
) -> None:
    report = run_checks(box, Request(command))
    assert report.cases == []
    assert report.exit_code == exit_code
    assert output in report.output


def test_only_the_end_of_the_output_is_kept(box: LocalBox) -> None:
    report = run_checks(box, Request("seq 100000"))
    assert report.output.endswith("\n99999\n100000\n")
    assert report.output[:5].isdigit()
    assert len(report.output) <= TAIL


def test_that_the_memory_was_full_is_said(box: LocalBox, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = box.shell

    def full(*arguments: Any, **options: Any) -> Completed:
        return replace(shell(*arguments, **options), out_of_memory=True)

    monkeypatch.setattr(box, "shell", full)
    report = run_checks(box, Request("exit 137"))
    assert report.output.endswith("out of memory: the tests needed more than the sandbox has\n")


def test_no_run_leaves_anything_in_the_repository(make_box: MakeBox) -> None:
    box = make_box({"Makefile": MAKEFILE, "test_it.py": TESTS})
    run_checks(box, Request("python -m pytest -p no:cacheprovider", coverage=True))
    assert sorted(path.name for path in box.root.iterdir()) == ["Makefile", "test_it.py"]


def test_a_report_that_a_test_has_replaced_does_not_block(make_box: MakeBox) -> None:
    tests = """
        import glob, os, sys
        def test_it():
            python = os.environ["PYTHONPATH"].split(":")[0]
            [report] = glob.glob(python + "/../reports/events.jsonl")
            os.remove(report)
            os.mkfifo(report)
            os._exit(0)
    """
    report = run_checks(make_box({"test_it.py": tests}), Request("python -m pytest"))
    assert report.cases == []
    assert report.exit_code == 0


def test_an_edit_within_the_second_is_seen(make_box: MakeBox) -> None:
    box = make_box({"code.py": "", "app.py": "ONE = 1\n", "test_it.py": "import app\n" + TESTS})
    (box.root / "test_it.py").write_text("import app\ndef test_it(): assert app.ONE == 1\n")
    assert run_checks(box, Request("python -m pytest")).exit_code == 0
    before = (box.root / "app.py").stat()
    (box.root / "app.py").write_text("ONE = 2\n")
    os.utime(box.root / "app.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert run_checks(box, Request("python -m pytest")).exit_code == 1
