"""Tests that have no say are cut out of the files that they share with those that have.

A model writes several tests; those that are not accepted, or that a proven repair does not pass,
would fail for whoever takes the patch. A test's definition is found by the outline of its file.
What cannot be told apart stays: a title that is no definition's name, a definition that was there
before, one of which other cases count. Whether the rest still ends as it did, the caller runs.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tools.checks.files import files_of
from tools.code.outline import CALLABLE, ENCLOSING, Definition, Outline
from tools.code.parse import parse
from tools.git import ObjectStore

_SEPARATORS = re.compile(r"::|[.#> ]+")


@dataclass(frozen=True, slots=True)
class Excision:
    """A tree with fewer tests."""

    tree: str
    cut: tuple[str, ...]
    """Names of the tests that are not in it any more."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file of tests: its bytes, what it defines, and what it defined on the base."""

    data: bytes
    outline: Outline
    known: frozenset[str]

    def defines(self, test: str) -> int | None:
        """The place of a test's definition, where one and only one can be meant and is new."""
        *outer, name = [word for word in _SEPARATORS.split(test.partition("[")[0]) if word] or [""]
        found = [
            place
            for place, definition in enumerate(self.outline.definitions)
            if definition.kind in CALLABLE and definition.name == name
        ]
        within = [place for place in found if self._lies_in(place, outer)]
        meant = within if len(found) > 1 else found
        new = [place for place in meant if self._at(place).qualified not in self.known]
        return new[0] if len(meant) == 1 and new else None

    def is_emptied_by(self, gone: Collection[int]) -> bool:
        """Whether a file that was not there before defines nothing without these."""
        tops = [place for place, d in enumerate(self.outline.definitions) if d.parent < 0]
        return not self.known and all(place in gone for place in tops)

    def with_emptied(self, places: Collection[int]) -> set[int]:
        """The definitions, and those around them of which nothing else is left."""
        gone = set(places)
        while True:
            parents = {self._at(place).parent for place in gone} - gone - {-1}
            emptied = {p for p in parents if self._is_emptied(p, gone)}
            if not emptied:
                return gone
            gone |= emptied

    def _is_emptied(self, parent: int, gone: Collection[int]) -> bool:
        definition = self._at(parent)
        inside = [i for i, d in enumerate(self.outline.definitions) if d.parent == parent]
        new = definition.qualified not in self.known
        return definition.kind in ENCLOSING and new and all(place in gone for place in inside)

    def _lies_in(self, place: int, outer: Sequence[str]) -> bool:
        parent = self._at(place).parent
        return bool(outer) and parent >= 0 and self._at(parent).name == outer[-1]

    def _at(self, place: int) -> Definition:
        return self.outline.definitions[place]


def without(
    store: ObjectStore, base: str, tree: str, unwanted: Sequence[str], wanted: Collection[str]
) -> Excision:
    """A tree without some tests, as far as they can be cut out.

    Args:
        store: Holds the trees.
        base: Before any of the tests was written.
        tree: With the tests.
        unwanted: Names of those to be cut out.
        wanted: Names of those that share their files and stay.
    """
    written = [change.path for change in store.changes(base, tree)]
    cut: list[str] = []
    for path in written:
        here = [name for name in unwanted if files_of([name], written) == [path]]
        file = _read(store, base, tree, path) if here else None
        if file is None:
            continue
        staying = {file.defines(n) for n in wanted if files_of([n], written) == [path]}
        places = {name: file.defines(name) for name in here}
        # Of a test with parameters, all its cases are one definition.
        chosen = {n: p for n, p in places.items() if p is not None and p not in staying}
        if not chosen:
            continue
        gone = file.with_emptied(set(chosen.values()))
        if file.is_emptied_by(gone):
            tree = store.overlay(tree, base, [path])
        else:
            tree = store.with_file(tree, path, _rest(file, gone))
        cut += chosen
    return Excision(tree, tuple(cut))


def _read(store: ObjectStore, base: str, tree: str, path: str) -> _File | None:
    """The file; None where its outline is not to be trusted."""
    before, after = (
        {entry.path: entry.blob for entry in store.entries(one) if entry.regular}
        for one in (base, tree)
    )
    if path not in after:
        return None
    data = store.get(after[path])
    outline, _ = parse(data, path)
    known, _ = parse(store.get(before[path]) if path in before else b"", path)
    if outline.trouble or not outline.language:
        return None
    return _File(data, outline, frozenset(d.qualified for d in known.definitions))


def _rest(file: _File, gone: Collection[int]) -> bytes:
    """The file without the lines of these definitions, and without the blank lines before them."""
    spans = [file.outline.definitions[place] for place in gone]
    lines = file.data.split(b"\n")
    out = {line for span in spans for line in _with_blanks(span, lines)}
    kept = b"\n".join(line for number, line in enumerate(lines, 1) if number not in out)
    return kept.rstrip(b"\n") + b"\n" if file.data.endswith(b"\n") else kept


def _with_blanks(span: Definition, lines: Sequence[bytes]) -> Iterator[int]:
    first = span.start
    while first > 1 and not lines[first - 2].strip():
        first -= 1
    yield from range(first, span.end + 1)
