"""Messages as the chat completions API has them, both ways; nothing here does any I/O.

The fields are those of https://platform.openai.com/docs/api-reference/chat, less what servers
other than OpenAI's do not have.
"""

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from agent.model.base import (
    AssistantMessage,
    Message,
    Reply,
    ToolCall,
    ToolMessage,
    ToolSchema,
    Usage,
)

DEEPEST = 50
"""Levels of nesting in a call's arguments; deeper ones are a malformed call."""

_SHOWN = 200


class Unreadable(ValueError):
    """A server's answer is not what the API promises; the message says what is missing."""


def request_body(
    model: str,
    messages: Sequence[Message],
    tools: Sequence[ToolSchema],
    *,
    max_tokens: int,
    temperature: float,
) -> dict[str, Any]:
    """The JSON object that asks for the next message."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [message_to_wire(message) for message in messages],
        "max_tokens": max_tokens,
        "temperature": temperature,
    }
    if tools:
        body["tools"] = [{"type": "function", "function": tool.model_dump()} for tool in tools]
    return body


def message_to_wire(message: Message) -> dict[str, Any]:
    """One message; an assistant that only calls has no content at all, as servers insist."""
    content = clean_text(message.content)
    match message:
        case AssistantMessage(calls=[_, *_] as calls):
            return {
                "role": "assistant",
                "content": content or None,
                "tool_calls": [_call_to_wire(call) for call in calls],
            }
        case ToolMessage(call_id=call_id):
            return {"role": "tool", "tool_call_id": call_id, "content": content}
        case _:
            return {"role": message.role, "content": content}


def _call_to_wire(call: ToolCall) -> dict[str, Any]:
    arguments = json.dumps(clean(call.arguments), ensure_ascii=False)
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }


def read_reply(body: Any, turn: int) -> Reply:
    """The reply in a server's parsed answer; ``turn`` makes up ids for calls that came without.

    Raises:
        Unreadable: There is no message in it.
    """
    choices = body.get("choices") if isinstance(body, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        raise Unreadable("no choice with a message")
    cut_off = choice.get("finish_reason") == "length" if isinstance(choice, dict) else False
    calls, malformed = ([], []) if cut_off else _read_calls(message.get("tool_calls"), turn)
    return Reply(
        message=AssistantMessage(content=_read_content(message.get("content")), calls=calls),
        usage=_read_usage(body.get("usage")),
        cut_off=cut_off,
        malformed=malformed,
    )


def _read_content(content: Any) -> str:
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, dict))
        return clean_text("".join(text for text in texts if isinstance(text, str)))
    return clean_text(content) if isinstance(content, str) else ""


def _read_calls(found: Any, turn: int) -> tuple[list[ToolCall], list[str]]:
    calls: list[ToolCall] = []
    malformed: list[str] = []
    taken: set[str] = set()
    for index, raw in enumerate(found if isinstance(found, list) else []):
        try:
            name, arguments = _read_function(raw)
        except ValueError as error:
            malformed.append(f"call {index + 1}: {error}")
            continue
        given = raw.get("id")
        usable = isinstance(given, str) and given and given not in taken
        identity = clean_text(given) if usable else f"call_{turn}_{index}"
        taken.add(identity)
        calls.append(ToolCall(id=identity, name=name, arguments=arguments))
    return calls, malformed


def _read_function(raw: Any) -> tuple[str, dict[str, Any]]:
    function = raw.get("function") if isinstance(raw, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(name, str) or not name:
        raise ValueError("it names no tool")
    name = clean_text(name)
    try:
        return name, _read_arguments(function.get("arguments"))
    except ValueError as error:
        raise ValueError(f"{name[:_SHOWN]}: {error}") from None


def _read_arguments(raw: Any) -> dict[str, Any]:
    """The arguments object; nothing at all stands for an empty one, as many models write it."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return {}
    value = _parse(raw) if isinstance(raw, str) else raw
    if not isinstance(value, dict):
        raise ValueError(f"the arguments are not a JSON object: {_shown(raw)}")
    cleaned = clean(value)
    assert isinstance(cleaned, dict)
    return cleaned


def _parse(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("the arguments are nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"the arguments are not JSON ({error}): {_shown(text)}") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _shown(raw: Any) -> str:
    text = clean_text(raw if isinstance(raw, str) else repr(raw))
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _read_usage(raw: Any) -> Usage:
    if not isinstance(raw, dict):
        return Usage()
    details = raw.get("prompt_tokens_details")
    return Usage(
        prompt=_count(raw.get("prompt_tokens")),
        cached=_count(details.get("cached_tokens")) if isinstance(details, dict) else 0,
        completion=_count(raw.get("completion_tokens")),
    )


def _count(raw: Any) -> int:
    return raw if isinstance(raw, int) and 0 <= raw < 10**12 else 0


def clean_text(text: str) -> str:
    """Text that every store and server can take: no NUL, no half of a surrogate pair."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")


def clean(value: Any, depth: int = 0) -> Any:
    """A JSON value with all its texts clean.

    Raises:
        ValueError: It is nested more deeply than any call needs.
    """
    if depth > DEEPEST:
        raise ValueError("the arguments are nested too deeply")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [clean(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {clean_text(str(key)): clean(item, depth + 1) for key, item in value.items()}
    return value
