from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.code.pack.fit import MOST_COUNTS, fullest


@dataclass(frozen=True)
class Draft:
    text: str


def compose(most: int) -> Callable[[int], Draft]:
    return lambda units: Draft("x" * min(units, most))


class Counter:
    """Counts by a formula, and remembers what it was asked."""

    def __init__(self, formula: Callable[[int], float]) -> None:
        self.formula = formula
        self.lengths: list[int] = []

    def __call__(self, text: str) -> int:
        self.lengths.append(len(text))
        return max(0, int(self.formula(len(text))))


@pytest.mark.parametrize("rate", [0.05, 0.29, 1.0, 4.0])
@pytest.mark.parametrize("frame", [0, 40, 3_000])
def test_the_budget_is_nearly_filled_in_a_few_counts(rate: float, frame: int) -> None:
    counter = Counter(lambda length: frame + rate * length)
    found = fullest(compose(10_000_000), counter, budget=8_000, frame=frame)
    assert found is not None
    assert 0.95 * 8_000 <= found[1] <= 8_000
    assert counter(found[0].text) == found[1]
    assert len(counter.lengths) <= 5


def test_all_there_is_may_be_less_than_the_budget() -> None:
    counter = Counter(lambda length: length)
    found = fullest(compose(500), counter, budget=10_000, frame=0)
    assert found == (Draft("x" * 500), 500)
    assert len(counter.lengths) == 1


@pytest.mark.parametrize("budget", [0, 5, 30])
def test_where_nothing_fits_there_is_nothing(budget: int) -> None:
    assert (
        fullest(compose(100), Counter(lambda length: 30 + length), budget=budget, frame=30) is None
    )
    assert fullest(compose(10**6), Counter(lambda _: 10**9), budget=10**4, frame=0) is None


formulas = st.sampled_from(
    [
        lambda length: length * 7 % 1013,
        lambda length: 5_000 - length,
        lambda length: length**2,
        lambda length: length // 1000 * 1000,
        lambda length: 2_000 if length else 0,
        lambda length: 0,
        lambda length: length + 300 * (length % 2),
        lambda length: 3 * length if length > 700 else 0,
    ]
)


@given(formulas, st.integers(0, 20_000), st.integers(0, 3_000))
def test_any_counter_is_believed_and_asked_a_few_times(
    formula: Callable[[int], float], budget: int, frame: int
) -> None:
    counter = Counter(formula)
    found = fullest(compose(100_000), counter, budget=budget, frame=frame)
    assert len(counter.lengths) <= MOST_COUNTS
    assert sum(counter.lengths) <= 100_000 * MOST_COUNTS
    if found is not None:
        assert counter(found[0].text) == found[1] <= budget
