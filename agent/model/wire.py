"""A conversation as the chat completions API has it; nothing here does any I/O.

What is sent is a function of the messages alone, each written in the format of calls that was in
use when it came about. So a conversation that has grown is sent as before, with more at its end,
and the server finds all of it but the end in its prefix cache: also after a step down the ladder,
for the instructions of the new format come where the step was made, and the old ones stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from agent.model.base import (
    AssistantMessage,
    CallFormat,
    Message,
    SystemMessage,
    ToolMessage,
    ToolSchema,
    UserMessage,
)
from agent.model.chunks import REASONING_FIELDS
from agent.model.clean import clean_text
from agent.model.formats import FORMATS
from agent.model.formats.native import tools_field

Wire = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a model's template insists on; found out by what its server refuses."""

    alternate: bool = False
    """Nothing of the user may stand between the results of calls and the next reply."""
    no_system: bool = False
    """There is no system role."""
    single_calls: bool = False
    """A reply has one call at most."""
    reasoning: bool = False
    """What the model thought in earlier turns goes back to it."""


@dataclass(frozen=True, slots=True)
class Written:
    """The part of a request that makes the prompt."""

    messages: Wire
    fields: dict[str, Any]
    """What else the template or the server's guidance sees: tools, response format."""


def write(
    messages: Sequence[Message],
    tools: Sequence[ToolSchema],
    current: CallFormat,
    shape: Shape | None = None,
) -> Written:
    """The conversation as it is sent, with calls to be written in the ``current`` format."""
    sound = make_sound(messages)
    first = next((m.call_format for m in sound if isinstance(m, AssistantMessage)), current)
    fields = FORMATS[current].fields(tools)
    if first == "native" != current and tools:
        # The template goes on to show the tools as before, and the server parses nothing.
        fields |= {"tools": tools_field(tools), "tool_choice": "none"}
    return Written(_Writing(tools, first, shape or Shape()).write(sound, current), fields)


def make_sound(messages: Sequence[Message]) -> list[Message]:
    """The messages without calls that nobody answered and results that nobody asked for.

    There are none in a conversation that went well; a server may refuse one that has them, each
    time it is sent.
    """
    sound: list[Message] = []
    results: list[ToolMessage] = []
    for message in reversed(messages):
        if isinstance(message, ToolMessage):
            results.insert(0, message)
            continue
        if isinstance(message, AssistantMessage):
            sound += reversed(_answered(message, results))
        else:
            sound.append(message)
        results = []
    return sound[::-1]


def _answered(message: AssistantMessage, results: Sequence[ToolMessage]) -> list[Message]:
    """A reply with those of its calls that have a result, and their results."""
    given = {result.call_id: result for result in reversed(results)}
    calls = {call.id: call for call in message.calls if call.id in given}
    kept = message.model_copy(update={"calls": list(calls.values())})
    return [kept, *(given[identity] for identity in calls)]


@dataclass(slots=True)
class _Writing:
    tools: Sequence[ToolSchema]
    used: CallFormat
    shape: Shape

    def write(self, messages: Sequence[Message], current: CallFormat) -> Wire:
        wire: Wire = []
        self._begin(wire, messages)
        for kind, group in groupby(_after_system(messages), key=type):
            for message in [list(group)] if kind is ToolMessage else group:
                self._take(wire, message)
        self._switch(wire, current)
        return wire

    def _begin(self, wire: Wire, messages: Sequence[Message]) -> None:
        parts = [message.content for message in messages if isinstance(message, SystemMessage)]
        parts.append(FORMATS[self.used].instructions(self.tools) if self.tools else "")
        text = clean_text("\n\n".join(part for part in parts if part))
        if text:
            wire.append({"role": "user" if self.shape.no_system else "system", "content": text})

    def _take(self, wire: Wire, message: Message | list[Message]) -> None:
        match message:
            case UserMessage(content=content):
                self._say(wire, content)
            case AssistantMessage():
                self._switch(wire, message.call_format)
                self._reply(wire, message)
            case [*results]:
                form = FORMATS[self.used]
                for entry in form.results([m for m in results if isinstance(m, ToolMessage)]):
                    self._add(wire, entry)

    def _switch(self, wire: Wire, to: CallFormat) -> None:
        """Say from where on calls are written otherwise."""
        if to != self.used:
            self.used = to
            self._say(wire, FORMATS[to].instructions(self.tools) if self.tools else "")

    def _reply(self, wire: Wire, message: AssistantMessage) -> None:
        if not message.calls and not message.content.strip():
            return  # a template may refuse a reply that says nothing
        entry = FORMATS[self.used].reply(message)
        if self.shape.reasoning and message.reasoning:
            # Servers differ in the name; they pass over the one that they do not know.
            entry |= dict.fromkeys(REASONING_FIELDS, clean_text(message.reasoning))
        self._add(wire, entry)

    def _say(self, wire: Wire, text: str) -> None:
        """What the user says; two such messages in a row are one, as most templates want it."""
        if not text:
            return
        if self.shape.alternate and wire and wire[-1]["role"] == "tool":
            wire[-1]["content"] += f"\n\n{clean_text(text)}"
        else:
            self._add(wire, {"role": "user", "content": text})

    def _add(self, wire: Wire, entry: dict[str, Any]) -> None:
        entry["content"] = clean_text(entry["content"]) if entry["content"] else entry["content"]
        last = wire[-1] if wire else {}
        if entry["role"] == last.get("role") in ("user", "assistant") and "tool_calls" not in last:
            said = [last["content"], entry["content"]]
            wire[-1] = last | entry | {"content": "\n\n".join(text for text in said if text)}
        elif self.shape.single_calls and entry["role"] == "tool" and last.get("role") == "tool":
            self._split(wire, entry)
        else:
            wire.append(entry)

    def _split(self, wire: Wire, result: dict[str, Any]) -> None:
        """Move a call out of the reply that made several, to stand right before its result."""
        asked = next(entry for entry in reversed(wire) if "tool_calls" in entry)
        call = next(c for c in asked["tool_calls"] if c["id"] == result["tool_call_id"])
        asked["tool_calls"] = [c for c in asked["tool_calls"] if c is not call]
        wire += [{"role": "assistant", "content": None, "tool_calls": [call]}, result]


def _after_system(messages: Sequence[Message]) -> list[Message]:
    return [message for message in messages if not isinstance(message, SystemMessage)]
