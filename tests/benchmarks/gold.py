"""What a gold patch says had to be seen: files of the base, and definitions in them."""

import re
from collections.abc import Iterator, Mapping

from tools.checks.suite_files import is_test_path
from tools.code.index import Index
from tools.code.outline import Outline

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+")
_NOT_COUNTED = frozenset(("chunk", "variable", "constant", "module"))
"""Kinds that are no function or class: a change in them alone is one at module level."""

Spot = tuple[int, int]
"""Lines of the base: a removed one twice, or the two between which something is inserted."""


def changed(patch: str) -> dict[str, list[Spot]]:
    """Files of the base that a unified diff changes, tests left out, with the places."""
    files: dict[str, list[Spot]] = {}
    for path, spots in _sections(patch):
        if not is_test_path(path):
            files.setdefault(path, []).extend(spots)
    return files


def functions(files: Mapping[str, list[Spot]], index: Index) -> set[tuple[str, int]]:
    """The innermost definitions that the places lie in, as path and place in the outline."""
    return {
        (path, innermost)
        for path, spots in files.items()
        if path in index.outlines
        for spot in spots
        if (innermost := _innermost(index.outlines[path], spot)) is not None
    }


def _innermost(outline: Outline, spot: Spot) -> int | None:
    enclosing = [
        place
        for place, one in enumerate(outline.definitions)
        if one.kind not in _NOT_COUNTED and one.start <= spot[0] and spot[1] <= one.end
    ]
    return enclosing[-1] if enclosing else None


def _sections(patch: str) -> Iterator[tuple[str, list[Spot]]]:
    for section in re.split(r"^diff --git ", patch, flags=re.MULTILINE)[1:]:
        header, _, hunks = section.partition("\n@@ ")
        old = re.search(r"^--- a/([^\t\n]+)", header, re.MULTILINE)
        renamed = re.search(r"^rename from (.+)$", header, re.MULTILINE)
        path = old or renamed
        if path:
            yield path[1], list(_spots(f"@@ {hunks}" if hunks else ""))


def _spots(hunks: str) -> Iterator[Spot]:
    line = 0
    for text in hunks.split("\n"):
        if hunk := _HUNK.match(text):
            line = int(hunk[1]) + (hunk[2] == "0")
        elif text.startswith("-"):
            yield line, line
            line += 1
        elif text.startswith("+"):
            yield line - 1, line
        elif text.startswith(" ") or not text:
            line += 1
