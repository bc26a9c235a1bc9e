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


def failing(times: int, wait: float | None = None) -> Callable[[], str]:
    left = [times]

    def attempt() -> str:
        left[0] -= 1
        if left[0] >= 0:
            raise TryAgain(ModelUnreachable(f"{left[0]} to go"), wait)
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


def test_after_five_tries_it_is_over() -> None:
    clock = Clock()
    with pytest.raises(ModelUnreachable, match="3 to go"):
        clock.patience().keep_trying(failing(8))
    assert len(clock.slept) == 4


def test_no_wait_goes_beyond_a_minute() -> None:
    clock = Clock()
    with pytest.raises(ModelUnreachable):
        clock.patience().keep_trying(failing(8, wait=25))
    assert clock.slept == [25, 25]
