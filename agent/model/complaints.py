"""What a server's error answer means, and so what can be done about it.

Servers say the same thing with different statuses: an overflow is 400 (OpenAI, vLLM), 422 (TGI) or
500 (llama.cpp); 500 is also what llama.cpp and Ollama answer when they cannot read what their own
model wrote. So the words decide, and the status only where the words say nothing. Answers of real
servers, with their sources, are in ``tests/samples/model/errors/``.
"""

import json
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from agent.model.base import ContextOverflow, ModelError, ModelRefused, ModelUnreachable

_SHOWN = 300
_AGAIN = frozenset((408, 409, 425, 429))


class Kind(StrEnum):
    """What is wrong; each has one way out."""

    OVERFLOW = "overflow"
    """The conversation is too long: condense it."""
    UNREAD = "unread"
    """The server could not read what its model wrote: ask again, or another way."""
    TOOLS = "tools"
    """This server, or its template, takes no tool calls: another way of calling."""
    HISTORY = "history"
    """The conversation is in a shape that the model's template does not take: another shape."""
    KEY = "key"
    """The key is not taken."""
    MODEL = "model"
    """There is no such model, or no such API."""
    MONEY = "money"
    """The account is empty; waiting does not fill it."""
    AWAY = "away"
    """Overloaded, still loading, or its engine has died and may come back: wait."""
    TROUBLE = "trouble"
    """The server failed; it may not the next time."""
    REFUSED = "refused"
    """The request will never succeed as it is."""


_WORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile("|".join(patterns), re.IGNORECASE))
    for kind, patterns in (
        (
            Kind.UNREAD,
            (
                r"error parsing tool call",  # Ollama
                r"failed to parse input at pos",  # llama.cpp
            ),
        ),
        (
            Kind.TOOLS,
            (
                r"does not support tools",  # Ollama
                r"tool choice requires|--enable-auto-tool-choice",  # vLLM
                r"tools param requires --jinja|unsupported param: tools",  # llama.cpp
            ),
        ),
        (
            Kind.HISTORY,
            (
                r"roles must alternate",  # templates of Mistral, Llama 2, Gemma
                r"system role (is )?not supported",  # template of Gemma
                r"single tool-calls? at once",  # template of Llama 3
                r"role .?tool.? must be a response",  # OpenAI, DeepSeek
                r"tool_call_ids? did not have response|tool_calls. must be followed",  # OpenAI
                r"failed to parse tool call arguments",  # llama.cpp
                r"arguments must be a json object",
                r"jinja exception|templateerror",
            ),
        ),
        (
            Kind.OVERFLOW,
            (
                r"context_length_exceeded",  # OpenAI, as a code
                r"\binput_tokens\b",  # vLLM, as the parameter
                r"maximum (context|model|sequence) length",  # OpenAI, vLLM, SGLang
                r"max_tokens must be at least 1, got -",  # vLLM, when the prompt alone is too long
                r"exceed_context_size_error|context size (has been|was) exceeded",  # llama.cpp
                r"exceeds? (the |this )?(available |model's )?(maximum )?"
                r"(context|allowed) (size|window|length|limit)",  # llama.cpp, OpenAI, Ollama
                r"larger than the max context size",  # llama.cpp
                r"longer than the (model's )?(context|maximum)",  # SGLang, vLLM
                r"trying to keep the first \d+ tokens|n_keep: \d+ ?>= ?n_ctx",  # LM Studio
                r"`?max_new_tokens`? must be <=|`?inputs`? must have less than",  # TGI
                r"(prompt|input) is too long|exceed context limit",
            ),
        ),
        (Kind.MONEY, (r"insufficient_quota",)),
        (
            Kind.AWAY,
            (
                r"EngineCore|engine is (dead|currently busy)",  # vLLM
                r"model is overloaded",  # TGI
                r"server busy|maximum pending requests",  # Ollama
                r"request queue is full",  # SGLang
                r"loading model|model runner has unexpectedly stopped",  # llama.cpp, Ollama
            ),
        ),
    )
)
_NUMBERS_OF_WINDOW = (
    r"(?:maximum|model's) (?:context|model) length (?:is|of) (\d+)",
    r"context (?:length|window) of (?:only )?(\d+)",
    r"context (?:length|window|size) \((\d+)",
    r"n_ctx: (\d+)",
    r"must be <= (\d+)|must have less than (\d+)",
    r"longer than the model's context length \((\d+)",
)
_NUMBERS_OF_PROMPT = (
    r"(?:at least|resulted in) (\d+) (?:input )?tokens",
    r"request has (\d+) input tokens",
    r"\((\d+) in the messages",
    r"(\d+) tokens from the input",
    r"decoder prompt \(length (\d+)",
    r"(?:request|input) \((\d+) tokens\)",
    r"keep the first (\d+) tokens",
    r"n_keep: (\d+)",
    r"Given: (\d+)",
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """An answer that is no reply."""

    status: int
    """Of HTTP; some servers send an error as a success, with the status inside."""
    text: str
    """What the server says, in one line, shortened."""
    whole: str = ""
    """The same, not shortened: what the model wrote can be part of it."""
    prompt: int | None = None
    """Tokens of the prompt, where an overflow's answer says so."""
    window: int | None = None
    """Tokens of the window, where an overflow's answer says so."""

    @property
    def kind(self) -> Kind:
        """What is wrong."""
        for kind, words in _WORDS:
            if words.search(self.whole or self.text):
                return kind
        if self.status in (401, 403):
            return Kind.KEY
        if self.status == 404:
            return Kind.MODEL
        if self.status in (429, 503, 529):
            return Kind.AWAY
        trouble = self.status in _AGAIN or self.status >= 500 or self.status < 400
        return Kind.TROUBLE if trouble else Kind.REFUSED

    @property
    def worth_another_try(self) -> bool:
        """Whether the same request may succeed later."""
        return self.kind in (Kind.AWAY, Kind.TROUBLE) and self.status >= 400

    def error(self, url: str) -> ModelError:
        """The error to raise when no more tries will be made."""
        came_back = f"{url} answered {self.status}: {self.text}"
        match self.kind:
            case Kind.OVERFLOW:
                return ContextOverflow(came_back, self.prompt, self.window)
            case Kind.KEY:
                return ModelRefused(f"{came_back}; check the API key (PATCHWRIGHT_API_KEY)")
            case Kind.AWAY | Kind.TROUBLE | Kind.UNREAD:
                return ModelUnreachable(came_back)
            case _:
                return ModelRefused(came_back)


def complaint(status: int, text: str) -> Complaint:
    """The complaint in an answer's text; any text will do."""
    error = _error_object(text)
    if error is None:
        return Complaint(status, one_line(text) or "nothing", text[: 100 * _SHOWN])
    inner = error.get("code")
    if status < 400 and isinstance(inner, int) and not isinstance(inner, bool):
        status = inner
    words = [error.get(key) for key in ("message", "type", "code", "param", "error_type")]
    said = " / ".join(word for word in words if isinstance(word, str) and word)
    whole = said or text
    return Complaint(
        status,
        one_line(said) or one_line(text),
        whole[: 100 * _SHOWN],
        prompt=_count(error.get("n_prompt_tokens"), whole, _NUMBERS_OF_PROMPT),
        window=_count(error.get("n_ctx"), whole, _NUMBERS_OF_WINDOW),
    )


def _count(given: Any, text: str, patterns: tuple[str, ...]) -> int | None:
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    for pattern in patterns:
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            return int(next(group for group in found.groups() if group)[:12])
    return None


def is_complaint(body: Any) -> bool:
    """Whether the body of a success is an error all the same, as llama.cpp has sent it."""
    return isinstance(body, dict) and "error" in body and not body.get("choices")


def _error_object(text: str) -> dict[str, Any] | None:
    """The error as OpenAI nests it, or as vLLM has sent it at the top; FastAPI says ``detail``."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    error = body.get("error", body)
    if isinstance(error, str):
        return {"message": error, "error_type": body.get("error_type")}
    if isinstance(error, dict) and "message" in error:
        return error
    return {"message": str(body["detail"])} if "detail" in body else None


def one_line(text: str, most: int = _SHOWN) -> str:
    """A text made fit for a terminal: one line, printable, shortened."""
    # Only the beginning can show; a page of megabytes is not gone through.
    words = "".join(c if c.isprintable() else " " for c in text[: 4 * most]).split()
    line = " ".join(words)
    return line if len(line) <= most else line[:most] + "..."


def seconds_to_wait(retry_after: str | None, now: float) -> float | None:
    """A ``Retry-After`` header: seconds or a date; ``now`` counts from 1970."""
    if retry_after is None:
        return None
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", retry_after.strip()):
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - now)
    except (ValueError, OverflowError):
        return None
