"""The server's own tool calls: the template shows the tools, the server's parser finds the calls.

https://platform.openai.com/docs/guides/function-calling
"""

import json
from collections.abc import Sequence
from typing import Any

from agent.model.base import AssistantMessage, CallFormat, ToolCall, ToolMessage, ToolSchema
from agent.model.clean import clean
from agent.model.formats.base import Heard, read_text
from agent.model.leaks import find_calls
from agent.model.schema import check, strict
from agent.model.spoken import Spoken


def tools_field(tools: Sequence[ToolSchema], *, guided: bool = True) -> list[dict[str, Any]]:
    """The tools as the API has them, every one strict where calls are to be guided.

    Without ``strict`` vLLM 0.32 guides the envelope of a call and leaves its arguments free.
    """
    for tool in tools:
        check(tool.parameters)
    return [
        {
            "type": "function",
            "function": tool.model_dump()
            | ({"parameters": strict(tool.parameters), "strict": True} if guided else {}),
        }
        for tool in tools
    ]


class Native:
    """The first rung."""

    name: CallFormat = "native"

    def fields(self, tools: Sequence[ToolSchema]) -> dict[str, Any]:
        """The tools; which of them to call, if any, is the model's choice."""
        return {"tools": tools_field(tools)} if tools else {}

    def instructions(self, tools: Sequence[ToolSchema]) -> str:  # noqa: ARG002 - the server tells
        """None: the model's template has its own."""
        return ""

    def reply(self, message: AssistantMessage) -> dict[str, Any]:
        """An assistant that only calls has no content at all, as servers insist."""
        if not message.calls:
            return {"role": "assistant", "content": message.content}
        return {
            "role": "assistant",
            "content": message.content or None,
            "tool_calls": [_call(call) for call in message.calls],
        }

    def results(self, messages: Sequence[ToolMessage]) -> list[dict[str, Any]]:
        """One message for each call."""
        return [
            {"role": "tool", "tool_call_id": message.call_id, "content": message.content}
            for message in messages
        ]

    def read(self, spoken: Spoken, tools: Sequence[ToolSchema]) -> Heard:
        """The server's calls; where it has found none, those that it has left in the text."""
        if spoken.calls:
            return Heard(find_calls(spoken.content, ()).prose, spoken.calls)
        heard = read_text(spoken, tools)
        if heard.calls:
            heard.notes.append("the server left calls in the text")
        return heard


def _call(call: ToolCall) -> dict[str, Any]:
    arguments = json.dumps(clean(call.arguments), ensure_ascii=False)
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }


NATIVE = Native()
