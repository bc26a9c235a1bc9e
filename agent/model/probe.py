"""Finds out, with a few short requests, which way of writing calls works with a server.

What a server, its parser and the model's template do together is in no documentation: the parser
may be of another model, the template may show no tools, the flag may be missing. So the model is
asked to make one small call, in one format after the other, until it does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from agent.model.base import CallFormat, Message, ToolSchema, UserMessage
from agent.model.formats import FORMATS
from agent.model.ladder import WORDS
from prompts import render

PROBE_SECONDS = 30.0
"""For each request; a server that is slower is taken at its word."""
PROBE_TOKENS = 512
"""Enough for a short thought and a call."""


class Outcome(StrEnum):
    """What came of one request."""

    WORKS = "works"
    FAILED = "failed"
    """There was a reply, and no call in it."""
    REFUSED = "refused"
    """The server does not do it."""
    UNCLEAR = "unclear"
    """No reply in time, or one that was cut off while the model was still thinking."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One format's outcome."""

    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Probed:
    """Where to start on the ladder."""

    start: CallFormat
    notices: list[str] = field(default_factory=list)
    """Why, where it is not at the top or not certain."""


def probe(attempt: Callable[[CallFormat], Tried]) -> Probed:
    """Go down the ladder until a rung holds."""
    notices: list[str] = []
    usable: list[CallFormat] = []
    for name in FORMATS:
        tried = attempt(name)
        if tried.outcome is Outcome.WORKS:
            return Probed(name, notices)
        notices.append(f"{WORDS[name]}: {tried.outcome} in the probe ({tried.reason})")
        if tried.outcome is Outcome.UNCLEAR:
            return Probed(name, notices)
        if tried.outcome is Outcome.FAILED:
            usable.append(name)
    start = usable[0] if usable else "xml"
    notices.append(f"no way of writing calls has worked in the probe; starting with {WORDS[start]}")
    return Probed(start, notices)


def question() -> tuple[Sequence[Message], ToolSchema]:
    """What the model is asked, and the one tool that it is asked to call."""
    tool = ToolSchema(
        name="report",
        description=render("probe_tool"),
        parameters={
            "type": "object",
            "properties": {"word": {"type": "string"}},
            "required": ["word"],
            "additionalProperties": False,
        },
    )
    return [UserMessage(content=render("probe"))], tool
