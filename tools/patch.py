"""A diff as git writes it, taken apart into files and hunks, and put together again from some.

Only diffs of git's own making are meant: those of :meth:`tools.git.ObjectStore.diff`. The format:
https://git-scm.com/docs/diff-format#generate_patch_text_with_p
"""

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

_FILE = b"diff --git "
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPES = {
    **dict(zip((b"a", b"b", b"t", b"n", b"v", b"f", b"r"), range(7, 14), strict=True)),
    b'"': 34,
    b"\\": 92,
}
_ESCAPE = re.compile(rb'\\([0-3][0-7]{2}|[abtnvfr"\\])')


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that change together, with those around them."""

    old_start: int
    new_start: int
    header: bytes
    """The line that begins with ``@@``, with its line end."""
    lines: tuple[bytes, ...]
    """With their mark (space, plus, minus, backslash) and their line end."""

    @property
    def added(self) -> dict[int, bytes]:
        """Lines of the new file that the old one lacks: number, counted from 1, to text."""
        return dict(_numbered(self.lines, self.new_start, b"+"))

    @property
    def removed(self) -> dict[int, bytes]:
        """Lines of the old file that the new one lacks: number, counted from 1, to text."""
        return dict(_numbered(self.lines, self.old_start, b"-"))

    @property
    def size(self) -> int:
        """How many lines it adds and removes."""
        return sum(line[:1] in (b"+", b"-") for line in self.lines)


@dataclass(frozen=True, slots=True)
class FilePatch:
    """What becomes of one file."""

    path: str
    header: bytes
    """Everything before the first hunk; for a binary file, all of it."""
    hunks: tuple[Hunk, ...] = field(default=())

    @property
    def whole(self) -> bool:
        """Whether it can only be taken or left as a whole: made, removed, binary, its mode."""
        marks = (b"new file", b"deleted file", b"old mode", b"GIT binary patch", b"Binary files")
        lines = self.header.split(b"\n")
        return not self.hunks or any(line.startswith(marks) for line in lines)

    def with_hunks(self, hunks: Sequence[Hunk]) -> bytes:
        """The diff of this file with only these of its hunks, which git can apply by context."""
        return self.header + b"".join(hunk.header + b"".join(hunk.lines) for hunk in hunks)


def parse(diff: bytes) -> list[FilePatch]:
    """The files of a diff, in its order."""
    # Not ``splitlines``: a carriage return is part of a line.
    lines = [line + b"\n" for line in diff.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return [_file(section) for section in _sections([line for line in lines if line])]


def chosen(files: Sequence[FilePatch], keep: Collection[tuple[int, int]]) -> bytes:
    """The diff with some hunks only: pairs of a file's place and the hunk's place in it.

    A file that can only be taken as a whole counts as one hunk, whose place is 0.
    """
    parts = []
    for place, file in enumerate(files):
        if file.whole:
            if (place, 0) in keep:
                parts.append(file.with_hunks(file.hunks))
            continue
        hunks = [hunk for number, hunk in enumerate(file.hunks) if (place, number) in keep]
        if hunks:
            parts.append(file.with_hunks(hunks))
    return b"".join(parts)


def places(files: Sequence[FilePatch]) -> list[tuple[int, int]]:
    """Every hunk of a diff, as :func:`chosen` names them."""
    return [
        (place, number)
        for place, file in enumerate(files)
        for number in range(1 if file.whole else len(file.hunks))
    ]


def _sections(lines: Sequence[bytes]) -> Iterator[list[bytes]]:
    section: list[bytes] = []
    left = _Left()
    for line in lines:
        # A line of a hunk is never a header, whatever it says: hunks tell how long they are.
        if not left.take(line) and line.startswith(_FILE):
            if section:
                yield section
            section = []
        section.append(line)
    if section and section[0].startswith(_FILE):
        yield section


class _Left:
    """How many lines of the old and the new file the hunk that is being read still has."""

    def __init__(self) -> None:
        self._old = self._new = 0

    def take(self, line: bytes) -> bool:
        """Whether the line belongs to the hunk, which it then shortens."""
        if self._old <= 0 and self._new <= 0:
            if match := _HUNK.match(line):
                self._old, self._new = int(match[2] or 1), int(match[4] or 1)
            return False
        mark = line[:1]
        self._old -= mark in (b" ", b"-", b"\n")
        self._new -= mark in (b" ", b"+", b"\n")
        return True


def _file(lines: Sequence[bytes]) -> FilePatch:
    left = _Left()
    starts = []
    for number, line in enumerate(lines):
        if not left.take(line) and _HUNK.match(line):
            starts.append(number)
    header = b"".join(lines[: starts[0]] if starts else lines)
    ends = [*starts, len(lines)][1:]
    hunks = tuple(_hunk(lines[a:b]) for a, b in zip(starts, ends, strict=True))
    return FilePatch(_path(header), header, hunks)


def _hunk(lines: Sequence[bytes]) -> Hunk:
    match = _HUNK.match(lines[0])
    if match is None:
        raise AssertionError("a hunk begins with its header")
    return Hunk(int(match[1]), int(match[3]), lines[0], tuple(lines[1:]))


def _numbered(lines: Sequence[bytes], start: int, mark: bytes) -> Iterator[tuple[int, bytes]]:
    number = start
    for line in lines:
        if line[:1] == mark:
            yield number, line[1:].rstrip(b"\r\n")
        if line[:1] in (b" ", mark, b"\n"):
            number += 1


def _path(header: bytes) -> str:
    """The file's path, of the new side unless it is removed."""
    sides = {}
    for line in header.split(b"\n"):
        for mark in (b"--- ", b"+++ "):
            name = _unquoted(line.removeprefix(mark).rstrip(b"\t"))
            if line.startswith(mark) and name != b"/dev/null":
                sides[mark] = name[2:]
    name = sides.get(b"+++ ") or sides.get(b"--- ") or _named_twice(header.split(b"\n")[0])
    return os.fsdecode(name)


def _named_twice(line: bytes) -> bytes:
    """``p`` of ``diff --git a/p b/p``: without renames both names are the same."""
    names = line.removeprefix(_FILE)
    if names.startswith(b'"'):
        return _unquoted(names[: (len(names) - 1) // 2])[2:]
    return names[2 : (len(names) - 1) // 2]


def _unquoted(name: bytes) -> bytes:
    """A path as git quotes it: https://git-scm.com/docs/git-config#Documentation/git-config.txt-corequotePath."""
    if not (name.startswith(b'"') and name.endswith(b'"')):
        return name

    def character(match: "re.Match[bytes]") -> bytes:
        code = _ESCAPES.get(match[1])
        return bytes([int(match[1], 8) if code is None else code])

    return _ESCAPE.sub(character, name[1:-1])
