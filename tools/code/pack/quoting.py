"""Names and texts of the repository inside our own format, so that none can break out of it."""

import json
import re

ELISION = "⋮"
"""Begins the line that stands for lines left out."""

_BACKTICKS = re.compile("`+")
_ELISIONS = re.compile(f"{ELISION}+")
_AMBIGUOUS = frozenset(" \"'`\\")


def shown_path(path: str) -> str:
    """The path as it stands in the text: plain, or as a JSON string where it could mislead.

    Quoted are paths with spaces, quotes, or anything that is not printable: control characters,
    bidirectional overrides and other format characters, lone surrogates of undecodable bytes.
    """
    if path.isprintable() and _AMBIGUOUS.isdisjoint(path):
        return path
    return "".join(map(_printable, json.dumps(path, ensure_ascii=False)))


def one_line(text: str) -> str:
    """The text on one line, with what is not printable as JSON escapes; blanks run together."""
    return "".join(map(_printable, " ".join(text.split())))


def encodable(text: str) -> str:
    """The text with lone surrogates, which no encoding has, as question marks."""
    return text.encode(errors="replace").decode()


def fence(text: str) -> str:
    """A Markdown fence that the text cannot close: longer than any run of backticks in it.

    https://spec.commonmark.org/0.31.2/#fenced-code-blocks
    """
    return "`" * max(3, 1 + max(map(len, _BACKTICKS.findall(text)), default=0))


def elision(text: str) -> str:
    """The beginning of a line for lines left out, longer than any like it in the text.

    Wherever it is there: there are more line ends than the one that counts lines.
    """
    return ELISION * (1 + max(map(len, _ELISIONS.findall(text)), default=0))


def _printable(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]
