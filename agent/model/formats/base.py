"""What a way of writing calls must be able to do. All of it is pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from agent.model.base import AssistantMessage, CallFormat, ToolMessage, ToolSchema
from agent.model.calls import RawCall
from agent.model.leaks import find_calls
from agent.model.spoken import Spoken
from prompts import render


@dataclass(frozen=True, slots=True)
class Heard:
    """What could be made out in an answer."""

    content: str
    calls: tuple[RawCall, ...] = ()
    problem: str = ""
    """Why a call that was meant cannot be read; ``prompts/unread_reply.md.j2`` has the words."""
    detail: str = ""
    notes: list[str] = field(default_factory=list)
    """What people should know of how the calls were found."""


class Format(Protocol):
    """One way of writing calls."""

    name: CallFormat

    def fields(self, tools: Sequence[ToolSchema]) -> dict[str, Any]:
        """What a request needs besides its messages."""
        ...

    def instructions(self, tools: Sequence[ToolSchema]) -> str:
        """What the model must be told to write calls so; empty when the server tells it."""
        ...

    def reply(self, message: AssistantMessage) -> dict[str, Any]:
        """A reply of the conversation, as the server is sent it."""
        ...

    def results(self, messages: Sequence[ToolMessage]) -> list[dict[str, Any]]:
        """The results of one reply's calls, as the server is sent them."""
        ...

    def read(self, spoken: Spoken, tools: Sequence[ToolSchema]) -> Heard:
        """The calls in an answer."""
        ...


def results_as_text(messages: Sequence[ToolMessage]) -> list[dict[str, Any]]:
    """Results for a model that gets them as what a user says."""
    parts = [render("protocol_result", name=m.name, content=m.content) for m in messages]
    return [{"role": "user", "content": "\n\n".join(parts)}]


def reply_as_text(content: str, calls: Sequence[str]) -> dict[str, Any]:
    """A reply whose calls are written in its text."""
    text = "\n\n".join(part for part in (content, *calls) if part)
    return {"role": "assistant", "content": text}


def read_text(spoken: Spoken, tools: Sequence[ToolSchema]) -> Heard:
    """The calls that stand in an answer's text, in whatever format a model may know."""
    names = {tool.name for tool in tools}
    found = find_calls(spoken.content, names)
    notes = ["what the model wrote after its calls was left out"] if found.ignored else []
    if found.calls or found.begun:
        problem = "begun" if found.begun else ""
        return Heard(found.prose, tuple(found.calls), problem, found.begun, notes)
    if not spoken.content.strip():
        thought = find_calls(spoken.reasoning, names)
        if thought.calls and not thought.begun and _is_last(spoken.reasoning, thought.prose):
            return Heard("", tuple(thought.calls), notes=["calls found in what the model thought"])
    return Heard(found.prose, problem=_silence(spoken), detail=str(spoken.usage.completion))


def _is_last(text: str, prose: str) -> bool:
    """Whether nothing was said after the calls that are in ``text`` and not in ``prose``."""
    return text.strip().startswith(prose)


def _silence(spoken: Spoken) -> str:
    """Why an answer without any call in it is not just one that only talks."""
    if spoken.claims_calls:
        return "claimed"
    if spoken.content.strip():
        return ""
    return "only thought" if spoken.reasoning else "vanished"
