"""Reads JSON as models write it: mends what can mean only one thing, refuses the rest.

Mended are: single quotes, keys without quotes, ``True``, ``False`` and ``None``, a comma too many,
line breaks and other control characters in a string, backslashes that mean nothing, brackets
missing or too many at the very end, the first bracket missing, the same value twice, a code fence
around it. Never mended is a text that ends inside a string or after a comma: what is missing there
could be anything.

Text that is JSON is read as :func:`json.loads` would, except that a key may not occur twice with
different values, and numbers must be finite and not absurd.
"""

import json
import re
from typing import Any, NoReturn

DEEPEST = 50
"""Levels of nesting; no call's arguments need more."""
LONGEST_NUMBER = 40
"""Characters of a number."""

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_SPACE = re.compile(r"(?:[ \t\n\r]|\\[nrt])*")
_HEADLESS = re.compile(r'\s*"[^"\\]*"\s*:.*\}\s*', re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_PLAIN = {'"': re.compile(r'[^"\\]*'), "'": re.compile(r"[^'\\]*")}
_CONTROL = re.compile(r"[\x00-\x1f]")
_FENCE = re.compile(r"\s*```\w*\n(.*?)\n?```\s*", re.DOTALL)
_WORDS = {
    "true": True,
    "false": False,
    "null": None,
    "True": True,
    "False": False,
    "None": None,
}
_ESCAPES = {
    '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
}  # fmt: skip
_MEANINGFUL = set("bfnrtuavxNU01234567")
"""What has a meaning after a backslash, in JSON or in Python, which models mix up."""


class NotJSON(ValueError):
    """The text cannot be read, or could mean more than one thing; the message says where."""


def parse(text: str) -> tuple[Any, list[str]]:
    """The value, and one line for each kind of mending that it took.

    Raises:
        NotJSON: There is no one thing that the text can mean.
    """
    try:
        return _loads(text), []
    except NotJSON:
        raise
    except (ValueError, RecursionError):
        pass  # not JSON as it stands; perhaps it can be mended
    fenced = _FENCE.fullmatch(text)
    if fenced:
        return _mended(fenced.group(1), "a code fence around it")
    if _HEADLESS.fullmatch(text):
        return _mended("{" + text, "its first bracket missing")
    return _mended(text)


def _mended(text: str, *before: str) -> tuple[Any, list[str]]:
    reader = _Reader(text)
    for what in before:
        reader.mend(what)
    return reader.read(), reader.mended


def _loads(text: str) -> Any:
    value = json.loads(
        text,
        parse_constant=_refuse,
        parse_float=_float,
        parse_int=_int,
        object_pairs_hook=_object,
    )
    _measure(value, 0)
    return value


def _refuse(name: str) -> NoReturn:
    raise NotJSON(f"{name} is no JSON")


def _float(digits: str) -> float:
    value = float(digits)
    if len(digits) > LONGEST_NUMBER or value in (float("inf"), float("-inf")):
        raise NotJSON(f"the number {digits[:LONGEST_NUMBER]} is too large")
    return value


def _int(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise NotJSON(f"the number {digits[:LONGEST_NUMBER]}... is too large")
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found and found[key] != value:
            raise NotJSON(f"the key {key!r} occurs twice, with different values")
        found[key] = value
    return found


def _measure(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise NotJSON("nested too deeply")
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            _measure(inner, depth + 1)


class _Reader:
    """Reads one value from the beginning of a text to its end."""

    def __init__(self, text: str) -> None:
        self.mended: list[str] = []
        self._text = text
        self._at = 0

    def mend(self, what: str) -> None:
        if what not in self.mended:
            self.mended.append(what)

    def read(self) -> Any:
        value = self._value(0)
        self._skip_space()
        while self._text[self._at :].strip(" \t\r\n]})"):
            if not isinstance(value, dict) or self._text[self._at] != "{":
                self._fail("something follows the value")
            if self._value(0) != value:
                self._fail("two different values")
            self.mend("the same value twice")
            self._skip_space()
        if self._at < len(self._text):
            self.mend("brackets too many at its end")
        return value

    def _value(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise NotJSON("nested too deeply")
        self._skip_space()
        char = self._text[self._at : self._at + 1]
        if char == "{":
            return self._members(depth)
        if char == "[":
            return self._items(depth)
        if char and char in "\"'":
            return self._string()
        number = _NUMBER.match(self._text, self._at)
        if number:
            self._at = number.end()
            whole = number.group(2) is None and number.group(3) is None
            return _int(number.group()) if whole else _float(number.group())
        return self._word()

    def _word(self) -> Any:
        name = _NAME.match(self._text, self._at)
        if name is None or name.group() not in _WORDS:
            self._fail("no value")
        if name.group()[0].isupper():
            self.mend("Python's words for true, false and null")
        self._at = name.end()
        return _WORDS[name.group()]

    def _members(self, depth: int) -> dict[str, Any]:
        pairs: list[tuple[str, Any]] = []
        self._at += 1
        while not self._closes("}", empty=not pairs):
            key = self._key()
            self._skip_space()
            if self._text[self._at : self._at + 1] != ":":
                self._fail("no colon after a key")
            self._at += 1
            pairs.append((key, self._value(depth + 1)))
        return _object(pairs)

    def _items(self, depth: int) -> list[Any]:
        items: list[Any] = []
        self._at += 1
        while not self._closes("]", empty=not items):
            items.append(self._value(depth + 1))
        return items

    def _closes(self, bracket: str, *, empty: bool) -> bool:
        """Whether the value ends here; goes past the comma where it does not."""
        self._skip_space()
        char = self._text[self._at : self._at + 1]
        comma = char == "," and not empty
        if comma:
            self._at += 1
            self._skip_space()
            char = self._text[self._at : self._at + 1]
        if char == bracket:
            if comma:
                self.mend("a comma too many")
            self._at += 1
            return True
        if not char and not comma and not empty:
            self.mend("brackets missing at its end")
            return True
        if not char:
            self._fail("it ends too early")
        if not comma and not empty:
            self._fail("no comma")
        return False

    def _key(self) -> str:
        if self._text[self._at] in "\"'":
            return self._string()
        name = _NAME.match(self._text, self._at)
        if name is None:
            self._fail("no key")
        self.mend("keys without quotes")
        self._at = name.end()
        return name.group()

    def _string(self) -> str:
        quote = self._text[self._at]
        if quote == "'":
            self.mend("single quotes")
        self._at += 1
        parts: list[str] = []
        escapes: set[str] = set()
        while True:
            plain = _PLAIN[quote].match(self._text, self._at)
            assert plain is not None
            parts.append(plain.group())
            if _CONTROL.search(plain.group()):
                self.mend("line breaks or control characters in a string")
            self._at = plain.end()
            if self._at >= len(self._text):
                self._fail("it ends inside a string")
            if self._text[self._at] == quote:
                self._at += 1
                break
            parts.append(self._escape(escapes))
        self._judge(escapes)
        return "".join(parts)

    def _escape(self, escapes: set[str]) -> str:
        char = self._text[self._at + 1 : self._at + 2]
        if char < " ":
            # At the end of the text, or before a line break that nobody can mean to escape.
            self._fail("it ends inside a string" if not char else "a backslash ends a line")
        self._at += 2
        if char == "u":
            digits = self._text[self._at : self._at + 4]
            if not re.fullmatch(r"[0-9a-fA-F]{4}", digits):
                self._fail("no character number after a backslash and u")
            self._at += 4
            escapes.add("u")
            return self._pair(int(digits, 16))
        if char == "'":
            return char
        escapes.add(char)
        return _ESCAPES.get(char, f"\\{char}")

    def _pair(self, code: int) -> str:
        """The character of an escape; two halves of a surrogate pair are one."""
        low = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})").match(self._text, self._at)
        if 0xD800 <= code < 0xDC00 and low:
            self._at = low.end()
            return chr(0x10000 + ((code - 0xD800) << 10) + int(low.group(1), 16) - 0xDC00)
        return chr(code)

    def _judge(self, escapes: set[str]) -> None:
        """A backslash that means nothing stands for itself, but then the others might as well."""
        meaningless = escapes - set(_ESCAPES) - {"u"}
        if not meaningless:
            return
        if escapes & _MEANINGFUL:
            self._fail(f"a backslash before {min(meaningless)!r}; write two for one")
        self.mend("single backslashes in a string")

    def _skip_space(self) -> None:
        found = _SPACE.match(self._text, self._at)
        assert found is not None
        if "\\" in found.group():
            self.mend("line breaks written as backslash and letter between values")
        self._at = found.end()

    def _fail(self, what: str) -> NoReturn:
        line = self._text.count("\n", 0, self._at) + 1
        column = self._at - self._text.rfind("\n", 0, self._at)
        raise NotJSON(f"{what}, at line {line} column {column}")
