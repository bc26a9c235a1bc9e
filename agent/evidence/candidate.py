"""A candidate: what it changes outside the tests, and those tests it will be judged by."""

import ast
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from agent.evidence.parts import Parts, divided
from tools.git import Change, ObjectStore
from tools.patch import FilePatch, parse

READ_BYTES = 2_000_000
"""A longer file is not read; that it was changed is told to the reader."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A file's text on both sides; None where there is none that can be read as text."""

    before: str | None
    after: str | None


class ChangedFile:
    """One file as the candidate leaves it, with the lines that are its doing."""

    def __init__(self, path: str, change: Change, patch: FilePatch | None, texts: Texts) -> None:
        self.path = path
        self.change = change
        self.before = texts.before
        """The text on the base; None where there is none that can be read as text."""
        self.after = texts.after
        """The text with the patch; None where there is none that can be read as text."""
        hunks = patch.hunks if patch else ()
        self.added = {n: _text(line) for hunk in hunks for n, line in hunk.added.items()}
        """Lines that the patch adds: number in the new file to text."""
        self.removed = {n: _text(line) for hunk in hunks for n, line in hunk.removed.items()}
        """Lines that the patch removes: number in the old file to text."""

    @property
    def is_new(self) -> bool:
        """Whether the base does not have it."""
        return self.change.old_mode == "000000"

    @property
    def is_gone(self) -> bool:
        """Whether the patch removes it."""
        return self.change.new_mode == "000000"

    @property
    def suffix(self) -> str:
        """The end of its name, in small letters: ``.py``."""
        return PurePosixPath(self.path).suffix.lower()

    @cached_property
    def tree(self) -> ast.Module | None:
        """The patched Python; None where it is none, or cannot be parsed."""
        return _parsed(self.after) if self.suffix in (".py", ".pyi", ".pyx") else None

    @cached_property
    def old_tree(self) -> ast.Module | None:
        """The Python of the base; None where it is none, or cannot be parsed."""
        return _parsed(self.before) if self.suffix in (".py", ".pyi", ".pyx") else None

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the patched Python; none where it is none."""
        return tuple(ast.walk(self.tree)) if self.tree else ()

    @cached_property
    def added_nodes(self) -> tuple[ast.AST, ...]:
        """Nodes of the patched Python that a line of the patch's is part of the head of."""
        return tuple(node for node in self.nodes if getattr(node, "lineno", 0) in self.added)

    @cached_property
    def touched_nodes(self) -> tuple[ast.AST, ...]:
        """Nodes of the patched Python that hold any line of the patch's."""
        return tuple(node for node in self.nodes if self._touches(node))

    def _touches(self, node: ast.AST) -> bool:
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0) or 0
        return bool(first) and any(first <= line <= last for line in self.added)


@dataclass(frozen=True)
class Candidate:
    """A patch as the gate sees it."""

    tree: str
    """What is judged: the base with the reproduction, and the candidate's own part."""
    parts: Parts
    files: tuple[ChangedFile, ...]
    """The candidate's own part."""
    known: frozenset[str]
    """Every path of the base."""
    tests: tuple[str, ...] = ()
    """Texts of the files that the reproduction's tests are in."""
    test_files: tuple[str, ...] = ()
    """Their paths."""
    names: tuple[str, ...] = field(default=())
    """Names of the reproduction's tests."""


def take(
    store: ObjectStore,
    start: str,
    patched: str,
    onto: str,
    *,
    names: Sequence[str] = (),
    test_files: Sequence[str] = (),
) -> Candidate:
    """The candidate in what a patch made of a tree.

    Args:
        store: Holds the trees.
        start: What the patch was applied to.
        patched: What came of it.
        onto: The base with the reproduction's tests, which the candidate's own part is laid onto.
        names: The reproduction's tests.
        test_files: The files that they are in.
    """
    parts = divided(store, start, store.changes(start, patched), patched)
    tree = store.overlay(onto, patched, [change.path for change in parts.own])
    entries = {entry.path: entry for entry in store.entries(onto)}
    tests = [path for path in test_files if path in entries]
    return Candidate(
        tree=tree,
        parts=parts,
        files=tuple(_files(store, start, patched, parts.own)),
        known=frozenset(entries),
        tests=tuple(_text(store.get(entries[path].blob)[:READ_BYTES]) for path in tests),
        test_files=tuple(tests),
        names=tuple(names),
    )


def _files(
    store: ObjectStore, start: str, patched: str, own: Sequence[Change]
) -> Iterator[ChangedFile]:
    patches = {patch.path: patch for patch in parse(store.diff(start, patched))}
    old, new = (
        {entry.path: entry.blob for entry in store.entries(tree) if entry.regular}
        for tree in (start, patched)
    )
    for change in own:
        texts = Texts(*(_read(store, blobs.get(change.path)) for blobs in (old, new)))
        yield ChangedFile(change.path, change, patches.get(change.path), texts)


def _read(store: ObjectStore, blob: str | None) -> str | None:
    if blob is None:
        return None
    size = store.sizes([blob])[0]
    if size is None or size > READ_BYTES:
        return None
    data = store.get(blob)
    return None if b"\0" in data else _text(data)


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


def _parsed(text: str | None) -> ast.Module | None:
    if text is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
