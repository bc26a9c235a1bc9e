"""What a run may spend, and what its journal says it has spent."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from agent.events import Consulted, Replied
from agent.journal import Entry


class Budget(BaseModel):
    """Bounds of a run; the first that is reached ends its conversation."""

    model_config = ConfigDict(frozen=True)

    steps: int
    """Replies of the model."""
    tokens: int
    """Tokens of prompts and completions together, as the server counts them."""
    minutes: float
    """Minutes of running time, pauses between processes left out."""


class Spent(BaseModel):
    """What a run has used so far."""

    model_config = ConfigDict(frozen=True)

    steps: int
    tokens: int
    seconds: float


def spent(entries: Iterable[Entry], elapsed: float) -> Spent:
    """Add up the replies of a journal."""
    events = [e.event for e in entries if isinstance(e.event, Replied | Consulted)]
    return Spent(
        steps=sum(isinstance(event, Replied) for event in events),
        tokens=sum(event.reply.usage.total for event in events),
        seconds=elapsed,
    )


def exhausted(budget: Budget, used: Spent) -> str:
    """Which bound was reached, as a line for people; empty when none was."""
    if used.steps >= budget.steps:
        return f"the budget of {budget.steps} steps is spent"
    if used.tokens >= budget.tokens:
        return f"the budget of {budget.tokens} tokens is spent"
    if used.seconds >= budget.minutes * 60:
        return f"the budget of {budget.minutes:g} minutes is spent"
    return ""
