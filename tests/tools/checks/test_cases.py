import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.checks.base import Outcome
from tools.checks.cases import STILL_RUNNING, Cases, clean, plain, related, shortened


def told(cases: Cases) -> list[tuple[str, str]]:
    return [(case.name, case.outcome.value) for case in cases.ended()]


def test_what_is_told_for_good_stands_whatever_was_told_before() -> None:
    cases = Cases()
    cases.end("a", Outcome.FAILED, final=False)
    cases.end("b", Outcome.PASSED, final=False)
    cases.end("a", Outcome.PASSED)
    assert told(cases) == [("a", "passed"), ("b", "passed")]


def test_what_has_begun_must_end() -> None:
    cases = Cases()
    for name in ("file", "other file", "test"):
        cases.start(name)
    cases.leave("file")
    cases.end("test", Outcome.PASSED)
    assert told(cases) == [("test", "passed"), ("other file", "failed")]
    assert cases.ended()[1].message == STILL_RUNNING


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("a.py::Test::one", "a.py::Test::one"),
        ("a.py::Test::one[1]", "a.py::Test::one"),
        ("a.py", "a.py::Test"),
        ("com.x.Half#odd", "com.x"),
        ("test/a.js::half > odd", "test/a.js::half"),
        ("m/text::TestHalf/even", "m/text"),
    ],
)
def test_names_of_which_one_lies_in_the_other(name: str, other: str) -> None:
    assert related(name, other)
    assert related(other, name)


@pytest.mark.parametrize(
    ("name", "other"),
    [("a.py::Tester", "a.py::Test"), ("a.py", "b.py"), ("half_of", "half"), ("x::one", "x::two")],
)
def test_names_that_only_begin_alike(name: str, other: str) -> None:
    assert not related(name, other)


@given(st.text(), st.text())
def test_being_related_is_mutual(name: str, other: str) -> None:
    assert related(name, other) == related(other, name)


@given(st.text(st.characters(codec=None)))
def test_cleaned_text_can_be_stored(text: str) -> None:
    assert "\0" not in clean(text).encode().decode()


@given(st.text(), st.integers(30, 100))
def test_a_short_form_is_short_and_keeps_both_ends(text: str, longest: int) -> None:
    short = shortened(text, longest)
    assert len(short) <= longest
    assert text[:10] == short[:10]
    assert text[-10:] == short[-10:]


def test_colours_fall_away() -> None:
    assert plain("\x1b[31m\x1b[1mred\x1b[0m [31m") == "red [31m"
