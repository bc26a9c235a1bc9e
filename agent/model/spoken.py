"""What a server's parsed answer says, before anybody judges whether it can be carried out.

The fields are those of https://platform.openai.com/docs/api-reference/chat.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.model.base import Usage
from agent.model.calls import RawCall
from agent.model.chunks import REASONING_FIELDS
from agent.model.clean import clean_text

_THOUGHT = re.compile(r"\s*<(think|thinking|thought)>(.*?)(?:</\1>|\Z)", re.DOTALL)
_END_OF_THOUGHT = re.compile(r"</(?:think|thinking|thought)>")


class Unreadable(ValueError):
    """A server's answer is not what the API promises; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One answer of a model, as its server put it."""

    content: str = ""
    reasoning: str = ""
    calls: tuple[RawCall, ...] = ()
    cut_off: bool = False
    """The server stopped at its token limit."""
    gave_up: bool = False
    """The server stopped for a reason of its own, and this is no reply."""
    claims_calls: bool = False
    """The server says that there are calls."""
    usage: Usage = field(default_factory=Usage)
    token_ids: tuple[int, ...] = ()
    """What the model generated, where the server was asked for it and tells."""


def read_answer(body: Any) -> Spoken:
    """Read a completion.

    Raises:
        Unreadable: There is no message in it.
    """
    choices = body.get("choices") if isinstance(body, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise Unreadable("no choice with a message")
    content = _text(message.get("content"))
    thoughts = [_text(message.get(field)) for field in REASONING_FIELDS]
    thought, content = split_thought(content)
    reason = choice.get("finish_reason")
    ids = choice.get("token_ids")
    return Spoken(
        content=content,
        reasoning=next(filter(None, thoughts), "") or thought,
        calls=tuple(_raw_calls(message)),
        cut_off=reason == "length",
        gave_up=reason in ("abort", "error"),
        claims_calls=reason in ("tool_calls", "function_call"),
        usage=_usage(body.get("usage")),
        token_ids=tuple(i for i in ids if isinstance(i, int)) if isinstance(ids, list) else (),
    )


def _text(content: Any) -> str:
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, dict))
        return clean_text("".join(text for text in texts if isinstance(text, str)))
    return clean_text(content) if isinstance(content, str) else ""


def split_thought(content: str) -> tuple[str, str]:
    """Thought and speech, where the server has left the tags of thinking in the text."""
    begun = _THOUGHT.match(content)
    if begun:
        return begun.group(2).strip(), content[begun.end() :].strip()
    # Some templates open the thought themselves, so that only its end is in the text.
    ended = list(_END_OF_THOUGHT.finditer(content))
    if ended:
        last = ended[-1]
        return content[: last.start()].strip(), content[last.end() :].strip()
    return "", content


def _raw_calls(message: Mapping[str, Any]) -> list[RawCall]:
    found = message.get("tool_calls")
    calls = [_raw_call(raw) for raw in (found if isinstance(found, list) else [])]
    if not calls and isinstance(message.get("function_call"), dict):
        calls = [_raw_call({"function": message["function_call"]})]
    return calls


def _raw_call(raw: Any) -> RawCall:
    function = raw.get("function") if isinstance(raw, dict) else None
    if not isinstance(function, dict):
        return RawCall(None)
    return RawCall(function.get("name"), function.get("arguments"), raw.get("id"))


def _usage(raw: Any) -> Usage:
    if not isinstance(raw, dict):
        return Usage()
    details = raw.get("prompt_tokens_details")
    return Usage(
        prompt=_count(raw.get("prompt_tokens")),
        cached=_count(details.get("cached_tokens")) if isinstance(details, dict) else 0,
        completion=_count(raw.get("completion_tokens")),
    )


def _count(raw: Any) -> int:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw < 10**12 else 0
