import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.checks.base import Case, Outcome
from tools.checks.junit import read_junit

REPORT = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="outer">
    <testsuite name="inner">
      <testcase classname="a.B" name="good" time="0.25"/>
      <testcase classname="a.B" name="bad" time="1,000.5">
        <failure message="one is not two" type="AssertionError">at line 3</failure>
        <system-out>printed</system-out>
      </testcase>
      <testcase classname="a.B" name="worse"><error><![CDATA[<boom> & more]]></error></testcase>
      <testcase classname="a.B" name="left"><skipped message="not today"/></testcase>
    </testsuite>
    <testcase name="alone"><system-err>harmless</system-err></testcase>
    <testcase/>
  </testsuite>
</testsuites>
"""

LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<testsuite><testcase name="&b;"/></testsuite>
"""


def test_cases_are_read_wherever_they_lie() -> None:
    assert read_junit(REPORT) == [
        Case(name="a.B::good", outcome=Outcome.PASSED, seconds=0.25),
        Case(
            name="a.B::bad",
            outcome=Outcome.FAILED,
            seconds=1000.5,
            message="one is not two\nat line 3\nprinted",
        ),
        Case(name="a.B::worse", outcome=Outcome.ERROR, message="<boom> & more"),
        Case(name="a.B::left", outcome=Outcome.SKIPPED, message="not today"),
        Case(name="alone", outcome=Outcome.PASSED),
        Case(name="outer", outcome=Outcome.PASSED),
    ]


@given(st.integers(0, len(REPORT)))
def test_any_truncation_is_read_up_to_there(end: int) -> None:
    whole = read_junit(REPORT)
    assert read_junit(REPORT[:end]) == whole[: len(read_junit(REPORT[:end]))]


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        '<!DOCTYPE t SYSTEM "http://localhost/t.dtd"><testsuite><testcase name="a"/></testsuite>',
        '<!DOCTYPE t [<!ENTITY f SYSTEM "file:///etc/passwd">]><testsuite name="&f;"/>',
        "<testsuite>" * 200 + '<testcase name="deep"/>' + "</testsuite>" * 200,
        "",
        "no xml",
        "<?xml version='1.0' encoding='utf-7'?>",
        '<testsuite><testcase name="&undefined;"/></testsuite>',
    ],
)
def test_what_no_honest_report_holds_is_refused(text: str) -> None:
    assert read_junit(text) == []


def test_what_stands_before_an_unknown_entity_is_kept() -> None:
    text = '<testsuite><testcase name="a"/><testcase name="&b;"/></testsuite>'
    assert [case.name for case in read_junit(text)] == ["a"]


def test_sizes_are_bounded() -> None:
    text = f'<t><testcase name="{"n" * 10**6}"><failure>{"m" * 10**6}</failure></testcase></t>'
    [case] = read_junit(text)
    assert len(case.name) == 4096
    assert len(case.message) <= 4096


def test_of_two_results_for_one_name_the_graver_stays() -> None:
    text = '<t><testcase name="a"><failure/></testcase><testcase name="a"/></t>'
    assert [case.outcome for case in read_junit(text)] == [Outcome.FAILED]


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "1e999", "soon", ""])
def test_a_time_that_makes_no_sense_is_none(seconds: str) -> None:
    assert read_junit(f'<t><testcase name="a" time="{seconds}"/></t>')[0].seconds == 0


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    read_junit(text)
    read_junit(f"<testsuite><testcase>{text}</testcase></testsuite>")
