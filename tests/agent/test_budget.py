"""What was spent is what the journal says; the first bound that is reached ends the run."""

from datetime import UTC, datetime
from typing import Any

import pytest

from agent.budget import Budget, Price, exhausted, spent
from agent.events import Consulted, Replied
from agent.journal import Entry
from agent.model.base import AssistantMessage, Reply, Usage

PRICE = Price(prompt=2.0, cached=0.5, completion=8.0)
LOOSE = Budget(steps=9, tokens=10_000_000, minutes=9, gpus=4, price=PRICE)


def entry(event: Any) -> Entry:
    return Entry.model_validate(
        {"key": "", "time": datetime.now(UTC), "elapsed": 0, "event": event}
    )


REPLY = Reply(
    message=AssistantMessage(content="hm"),
    usage=Usage(prompt=1_000_000, cached=500_000, completion=100_000),
    seconds=2.5,
)
ENTRIES = [
    entry(Replied(turn=1, reply=REPLY)),
    entry(Consulted(purpose="notes", asked=[], reply=REPLY)),
]


def test_every_reply_is_paid_and_only_turns_are_steps() -> None:
    used = spent(ENTRIES, 60.0, LOOSE)
    assert (used.steps, used.tokens, used.seconds) == (1, 2_200_000, 60.0)
    assert (used.prompt, used.cached, used.completion) == (2_000_000, 1_000_000, 200_000)
    assert (used.model_seconds, used.gpu_seconds) == (5.0, 20.0)
    assert used.money == pytest.approx(2 * (1.0 + 0.25 + 0.8))


def test_without_a_price_no_money_is_counted_and_none_can_run_out() -> None:
    budget = LOOSE.model_copy(update={"price": None, "money": 0.01})
    used = spent(ENTRIES, 0.0, budget)
    assert used.money is None
    assert exhausted(budget, used) == ""


@pytest.mark.parametrize(
    ("bound", "reason"),
    [
        ({"steps": 1}, "1 steps"),
        ({"tokens": 2_200_000}, "2200000 tokens"),
        ({"minutes": 1}, "1 minutes"),
        ({"gpu_seconds": 20}, "20 GPU-seconds"),
        ({"money": 4.1}, "4.1 in money"),
    ],
)
def test_each_bound_ends_the_run(bound: dict[str, Any], reason: str) -> None:
    used = spent(ENTRIES, 60.0, LOOSE)
    assert exhausted(LOOSE, used) == ""
    assert reason in exhausted(LOOSE.model_copy(update=bound), used)
