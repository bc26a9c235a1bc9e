"""What a server's error answer means: that asking again may help, or that it never will."""

import json
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from agent.model.base import ContextOverflow, ModelError, ModelRefused, ModelUnreachable

_SHOWN = 300
_AGAIN = frozenset((408, 409, 425, 429))
_OVERFLOW = re.compile(
    r"context_length_exceeded"  # OpenAI, as a code
    r"|maximum (context|model|sequence) length"  # OpenAI, vLLM, SGLang
    r"|max_tokens must be at least 1, got -"  # vLLM, when the prompt alone is too long
    r"|exceed_context_size_error|context size (has been|was) exceeded"  # llama.cpp
    r"|exceeds? (the )?(available )?context (size|window|length)"  # llama.cpp, LM Studio
    r"|longer than the (model's )?(context|maximum)"  # SGLang
    r"|max_new_tokens`? must be <="  # TGI
    r"|prompt is too long",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """An answer that is no reply."""

    status: int
    """Of HTTP; some servers send an error as a success, with the status inside."""
    text: str
    """What the server says, in one line, shortened."""

    @property
    def worth_another_try(self) -> bool:
        """Whether the same request may succeed later."""
        if "insufficient_quota" in self.text or self.is_overflow:
            return False
        return self.status in _AGAIN or self.status >= 500

    @property
    def is_overflow(self) -> bool:
        """Whether the conversation is too long for the model."""
        return _OVERFLOW.search(self.text) is not None

    def error(self, url: str) -> ModelError:
        """The error to raise when no more tries will be made."""
        came_back = f"{url} answered {self.status}: {self.text}"
        if self.is_overflow:
            return ContextOverflow(came_back)
        if self.status in (401, 403):
            return ModelRefused(f"{came_back}; check the API key (PATCHWRIGHT_API_KEY)")
        if self.worth_another_try or self.status < 400:
            return ModelUnreachable(came_back)
        return ModelRefused(came_back)


def complaint(status: int, text: str) -> Complaint:
    """The complaint in an answer's text; any text will do."""
    error = _error_object(text)
    if error is None:
        return Complaint(status, one_line(text) or "nothing")
    inner = error.get("code")
    if status < 400 and isinstance(inner, int) and not isinstance(inner, bool):
        status = inner
    words = [error.get(key) for key in ("message", "type", "code")]
    said = [word for word in words if isinstance(word, str) and word]
    return Complaint(status, one_line(" / ".join(said)) or one_line(text))


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
        return {"message": error}
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
