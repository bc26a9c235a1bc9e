"""Which way of writing calls a conversation is in, and when to step down to the next.

The rung is read off the conversation itself: the last reply was asked for in some format, and it
and those before it either held a call or failed. So a run that is resumed, and each of several that
share one model, goes on as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.model.base import AssistantMessage, CallFormat, Message
from agent.model.formats import next_below

FAILURES = 2
"""Replies in a row without a readable call, in one format, that make for a step down."""

WORDS: dict[CallFormat, str] = {
    "native": "the server's tool calls",
    "json": "one JSON object a reply",
    "xml": "elements in the text",
    "fenced": "fences in the text",
}
"""What a rung is, for people."""


@dataclass(frozen=True, slots=True)
class Rung:
    """Where on the ladder a conversation is."""

    format: CallFormat
    notice: str = ""
    """Why it has just come here; empty when it was here before."""


def find_rung(messages: Sequence[Message], start: CallFormat) -> Rung:
    """The rung for the next reply; ``start`` is that of a conversation without any yet."""
    replies = [message for message in messages if isinstance(message, AssistantMessage)]
    if not replies:
        return Rung(start)
    last = replies[-1].call_format
    recent = replies[-FAILURES:]
    failed = all(reply.failed and reply.call_format == last for reply in recent)
    below = next_below(last)
    if len(recent) < FAILURES or not failed or below is None:
        return Rung(last)
    why = f"no call could be read in {FAILURES} replies in a row"
    return Rung(below, f"{why}; {step(last, below)}")


def step(before: CallFormat, after: CallFormat) -> str:
    """A step, for people."""
    return f"from here on calls are asked for as {WORDS[after]}, not as {WORDS[before]}"
