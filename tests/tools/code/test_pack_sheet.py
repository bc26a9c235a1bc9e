from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tools.code.pack.sheet import ELISION_WEIGHT, Sheet
from tools.code.pack.weight import UNITS_PER_LINE, weigh

lines = st.lists(st.text(st.sampled_from("ab é\t文"), max_size=30), max_size=30)
spans = st.lists(st.tuples(st.integers(-2, 35), st.integers(-2, 35)), max_size=8)


def numbers(stretches: list[tuple[int, int]]) -> list[int]:
    return [line for first, last in stretches for line in range(first, last + 1)]


@given(lines, spans)
def test_runs_and_gaps_share_the_lines_among_them(
    text: list[str], shown: list[tuple[int, int]]
) -> None:
    sheet = Sheet(text)
    sheet.show(shown)
    wanted = [
        line
        for line in range(1, len(text) + 1)
        if any(first <= line <= last for first, last in shown)
    ]
    assert numbers(sheet.runs()) == wanted
    assert sorted(numbers(sheet.runs()) + numbers(sheet.gaps())) == list(range(1, len(text) + 1))
    assert all(sheet.shows(span) for span in shown)
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(sheet.runs()))
    assert numbers(sheet.blank().runs()) == []


@given(lines, spans, st.tuples(st.integers(1, 30), st.integers(1, 30)))
def test_what_is_shown_costs_nothing_more(
    text: list[str], shown: list[tuple[int, int]], span: tuple[int, int]
) -> None:
    sheet = Sheet(text)
    sheet.show(shown)
    cost = sheet.cost([span])
    assert cost >= 0
    assert (cost == 0) == sheet.shows(span)
    sheet.show([span])
    assert sheet.cost([span]) == 0


@given(lines)
def test_a_span_weighs_what_its_text_weighs(text: list[str]) -> None:
    sheet = Sheet(text)
    joined = "\n".join(text)
    assert sheet.weight((1, len(text))) == (weigh(joined) or UNITS_PER_LINE * len(text))
    assert sheet.weight((0, 99)) == sheet.weight((1, len(text)))


def test_a_neighbour_costs_no_elision_and_between_two_it_saves_one() -> None:
    sheet = Sheet(["x" * 96] * 5)
    assert sheet.cost([(1, 1)]) == 100 + ELISION_WEIGHT
    sheet.show([(1, 1)])
    assert sheet.cost([(2, 2)]) == 100
    sheet.show([(3, 3)])
    assert sheet.cost([(2, 2)]) == 100 - ELISION_WEIGHT


def test_a_gap_that_costs_no_more_than_its_elision_is_closed() -> None:
    sheet = Sheet(["one", "", "", "two", *["long " * 20] * 3, "three"])
    sheet.show([(1, 1), (4, 4), (8, 8)])
    sheet.close_gaps()
    assert sheet.runs() == [(1, 4), (8, 8)]
    untouched = Sheet(["a", "b"])
    untouched.close_gaps()
    assert untouched.runs() == []
