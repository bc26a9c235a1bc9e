import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.checks.base import Outcome
from tools.checks.cases import STILL_RUNNING, Asked, Cases, clean, plain, shortened


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
        ("a.py::Test", "a.py"),
        ("com.x.Half#odd", "com.x"),
        ("test/a.js::half > odd", "test/a.js::half"),
        ("m/text::TestHalf/even", "m/text"),
    ],
)
def test_a_name_that_lies_in_another(name: str, other: str) -> None:
    assert Asked([other]).holds(name)
    assert Asked([name]).lies_in(other) == (name != other)


@pytest.mark.parametrize(
    ("name", "other"),
    [("a.py::Tester", "a.py::Test"), ("b.py", "a.py"), ("half_of", "half"), ("x::two", "x::one")],
)
def test_names_that_only_begin_alike(name: str, other: str) -> None:
    assert not Asked([other]).holds(name)
    assert not Asked([name]).lies_in(other)


@given(st.lists(st.text()), st.text())
def test_one_lies_in_the_other_or_it_does_not(names: list[str], name: str) -> None:
    assert Asked(names).lies_in(name) == any(
        Asked([name]).holds(other) and other != name and name for other in names
    )
    assert Asked([*names, name]).holds(name)


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
