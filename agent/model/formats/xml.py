"""Elements in the text: ``<function=f><parameter=p>v</parameter></function>``.

The format that Qwen3-Coder and IQuest-Coder are trained on and that OpenHands uses for models
without tool calls. Values stand as they are: code needs no escapes, which is where JSON fails most.
"""

import json
from collections.abc import Sequence
from typing import Any

from agent.model.base import AssistantMessage, CallFormat, ToolCall, ToolMessage, ToolSchema
from agent.model.formats.base import Heard, read_text, reply_as_text, results_as_text
from agent.model.spoken import Spoken
from prompts import render


class Elements:
    """The third rung."""

    name: CallFormat = "xml"

    def fields(self, tools: Sequence[ToolSchema]) -> dict[str, Any]:  # noqa: ARG002 - all in the text
        """Nothing: the server need not know."""
        return {}

    def instructions(self, tools: Sequence[ToolSchema]) -> str:
        """How an element is written, and the tools with their arguments."""
        return render("protocol_xml", tools=[(tool, parameters(tool)) for tool in tools])

    def reply(self, message: AssistantMessage) -> dict[str, Any]:
        """The text, and after it the calls."""
        return reply_as_text(message.content, [_element(call) for call in message.calls])

    def results(self, messages: Sequence[ToolMessage]) -> list[dict[str, Any]]:
        """As what a user says."""
        return results_as_text(messages)

    def read(self, spoken: Spoken, tools: Sequence[ToolSchema]) -> Heard:
        """The elements, or calls in another format that the model knows better."""
        return read_text(spoken, tools)


def parameters(tool: ToolSchema) -> list[tuple[str, str, bool]]:
    """Name, type in words, and whether it must be given, for each argument of a tool."""
    needed = tool.parameters.get("required", [])
    found = tool.parameters.get("properties", {})
    return [(name, _type(schema), name in needed) for name, schema in found.items()]


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(str(choice) for choice in schema["enum"])
    if "anyOf" in schema:
        options = [option for option in schema["anyOf"] if option != {"type": "null"}]
        return " or ".join(_type(option) for option in options)
    if schema.get("type") == "array":
        return f"JSON list of {_type(schema.get('items', {}))}"
    return str(schema.get("type", "JSON"))


def _element(call: ToolCall) -> str:
    values = "".join(
        f"<parameter={key}>\n{_written(value)}\n</parameter>\n"
        for key, value in call.arguments.items()
        if value is not None
    )
    return f"<function={call.name}>\n{values}</function>"


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


ELEMENTS = Elements()
