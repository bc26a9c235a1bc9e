"""Reports in files that the user names, and reports that a command prints."""

import pytest

from doubles.local_box import LocalBox, MakeBox
from tools.checks.base import Case, Outcome, Report, Request
from tools.checks.run import run_checks

XML = '<testsuite><testcase classname="a.B" name="{name}"><{child}/></testcase></testsuite>'
PASSING = XML.format(name="good", child="properties")
FAILING = XML.format(name="bad", child="failure")
TAP = "1..2\nok 1 - adds\nnot ok 2 - divides\n"


def told(report: Report) -> list[tuple[str, str]]:
    return [(case.name, case.outcome.value) for case in report.cases]


@pytest.fixture
def box(make_box: MakeBox) -> LocalBox:
    return make_box(
        {
            "old/deep/left.xml": XML.format(name="forged", child="properties"),
            "write": "mkdir -p out/deep\ncp -p good out/deep/a.xml\ncat bad > out/b.xml\nexit 1\n",
            "good": PASSING,
            "bad": FAILING,
            "tap": TAP,
        }
    )


def test_named_reports_are_read_wherever_they_lie(box: LocalBox) -> None:
    command = "mkdir -p out/deep; cat good > out/deep/a.xml; cat bad > out/b.xml; exit 1"
    report = run_checks(box, Request(command, report="out/*.xml"))
    assert told(report) == [("a.B::bad", "failed"), ("a.B::good", "passed")]
    assert report.framework == "report files"


def test_a_report_that_was_there_before_is_not_read(box: LocalBox) -> None:
    before = (box.root / "old/deep/left.xml").read_bytes()
    report = run_checks(box, Request("true", report="./old/*.xml"))
    assert told(report) == [("true", "passed")]
    assert (box.root / "old/deep/left.xml").read_bytes() == before


def test_one_that_is_written_anew_is(box: LocalBox) -> None:
    report = run_checks(box, Request("cat bad > old/deep/left.xml", report="old/*.xml"))
    assert told(report) == [("a.B::bad", "failed")]


def test_tap_is_known_by_its_content(box: LocalBox) -> None:
    report = run_checks(box, Request("cat tap > out.tap; exit 1", report="*.tap"))
    assert told(report) == [("out.tap::adds", "passed"), ("out.tap::divides", "failed")]


@pytest.mark.parametrize(
    "command", ["cat good > out.xml; exit 3", "cat good > out.xml; kill -9 $$"]
)
def test_a_failure_that_no_report_tells_is_not_hidden(box: LocalBox, command: str) -> None:
    report = run_checks(box, Request(command, report="out.xml"))
    assert told(report) == [("a.B::good", "passed"), (command, "failed")]


def test_tests_are_chosen_from_the_report(box: LocalBox) -> None:
    request = Request("cat tap > out.tap; exit 1", report="*.tap", tests=["out.tap::adds"])
    assert told(run_checks(box, request)) == [("out.tap::adds", "passed")]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cat tap; exit 1", [("adds", "passed"), ("divides", "failed")]),
        ("echo begun; cat bad; exit 1", [("a.B::bad", "failed")]),
        ("echo begun; cat good; exit 1", [("a.B::good", "passed"), (None, "failed")]),
        ("echo ok 1", [(None, "passed")]),
        ("echo 'ok  example.com/a  0.1s'", [(None, "passed")]),
    ],
)
def test_what_a_command_prints_is_read_where_nobody_reports(
    box: LocalBox, command: str, expected: list[tuple[str | None, str]]
) -> None:
    cases = told(run_checks(box, Request(command)))
    assert cases == [(name or command, outcome) for name, outcome in expected]


def test_a_plan_that_was_not_kept_is_a_failure(box: LocalBox) -> None:
    report = run_checks(box, Request("printf '1..2\\nok 1 - adds\\n'"))
    assert report.cases[1] == Case(
        name="plan", outcome=Outcome.FAILED, message="2 tests were planned, and 1 were told of"
    )
