"""What a run may spend, and what its journal says it has spent."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from agent.events import Consulted, Replied
from agent.journal import Entry
from agent.model.base import Usage

_MILLION = 1_000_000


class Price(BaseModel):
    """What a million tokens cost, in whatever currency; unknown unless somebody says."""

    model_config = ConfigDict(frozen=True)

    prompt: float
    cached: float
    """Of a prompt, what the server took from its prefix cache."""
    completion: float

    def of(self, usage: Usage) -> float:
        """The cost of one reply."""
        fresh = (usage.prompt - usage.cached) * self.prompt
        return (fresh + usage.cached * self.cached + usage.completion * self.completion) / _MILLION


class Budget(BaseModel):
    """Bounds of a run; the first that is reached ends its conversation."""

    model_config = ConfigDict(frozen=True)

    steps: int
    """Replies of the model."""
    tokens: int
    """Tokens of prompts and completions together, as the server counts them."""
    minutes: float
    """Minutes of running time, pauses between processes left out."""
    gpu_seconds: float | None = None
    """Seconds that GPUs were busy with replies; None for no bound."""
    money: float | None = None
    """In the currency of ``price``; None for no bound."""
    gpus: int = 1
    """GPUs that the model is served on; each is counted as busy while a reply is waited for."""
    price: Price | None = None


class Spent(BaseModel):
    """What a run has used so far."""

    model_config = ConfigDict(frozen=True)

    steps: int
    tokens: int
    seconds: float
    prompt: int = 0
    """Tokens of prompts."""
    cached: int = 0
    """Of those, how many servers took from their prefix caches."""
    completion: int = 0
    """Tokens of completions."""
    model_seconds: float = 0.0
    """Seconds that replies took, from the request to their end."""
    gpu_seconds: float = 0.0
    money: float | None = None
    """None where no price is known."""


def spent(entries: Iterable[Entry], elapsed: float, budget: Budget) -> Spent:
    """Add up the replies of a journal."""
    events = [e.event for e in entries if isinstance(e.event, Replied | Consulted)]
    usages = [event.reply.usage for event in events]
    busy = sum(event.reply.seconds for event in events)
    price = budget.price
    return Spent(
        steps=sum(isinstance(event, Replied) for event in events),
        tokens=sum(usage.total for usage in usages),
        seconds=elapsed,
        prompt=sum(usage.prompt for usage in usages),
        cached=sum(usage.cached for usage in usages),
        completion=sum(usage.completion for usage in usages),
        model_seconds=busy,
        gpu_seconds=busy * budget.gpus,
        money=None if price is None else sum(price.of(usage) for usage in usages),
    )


def exhausted(budget: Budget, used: Spent) -> str:
    """Which bound was reached, as a line for people; empty when none was."""
    if used.steps >= budget.steps:
        return f"the budget of {budget.steps} steps is spent"
    if used.tokens >= budget.tokens:
        return f"the budget of {budget.tokens} tokens is spent"
    if used.seconds >= budget.minutes * 60:
        return f"the budget of {budget.minutes:g} minutes is spent"
    if budget.gpu_seconds is not None and used.gpu_seconds >= budget.gpu_seconds:
        return f"the budget of {budget.gpu_seconds:g} GPU-seconds is spent"
    if budget.money is not None and used.money is not None and used.money >= budget.money:
        return f"the budget of {budget.money:g} in money is spent"
    return ""
