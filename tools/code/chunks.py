"""Texts in no language we parse, and files that defeat their parser: pieces of some 60 lines."""

import re

from tools.code.outline import Definition

_LINES = 60
_MOST_LINES = 90
_HEADING = re.compile(r"#{1,6}\s+\S|={1,6}\s+\S|\[[^\]\n]{1,80}\]\s*$|[A-Za-z_][\w.-]*:\s*$")
_RULE = re.compile(r"([=\-~^\"'*+#`.:_])\1{2,}\s*$")
_NAME_LENGTH = 80


def chunks(lines: list[str]) -> tuple[Definition, ...]:
    """Cut a text at headings and blank lines into pieces of about 60 lines, named by what they say.

    A piece is named by its first heading (Markdown, reStructuredText, section of a configuration
    file), else by its first line that is not blank.
    """
    pieces, start = [], 0
    while start < len(lines):
        end = _cut(lines, start)
        name = _name(lines[start:end]) or f"lines {start + 1}-{end}"
        pieces.append(Definition("chunk", name, name, start + 1, end, start + 1, name, "", -1))
        start = end
    return tuple(pieces)


def _cut(lines: list[str], start: int) -> int:
    """Where the piece from ``start`` on ends: before a heading, after a blank, or anywhere."""
    if start + _MOST_LINES >= len(lines):
        return len(lines)
    places = range(start + _MOST_LINES, start + _LINES // 2, -1)
    for place in places:
        if _is_heading(lines, place):
            return place
    for place in sorted(places, key=lambda place: abs(place - start - _LINES)):
        if not lines[place - 1].strip():
            return place
    return start + _LINES


def _is_heading(lines: list[str], place: int) -> bool:
    if _HEADING.match(lines[place]):
        return True
    underlined = place + 1 < len(lines) and _RULE.match(lines[place + 1])
    return bool(underlined and lines[place].strip() and not _RULE.match(lines[place]))


def _name(lines: list[str]) -> str:
    heading = next((place for place in range(len(lines)) if _is_heading(lines, place)), None)
    if heading is None:
        heading = next((place for place, line in enumerate(lines) if line.strip()), None)
    return " ".join(lines[heading].split())[:_NAME_LENGTH] if heading is not None else ""
