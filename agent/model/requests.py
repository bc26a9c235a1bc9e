"""Requests to one server: what they say, in the manner that it has been found to take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from agent.model.base import CallFormat, Message, ToolSchema
from agent.model.complaints import Complaint
from agent.model.formats.native import tools_field
from agent.model.manner import Change, Manner, way_out
from agent.model.served import Directory
from agent.model.wire import Wire, write


@dataclass(frozen=True, slots=True)
class Prompt:
    """The part of a request that the model gets to read."""

    messages: Wire
    fields: dict[str, Any]
    """What else the template or the server's guidance sees: tools, response format."""


class Requests:
    """Makes requests; learns from what the server refuses. Several threads may use it at once.

    Args:
        directory: Which model is meant.
        fields: Further fields of every request: sampling, ``chat_template_kwargs``, ``priority``.
        manner: What the server takes, as far as it is known before.
    """

    def __init__(self, directory: Directory, fields: Mapping[str, Any], manner: Manner) -> None:
        self._directory = directory
        self._fields = dict(fields)
        self._manner = manner
        self._lock = Lock()

    def prompt(
        self, messages: Sequence[Message], tools: Sequence[ToolSchema], format_: CallFormat
    ) -> Prompt:
        """A conversation, and the tools in the way that calls are to be written."""
        manner = self._manner
        written = write(messages, tools, format_, manner.shape)
        fields = dict(written.fields)
        if "tool_choice" in fields and not manner.silent_tools:
            del fields["tools"], fields["tool_choice"]
        if "tools" in fields and not manner.strict:
            fields["tools"] = tools_field(tools, guided=False)
        if "chat_template_kwargs" in self._fields:
            fields["chat_template_kwargs"] = self._fields["chat_template_kwargs"]
        return Prompt(written.messages, fields)

    def body(self, prompt: Prompt, max_tokens: int, *, priority: int = 0) -> dict[str, Any]:
        """The JSON object that asks for the next message; a lower priority is served sooner."""
        return {
            "model": self._directory.name,
            "messages": prompt.messages,
            "max_tokens": max_tokens,
            **self._fields,
            **prompt.fields,
            **self._manner.fields(self._directory.owner, priority),
        }

    def change(
        self, complaint: Complaint, format_: CallFormat, sent: Mapping[str, Any]
    ) -> Change | None:
        """Make the next requests such that they are not refused for this; None if nothing helps."""
        with self._lock:
            change = way_out(complaint, self._manner, format_, sent)
            if change is not None:
                self._manner = change.manner
        return change
