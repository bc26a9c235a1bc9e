from collections.abc import Callable

import pytest

from agent.model.base import ModelUnreachable
from agent.model.retry import Patience, TryAgain


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def patience(self, chance: float = 1.0) -> Patience:
        return Patience(sleep=self.sleep, clock=lambda: self.now, chance=lambda: chance)


def failing(times: int, wait: float | None = None, *, away: bool = False) -> Callable[[], str]:
    left = [times]

    def attempt() -> str:
        left[0] -= 1
        if left[0] >= 0:
            raise TryAgain(ModelUnreachable(f"{left[0]} to go"), wait, away=away)
        return "answer"

    return attempt


def test_an_answer_needs_no_patience() -> None:
    clock = Clock()
    assert clock.patience().keep_trying(failing(0)) == "answer"
    assert clock.slept == []


def test_pauses_grow() -> None:
    clock = Clock()
    assert clock.patience().keep_trying(failing(4)) == "answer"
    assert clock.slept == [1, 2, 4, 8]


def test_pauses_are_as_long_as_chance_has_it() -> None:
    clock = Clock()
    clock.patience(chance=0.25).keep_trying(failing(3))
    assert clock.slept == [0.25, 0.5, 1]


def test_the_server_may_ask_for_longer_ones() -> None:
    clock = Clock()
    clock.patience().keep_trying(failing(2, wait=10))
    assert clock.slept == [10, 10]


def test_a_server_that_fails_is_tried_five_times() -> None:
    clock = Clock()
    with pytest.raises(ModelUnreachable, match="3 to go"):
        clock.patience().keep_trying(failing(8))
    assert len(clock.slept) == 4


def test_a_server_that_is_away_is_waited_for() -> None:
    clock = Clock()
    assert clock.patience().keep_trying(failing(40, away=True)) == "answer"
    assert max(clock.slept) == 20


def test_but_not_for_ever() -> None:
    clock = Clock()
    with pytest.raises(ModelUnreachable):
        clock.patience().keep_trying(failing(1000, away=True))
    assert 860 < clock.now <= 900


def test_also_when_the_clock_stands_still() -> None:
    slept: list[float] = []
    patience = Patience(sleep=slept.append, clock=lambda: 0.0, chance=lambda: 1.0)
    with pytest.raises(ModelUnreachable):
        patience.keep_trying(failing(1000, away=True))
    assert sum(slept) <= 900


@pytest.mark.parametrize("away", [False, True])
def test_no_wait_is_longer_than_the_patience(away: bool) -> None:
    clock = Clock()
    with pytest.raises(ModelUnreachable, match="7 to go"):
        clock.patience().keep_trying(failing(8, wait=3600, away=away))
    assert clock.slept == []


def test_somebody_is_told_of_each_pause() -> None:
    told: list[tuple[str, float]] = []
    Clock().patience().keep_trying(failing(2), lambda why, seconds: told.append((why, seconds)))
    assert told == [("1 to go", 1.0), ("0 to go", 2.0)]
