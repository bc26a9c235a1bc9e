import re
from pathlib import Path

import jinja2
import pytest

from prompts import render
from tools.actions.base import Excerpt
from tools.actions.catalogue import ACTIONS, UNOFFERED
from tools.checks.base import Case, CoveredLine, Outcome, Report

TEMPLATES = Path(__file__).parent.parent.parent / "prompts"
FAILED = Case(name="test_a", outcome=Outcome.FAILED, seconds=0.5, message="assert 1 == 2\nsecond")


def test_every_action_has_its_description_and_its_observation() -> None:
    for name in ACTIONS | UNOFFERED:
        assert (TEMPLATES / "tools" / f"{name}.md.j2").is_file()
        assert (TEMPLATES / "observations" / f"{name}.md.j2").is_file()


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        render("task_repair")


def test_run_tests_is_read_line_by_line() -> None:
    report = Report(
        command="run",
        cases=[Case(name="test_b", outcome=Outcome.PASSED), FAILED],
        seconds=1.234,
    )
    line = CoveredLine(path="a.py", line=3, failing=1, passing=2)
    text = render("observations/run_tests", report=report, shown=10, ranked=[(0.577, line)])
    assert text.splitlines() == [
        "1 passed, 1 failed, 0 errors, 0 skipped in 1.23 s",
        "FAILED test_a (0.50 s)",
        "    assert 1 == 2",
        "    second",
        "Lines that failing tests ran, most suspicious first (Ochiai and D* score, place, failing"
        " and passing tests that ran it):",
        "0.577 a.py:3 failing=1 passing=2",
    ]


def test_run_tests_names_every_failure_but_shows_only_some() -> None:
    cases = [FAILED.model_copy(update={"name": f"test_{i}"}) for i in range(30)]
    report = Report(command="run", cases=cases)
    text = render("observations/run_tests", report=report, shown=3, ranked=[])
    assert len(re.findall(r"^FAILED test_", text, re.MULTILINE)) == 30
    assert text.count("assert 1 == 2") == 3


def test_run_tests_that_ran_nothing_shows_why() -> None:
    report = Report(command="run", exit_code=4, output="no such option\n", timed_out=True)
    text = render("observations/run_tests", report=report, shown=3, ranked=[])
    assert "killed at its deadline" in text
    assert "exit code 4" in text
    assert "    no such option" in text


def test_cut_output_says_how_to_see_the_rest() -> None:
    text = render(
        "observations/shell",
        exit_code=3,
        timed_out=False,
        timeout=60,
        out_of_memory=False,
        output=Excerpt("head\n", "tail\n", 7),
    )
    assert text.splitlines()[0] == "exit code 3"
    assert "7 lines were cut here" in text
    assert text.endswith("tail")
    ended = {"exit_code": 137, "timeout": 60, "output": Excerpt("")}
    text = render("observations/shell", **ended, timed_out=True, out_of_memory=False)
    assert "killed after 60 seconds" in text
    assert "memory" not in text
    text = render("observations/shell", **ended, timed_out=False, out_of_memory=True)
    assert text.splitlines()[:1] == ["exit code 137"]
    assert "out of memory" in text


def test_the_shared_start_of_both_phases_holds_nothing_that_changes() -> None:
    values = {"code": "# Code {{ x }}\n", "issue": "It {{ breaks }}", "test_command": "pytest"}
    text = render("repository", **values)
    assert text == render("repository", **values)
    assert text.startswith("# Code {{ x }}\n")
    assert text.rstrip().endswith("It {{ breaks }}")
