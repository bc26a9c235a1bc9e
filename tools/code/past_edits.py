"""Small edits that earlier commits made, of a line or two each, as their diffs tell them.

Most repairs that people make are as small as that (R.-M. Karampatsis and C. Sutton, "How Often Do
Single-Statement Bugs Occur? The ManySStuBs4J Dataset", MSR 2020); a commit that changes many places
at once rather renames or restructures, so it tells nothing here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LINES = 2
"""Of an edit, before and after."""
_PLACES = 10
"""A commit that changes more places is left out."""
_LONGEST = 300
"""Characters of a line."""
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class PastEdit:
    """Lines that became others; none before, where they were added, or none after."""

    path: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def past_edits(diffs: Sequence[bytes], suffixes: tuple[str, ...], most: int) -> list[PastEdit]:
    """The small edits of files with such names, in the order of the diffs, each of them once."""
    found: dict[PastEdit, None] = {}
    for diff in diffs:
        edits = list(_edits(diff))
        if len(edits) <= _PLACES:
            small = [edit for edit in edits if edit.path.endswith(suffixes) and _is_small(edit)]
            found.update(dict.fromkeys(small))
        if len(found) >= most:
            break
    return list(found)[:most]


def _is_small(edit: PastEdit) -> bool:
    lines = (*edit.before, *edit.after)
    sizes = len(edit.before), len(edit.after)
    known = bool(edit.path)
    short = all(len(line) <= _LONGEST and "\r" not in line for line in lines)
    return known and max(sizes) <= LINES and short and any(line.strip() for line in lines)


def _edits(diff: bytes) -> Iterator[PastEdit]:
    """The hunks of a diff without context lines; those of new and removed files have no path."""
    path, new, removed, added = "", False, 0, 0
    before: list[str] = []
    after: list[str] = []
    for line in diff.decode(errors="replace").split("\n"):
        if removed and line.startswith("-"):
            removed -= 1
            before.append(line[1:])
        elif added and line.startswith("+"):
            added -= 1
            after.append(line[1:])
        elif line.startswith("--- "):
            new = line == "--- /dev/null"
        elif line.startswith("+++ "):
            path = line[6:] if line.startswith("+++ b/") and not new else ""
        elif hunk := _HUNK.match(line[:_LONGEST]):
            removed, added = (int(count or 1) for count in hunk.groups())
        if (before or after) and not (removed or added):
            yield PastEdit(path, tuple(before), tuple(after))
            before, after = [], []
