"""Reading the objects that a git directory holds: commits, trees, blobs."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.git.program import GitDirectory, GitError

_REGULAR_MODES = ("100644", "100755")
_BATCH = 256
"""Blobs read by one process; bounds what is held of them at a time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a tree."""

    mode: str
    blob: str
    path: str

    @property
    def regular(self) -> bool:
        """Whether it is an ordinary file: no symbolic link, no submodule."""
        return self.mode in _REGULAR_MODES


class Objects:
    """The objects of a git directory, to be read."""

    def __init__(self, git: GitDirectory) -> None:
        self._git = git

    def tree_of(self, commit: str) -> str:
        """The tree's id of a commit."""
        return self._git.text("rev-parse", f"{commit}^{{tree}}")

    def entries(self, tree: str) -> list[Entry]:
        """Every file of a tree, in git's order."""
        listing = self._git.git("ls-tree", "-r", "-z", "--full-tree", tree)
        return [_entry(line) for line in listing.split(b"\0") if line]

    def get(self, blob: str) -> bytes:
        """The bytes of a blob."""
        return self._git.git("cat-file", "blob", blob)

    def get_many(self, blobs: Sequence[str]) -> Iterator[bytes]:
        """The bytes of several blobs, in order.

        Raises:
            GitError: One of them is not there.
        """
        for start in range(0, len(blobs), _BATCH):
            yield from self._batch(blobs[start : start + _BATCH])

    def sizes(self, blobs: Sequence[str]) -> list[int | None]:
        """The bytes that each blob has; None for one that is not there, as in a partial clone."""
        if not blobs:
            return []
        listing = self._git.git(
            "cat-file", "--batch-check", "--buffer", stdin="\n".join(blobs).encode()
        )
        words = [line.split() for line in listing.splitlines()]
        return [int(word[2]) if len(word) == 3 else None for word in words]

    def _batch(self, blobs: Sequence[str]) -> Iterator[bytes]:
        data = self._git.git("cat-file", "--batch", "--buffer", stdin="\n".join(blobs).encode())
        position = 0
        for blob in blobs:
            end = data.index(b"\n", position)
            header = data[position:end].split()
            if len(header) != 3:
                raise GitError(f"object {blob} is missing")
            size = int(header[2])
            yield data[end + 1 : end + 1 + size]
            position = end + 1 + size + 1


def _entry(line: bytes) -> Entry:
    header, path = line.split(b"\t", 1)
    mode, _, blob = header.decode().split(" ")
    return Entry(mode, blob, os.fsdecode(path))
