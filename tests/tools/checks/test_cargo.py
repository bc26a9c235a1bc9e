import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.checks.base import Case, Outcome, Outputs
from tools.checks.cargo import CARGO
from tools.checks.cases import STILL_RUNNING

OUT = """
running 3 tests
test tests::good ... ok
test tests::bad ... FAILED
test tests::slow ... ignored, takes a day
test tests::panics - should panic ... ok

failures:

---- tests::bad stdout ----
thread 'tests::bad' panicked at src/lib.rs:3:5:
one is not two

failures:
    tests::bad

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out
"""
LOG = "ok tests::good\nfailed tests::bad\nignored: takes a day tests::slow\nok tests::panics\n"


def told(**files: str) -> list[tuple[str, str, str]]:
    named = {f"/s/reports/cargo-test-a-b-77.{kind}": text for kind, text in files.items()}
    cases, _ = CARGO.parse(Outputs(files=named))
    return [(case.name, case.outcome.value, case.message) for case in cases]


ALL = [
    ("a-b::tests::good", "passed", ""),
    (
        "a-b::tests::bad",
        "failed",
        "thread 'tests::bad' panicked at src/lib.rs:3:5:\none is not two",
    ),
    ("a-b::tests::slow", "skipped", "takes a day"),
    ("a-b::tests::panics", "passed", ""),
]


def test_the_log_gives_the_results_and_the_output_the_reasons() -> None:
    assert told(log=LOG, out=OUT, code="101\n") == ALL


def test_the_output_gives_both_where_there_is_no_log() -> None:
    assert told(out=OUT, code="101\n") == ALL


def test_what_a_test_prints_counts_for_nothing_beside_the_log() -> None:
    forged = OUT.replace("test tests::bad ... FAILED", "test tests::bad ... ok")
    assert told(log=LOG, out=forged, code="101\n") == ALL


def test_a_binary_that_dies_is_a_case() -> None:
    cases = told(log="ok tests::good\n", out="running 2 tests\nsegmentation fault", code="139\n")
    assert cases[1] == ("a-b", "error", "running 2 tests\nsegmentation fault")


def test_a_binary_that_never_ended_has_failed() -> None:
    assert told(log="ok tests::good\n", out="")[1] == ("a-b", "failed", STILL_RUNNING)


def test_tests_of_the_documentation_are_named_without_their_lines() -> None:
    text = "test src/lib.rs - half (line 3) ... ok\ntest src/lib.rs - twice (line 9) ... FAILED\n"
    cases, _ = CARGO.parse(Outputs(files={"/s/cargo-documentation-1.out": text}))
    assert cases == [
        Case(name="src/lib.rs - half", outcome=Outcome.PASSED),
        Case(name="src/lib.rs - twice", outcome=Outcome.FAILED),
    ]


@pytest.mark.parametrize("kind", ["log", "out", "code"])
@given(text=st.text())
def test_any_text_is_survived(kind: str, text: str) -> None:
    told(**{"log": LOG, "out": OUT, "code": "0", kind: text})
    told(out=f"---- {text} stdout ----\n{text}\nfailures:\n{text}")
