"""Text and JSON that every store, server and terminal can take."""

from typing import Any

from agent.model.tolerant import DEEPEST


def clean_text(text: str) -> str:
    """Text without NUL and without half of a surrogate pair."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")


def clean(value: Any, depth: int = 0) -> Any:
    """A JSON value with all its texts clean.

    Raises:
        ValueError: It is nested more deeply than any call needs.
    """
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [clean(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {clean_text(str(key)): clean(item, depth + 1) for key, item in value.items()}
    return value
