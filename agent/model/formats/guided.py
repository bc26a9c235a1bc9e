"""One JSON object as the whole reply, which the server makes sure of while the model writes it.

``response_format`` with a JSON schema is understood by vLLM, SGLang, TGI, llama.cpp, Ollama and
LM Studio (https://platform.openai.com/docs/guides/structured-outputs). One call a reply: the fewer
brackets a model has to close, the sooner it is done.
"""

import json
from collections.abc import Sequence
from typing import Any

from agent.model.base import AssistantMessage, CallFormat, ToolCall, ToolMessage, ToolSchema
from agent.model.calls import RawCall
from agent.model.formats.base import Heard, read_text, reply_as_text, results_as_text
from agent.model.schema import strict
from agent.model.spoken import Spoken
from agent.model.tolerant import NotJSON, parse
from prompts import render

_SAY, _CALL = "say", "call"


class Guided:
    """The second rung."""

    name: CallFormat = "json"

    def fields(self, tools: Sequence[ToolSchema]) -> dict[str, Any]:
        """The schema of the reply. Strings have no longest length: xgrammar breaks those."""
        calls = [
            _closed({"name": {"type": "string", "enum": [tool.name]},
                     "arguments": _inlined(strict(tool.parameters))})
            for tool in tools
        ]  # fmt: skip
        schema = _closed({_SAY: {"type": "string"}, _CALL: {"anyOf": calls}})
        described = {"name": "reply", "strict": True, "schema": schema}
        return {"response_format": {"type": "json_schema", "json_schema": described}}

    def instructions(self, tools: Sequence[ToolSchema]) -> str:
        """The form of the object, and the tools."""
        return render("protocol_json", tools=[(tool, _shown(tool)) for tool in tools])

    def reply(self, message: AssistantMessage) -> dict[str, Any]:
        """The object again; a reply without a call stays the text that it was."""
        if not message.calls:
            return reply_as_text(message.content, [])
        says = [message.content, *[""] * (len(message.calls) - 1)]
        objects = [_object(say, call) for say, call in zip(says, message.calls, strict=True)]
        return reply_as_text("", objects)

    def results(self, messages: Sequence[ToolMessage]) -> list[dict[str, Any]]:
        """As what a user says."""
        return results_as_text(messages)

    def read(self, spoken: Spoken, tools: Sequence[ToolSchema]) -> Heard:
        """The call in the object, or wherever in the text there is one."""
        try:
            value, mended = parse(spoken.content)
        except NotJSON as error:
            value, mended, reason = None, [], str(error)
        else:
            reason = f"it has not the keys {_SAY!r} and {_CALL!r}"
        call = value.get(_CALL) if isinstance(value, dict) else None
        if isinstance(value, dict) and isinstance(call, dict):
            say = value.get(_SAY)
            raw = RawCall(call.get("name"), call.get("arguments"))
            notes = [f"the reply: {line}" for line in mended]
            return Heard(say if isinstance(say, str) else "", (raw,), notes=notes)
        heard = read_text(spoken, tools)
        if heard.calls or heard.problem:
            return heard
        # Text alone is an answer too, from a server that does not guide.
        broken = spoken.content.lstrip().startswith("{")
        return Heard("", problem="not json", detail=reason) if broken else heard


def _object(say: str, call: ToolCall) -> str:
    value = {_SAY: say, _CALL: {"name": call.name, "arguments": call.arguments}}
    return json.dumps(value, ensure_ascii=False)


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _inlined(schema: Any, definitions: dict[str, Any] | None = None) -> Any:
    """A schema with its definitions put where they are referred to; ours refer to no cycle."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    known = schema.get("$defs", definitions or {})
    if "$ref" in schema:
        return _inlined(known[schema["$ref"].removeprefix("#/$defs/")], known)
    return {key: _inlined(part, known) for key, part in schema.items() if key != "$defs"}


def _shown(tool: ToolSchema) -> str:
    return json.dumps(tool.parameters, ensure_ascii=False)


GUIDED = Guided()
