from hypothesis import given
from hypothesis import strategies as st

from tools.checks.base import Case, Outcome
from tools.checks.cases import STILL_RUNNING
from tools.checks.teamcity import read_teamcity

LOG = """\
##teamcity[testStarted name='one' locationHint='php_qn:///a.php::\\A::one' flowId='1']
##teamcity[testFinished name='one' duration='5' flowId='1']
PHPUnit says something
##teamcity[testStarted name='t|'w|[o|]' locationHint='php_qn:///a.php::\\A::two' flowId='1']
##teamcity[testFailed name='t|'w|[o|]' message='not|nequal |0x00e9' details=' a.php:3' duration='0']
##teamcity[testFinished name='t|'w|[o|]' duration='x' flowId='1']
##teamcity[testStarted name='three' flowId='1']
##teamcity[testIgnored name='three' message='not yet' flowId='1']
##teamcity[testFinished name='three' duration='0' flowId='1']
##teamcity[testStarted name='four' flowId='1']
"""


def read(text: str) -> list[Case]:
    return read_teamcity(text, lambda name, location: f"{location[-5:]}/{name}")


def test_a_log_that_was_cut_off() -> None:
    assert read(LOG) == [
        Case(name="::one/one", outcome=Outcome.PASSED, seconds=0.005),
        Case(name="::two/t'w[o]", outcome=Outcome.FAILED, message="not\nequal é\n a.php:3"),
        Case(name="/three", outcome=Outcome.SKIPPED, message="not yet"),
        Case(name="/four", outcome=Outcome.FAILED, message=STILL_RUNNING),
    ]


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    read(text)
    read(f"##teamcity[testStarted name='{text}' locationHint='{text}']\n" + LOG)


@given(st.integers(0, len(LOG)))
def test_a_truncation_makes_no_failure_a_success(end: int) -> None:
    passed = {case.name for case in read(LOG[:end]) if case.outcome is Outcome.PASSED}
    assert passed <= {"::one/one"}
