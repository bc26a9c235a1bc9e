"""Reads a model's ``config.json`` as the Transformers library writes it, whatever the family.

Families name one thing in different ways; here each has one name. The text part of a model that
also sees pictures is in ``text_config``. Only what a memory plan needs is read.
"""

from collections.abc import Mapping
from typing import Any

MOST = 10**9
"""No size in a configuration is larger; what is beyond is a damaged or a hostile file."""


class UnknownModel(Exception):
    """No memory plan can be made from this configuration; the message says what is not known."""


class Configuration:
    """Typed access to one ``config.json``."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        inner = raw.get("text_config")
        self._raw = {**raw, **inner} if isinstance(inner, dict) else dict(raw)
        self.sees_pictures = any(name in raw for name in ("vision_config", "vision_tower"))
        """Whether there is a part for pictures, which no figure here includes."""

    @property
    def family(self) -> str:
        """``model_type``, or an empty text."""
        found = self._raw.get("model_type")
        return found.lower() if isinstance(found, str) else ""

    def has(self, *names: str) -> bool:
        """Whether one of the names has a value."""
        return any(self._raw.get(name) is not None for name in names)

    def number(self, *names: str, default: int | None = None, least: int = 1) -> int:
        """The value of the first name that has one.

        Raises:
            UnknownModel: None has one and there is no default, or it is no number in range.
        """
        for name in names:
            found = self._raw.get(name)
            if found is None:
                continue
            whole = isinstance(found, int) and not isinstance(found, bool)
            if not whole or not least <= found <= MOST:
                raise UnknownModel(f"config.json: {name} is {found!r}, not a number of that kind")
            return int(found)
        if default is None:
            raise UnknownModel(f"config.json has no {names[0]}")
        return default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A true or false; anything else counts as the default."""
        found = self._raw.get(name)
        return found if isinstance(found, bool) else default

    def word(self, *names: str) -> str | None:
        """A text, or None."""
        for name in names:
            if isinstance(found := self._raw.get(name), str):
                return found
        return None

    def items(self, name: str) -> list[Any]:
        """A list; empty when there is none."""
        found = self._raw.get(name)
        return found if isinstance(found, list) else []

    def table(self, name: str) -> dict[str, Any]:
        """An object; empty when there is none."""
        found = self._raw.get(name)
        return found if isinstance(found, dict) else {}
