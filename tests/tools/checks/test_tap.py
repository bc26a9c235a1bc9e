import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.checks.base import Outcome
from tools.checks.tap import looks_like_tap, read_tap

STREAM = """\
TAP version 14
1..6
ok 1 - adds
not ok 2 - divides
  ---
  message: 'by zero'
  severity: fail
  ...
# a remark
ok 3
not ok 4 later # TODO some day
ok 5 - elsewhere # SKIP no such device
ok - with \\# in it
"""

NESTED = """\
# Subtest: outer
    ok 1 - first
    not ok 2 - second
    # Failed test 'second'
    1..2
not ok 1 - outer
1..1
"""


def read(text: str, prefix: str = "") -> list[tuple[str, str, str]]:
    return [(case.name, case.outcome.value, case.message) for case in read_tap(text, prefix)]


def test_results_directives_and_reasons() -> None:
    assert read(STREAM) == [
        ("adds", "passed", ""),
        ("divides", "failed", "message: 'by zero'\n  severity: fail\na remark"),
        ("test 3", "passed", ""),
        ("later", "skipped", "some day"),
        ("elsewhere", "skipped", "no such device"),
        ("with # in it", "passed", ""),
    ]


def test_subtests_are_named_behind_what_they_are_of() -> None:
    assert read(NESTED, "t/a.t") == [
        ("t/a.t::outer > first", "passed", ""),
        ("t/a.t::outer > second", "failed", "Failed test 'second'"),
        ("t/a.t::outer", "failed", ""),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1..3\nok 1 a\n", [("a", "passed"), ("plan", "failed")]),
        ("ok 1 a\nBail out! no database\n", [("a", "passed"), ("Bail out!", "error")]),
        ("1..0 # SKIP not here\n", [("plan", "skipped")]),
        ("1..99999999999999999999\nok 1 a\n", [("a", "passed")]),
        ("okay\nnot okay\nok1\n", []),
        ("", []),
    ],
)
def test_streams_that_do_not_end_well(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(name, outcome) for name, outcome, _ in read(text)] == expected


@pytest.mark.parametrize(
    ("text", "is_tap"),
    [
        (STREAM, True),
        ("noise\n1..1\nok 1 - a\n", True),
        ("ok  example.com/pkg 0.1s\n", False),
        ("ok\n1..2 of them\n", False),
        ("", False),
    ],
)
def test_a_stream_is_told_from_other_output(text: str, is_tap: bool) -> None:
    assert looks_like_tap(text) is is_tap


@given(st.integers(0, len(STREAM)))
def test_a_truncation_makes_no_failure_a_success(end: int) -> None:
    whole = {name: outcome for name, outcome, _ in read(STREAM)}
    passed = [case.name for case in read_tap(STREAM[:end]) if case.outcome is Outcome.PASSED]
    assert all(whole.get(name) != "failed" for name in passed)


@given(st.text(), st.text())
def test_any_text_is_survived(text: str, prefix: str) -> None:
    read_tap(text, prefix)
    read_tap(f"1..2\nok {text}\n{text}", prefix)


def test_a_flood_is_cut_off() -> None:
    assert read_tap("\n" * 1_000_000 + STREAM) == []
