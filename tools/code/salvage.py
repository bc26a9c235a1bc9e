"""Functions in the stretches that a parser could make nothing of.

After some errors a grammar takes the rest of a file for rubble: a macro before a function's name in
C, a name that begins like a keyword in Kotlin. There the code is looked at as somebody looks at it
who does not read the language: from a line that begins a function to the line that closes it at the
same indentation.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_WORDS = rb"(?:[\w@<>\[\],.?*&:~]++[ \t]++)"
_MODIFIERS = rb"(?:(?:[\w@<>\[\],.?]|\([^()\n]*+\))++[ \t]++)*"
_TYPED = rb"[*&]*+(?P<name>[A-Za-z_~][\w:~]*+)(?=[ \t]*+\()"
_NAMED = rb"[ \t*]*+(?:<[^<>\n]*+>[ \t]*+)?(?:\([^()\n]*+\)[ \t]*+)?(?:[\w<>]++\.)?(?P<name>\w++)"


def _by_keyword(keyword: bytes) -> re.Pattern[bytes]:
    parts = rb"^(?P<indent>[ \t]*+)", _MODIFIERS, keyword, rb"\b", _NAMED
    return re.compile(b"".join(parts), re.MULTILINE)


def _by_type(indent: bytes) -> re.Pattern[bytes]:
    parts = rb"^(?P<indent>", indent, rb")(?P<before>", _WORDS, rb"+)", _TYPED
    return re.compile(b"".join(parts), re.MULTILINE)


_HEADS = {
    "c": _by_type(b""),
    "cpp": _by_type(b""),
    "java": _by_type(rb"[ \t]++"),
    "c_sharp": _by_type(rb"[ \t]++"),
    "javascript": _by_keyword(b"function"),
    "typescript": _by_keyword(b"function"),
    "tsx": _by_keyword(b"function"),
    "php": _by_keyword(b"function"),
    "go": _by_keyword(b"func"),
    "rust": _by_keyword(b"fn"),
    "kotlin": _by_keyword(b"fun"),
}
_SIGNATURE = re.compile(
    rb"[^(){};]{0,300}+\((?:[^()]++|\((?:[^()]++|\([^()]*+\))*+\))*+\)[^(){};=]{0,300}+\{"
)
"""From the end of a function's name to the brace that opens its body."""
_NO_TYPE = frozenset(b"new return else throw case goto if while for switch await yield".split())
_INDENT = 200
_NEAR = 20_000
_SIGNATURE_LENGTH = 3_000


@dataclass(frozen=True, slots=True)
class Found:
    """A function as it lies in the bytes: its lines, its name and the brace that opens its body."""

    start: int
    end: int
    name: tuple[int, int]
    body: int


def salvage(code: bytes, language: str, known: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """Functions that begin outside the byte ranges of those that are known.

    Args:
        code: The file with comments and strings blanked.
        language: Its name; there is nothing to find in a language without braces.
        known: First byte and end of functions, in any order.
    """
    heads = _HEADS.get(language)
    taken, place = sorted(known), 0
    end = 0
    for head in heads.finditer(code) if heads else ():
        while place < len(taken) and taken[place][0] <= head.end():
            end = max(end, taken[place][1])
            place += 1
        if head.start() >= end and (found := _found(code, head)):
            yield found
            end = found.end


def clip(code: bytes, language: str, start: int, end: int) -> int:
    """The end of a function, or an earlier one when the parser let it run into the next.

    A function that ran away closes something at its own indentation and has another beginning at
    that indentation after it.
    """
    heads = _HEADS.get(language)
    if heads is None or code.find(b"\n", start, end) < 0:
        return end
    indent = _indent(code, start)
    closing = _closing(indent).search(code, start, end)
    if closing is None or closing.end() == end:
        return end
    following = heads.finditer(code, closing.end(), min(end, closing.end() + _NEAR))
    ran_away = any(head["indent"] == indent for head in following)
    return closing.end() if ran_away else end


def _closing(indent: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"^%s\}" % re.escape(indent), re.MULTILINE)


def _indent(code: bytes, place: int) -> bytes:
    start = code.rfind(b"\n", 0, place) + 1
    line = code[start : start + _INDENT]
    return line[: len(line) - len(line.lstrip(b" \t"))]


def _found(code: bytes, head: re.Match[bytes]) -> Found | None:
    before = head.groupdict().get("before") or b""
    if not _NO_TYPE.isdisjoint(before.split()) or head["name"] in _NO_TYPE:
        return None
    signature = _SIGNATURE.match(code, head.end(), head.end() + _SIGNATURE_LENGTH)
    if signature is None:
        return None
    body = signature.end() - 1
    end = _end(code, body, head["indent"])
    return Found(head.start() + len(head["indent"]), end, head.span("name"), body)


def _end(code: bytes, body: int, indent: bytes) -> int:
    line_end = code.find(b"\n", body)
    if line_end < 0:
        return len(code)
    if code.count(b"{", body, line_end) <= code.count(b"}", body, line_end):
        return line_end
    closing = _closing(indent).search(code, line_end)
    return closing.end() if closing else len(code.rstrip())
