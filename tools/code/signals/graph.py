"""How files hang together: who imports whom, who uses a name that another defines, who tests whom.

Personalised PageRank as in Page, Brin, Motwani and Winograd (1999), section 6, over the graph of
the files that could matter only, so that its cost does not grow with the repository.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import takewhile
from math import log

from tools.code.index import Index

_SEPARATORS = re.compile(r"::|[/.\\]")
_RESTART = 0.3
_ROUNDS = 8
_DEFINERS = 4
"""A name that more files than this define links none of them."""
_IMPORT_WEIGHT = 1.0
_REFERENCE_WEIGHT = 0.5
_MEANT = 3
"""An import that more files than this could be is left aside."""


class Imports:
    """Which files of the tree each file imports, as far as the names tell."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._found: dict[str, frozenset[str]] = {}
        self._by_stem: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._endings: dict[tuple[str, ...], list[str]] = {}
        for path in index.outlines:
            parts = _module(path)
            if parts:
                self._by_stem.setdefault(parts[-1], []).append((parts, path))

    def of(self, path: str) -> frozenset[str]:
        """The files that one file imports."""
        if path not in self._found:
            names = self._index.outlines[path].imports
            found = {other for name in names for other in self._resolve(name, path)}
            self._found[path] = frozenset(found - {path})
        return self._found[path]

    def _resolve(self, name: str, path: str) -> list[str]:
        parts = _parts(name, path)
        for wanted in (parts, parts[:-1]):
            found = self._ending(wanted)
            if 0 < len(found) <= _MEANT:
                return _nearest(found, path)
        return []

    def _ending(self, wanted: tuple[str, ...]) -> list[str]:
        if wanted not in self._endings:
            self._endings[wanted] = self._find_ending(wanted)
        return self._endings[wanted]

    def _find_ending(self, wanted: tuple[str, ...]) -> list[str]:
        if not wanted:
            return []
        candidates = self._by_stem.get(wanted[-1], ())
        for length in range(len(wanted), 0, -1):
            found = [path for parts, path in candidates if parts[-length:] == wanted[-length:]]
            if found:
                return found if length > 1 or len(wanted) == 1 else []
        return []


def links(index: Index, imports: Imports, files: Collection[str]) -> dict[str, dict[str, float]]:
    """Weighted links among these files: what each imports, and whose names it uses."""
    definers: dict[str, list[str]] = defaultdict(list)
    for path, outline in index.outlines.items():
        for name in {one.name for one in outline.definitions if one.kind != "chunk"}:
            definers[name].append(path)
    linking = {name: owners for name, owners in definers.items() if len(owners) <= _DEFINERS}
    graph: dict[str, dict[str, float]] = {}
    for path in files:
        out: defaultdict[str, float] = defaultdict(float)
        for other in sorted(imports.of(path)):
            out[other] += _IMPORT_WEIGHT
        for name, count in index.words_of(path).references.items():
            owners = linking.get(name)
            if owners and path not in owners:
                for owner in owners:
                    out[owner] += _REFERENCE_WEIGHT * log(1 + count) / len(owners)
        graph[path] = {other: weight for other, weight in out.items() if other in files}
    return graph


def page_rank(
    graph: Mapping[str, Mapping[str, float]], seeds: Mapping[str, float]
) -> dict[str, float]:
    """Where a walk that starts at the seeds, and often returns to them, is found; both ways."""
    both: dict[str, defaultdict[str, float]] = {path: defaultdict(float) for path in graph}
    for path, out in graph.items():
        for other, weight in out.items():
            both[path][other] += weight
            both[other][path] += weight
    total = sum(seeds.values())
    start = {path: weight / total for path, weight in seeds.items() if path in both}
    rank = dict(start)
    for _ in range(_ROUNDS):
        following: defaultdict[str, float] = defaultdict(float)
        for path, weight in start.items():
            following[path] += _RESTART * weight
        for path, weight in rank.items():
            degree = sum(both[path].values())
            for other, link in both[path].items() if degree else ():
                following[other] += (1 - _RESTART) * weight * link / degree
        rank = dict(following)
    return rank


def files_tested(
    tests: Mapping[str, float], imports: Imports, sources: Iterable[str]
) -> dict[str, float]:
    """Sources of the tests that the issue is like: by name, and by what the tests import."""
    by_stem: dict[str, list[str]] = defaultdict(list)
    for path in sources:
        by_stem[_stem(path)].append(path)
    scores: defaultdict[str, float] = defaultdict(float)
    for test, score in tests.items():
        paired = by_stem.get(_stem(test), [])
        for path in paired:
            scores[path] += score / len(paired)
        imported = sorted(imports.of(test))
        for path in imported:
            scores[path] += 0.5 * score / len(imported)
    return dict(scores)


def _nearest(found: list[str], path: str) -> list[str]:
    """Of several files that could be meant, those that share the most folders with the importer."""
    shared = {other: _shared_folders(other, path) for other in found}
    most = max(shared.values())
    return [other for other in found if shared[other] == most]


def _shared_folders(path: str, other: str) -> int:
    pairs = zip(path.split("/")[:-1], other.split("/")[:-1], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _stem(path: str) -> str:
    """The name that a test and its source share: ``test_fields.py`` and ``fields.py``."""
    stem = path.rpartition("/")[2].partition(".")[0].lower()
    for mark in ("test", "tests", "spec"):
        stem = stem.removeprefix(f"{mark}_").removesuffix(f"_{mark}").removesuffix(f"-{mark}")
        stem = stem.removesuffix(mark) or stem
    return stem


def _module(path: str) -> tuple[str, ...]:
    parts = (
        path.rpartition(".")[0].split("/") if "." in path.rpartition("/")[2] else path.split("/")
    )
    if len(parts) > 1 and parts[-1] in ("__init__", "index", "mod", "lib"):
        parts.pop()
    return tuple(parts)


def _parts(name: str, path: str) -> tuple[str, ...]:
    """An import's name as path parts; relative ones from the folder of the file."""
    folder = path.split("/")[:-1]
    if name.startswith("."):
        if "/" in name:
            levels = name.count("../")
            rest = [part for part in name.split("/") if part not in (".", "..", "")]
        else:
            levels = len(name) - len(name.lstrip(".")) - 1
            rest = name.strip(".").split(".") if name.strip(".") else []
        base = folder[: len(folder) - levels] if levels else folder
        parts = [*base, *rest]
    else:
        parts = [part for part in _SEPARATORS.split(name) if part and part not in ("crate", "self")]
    if parts and "/" in name:
        parts[-1] = parts[-1].partition(".")[0] or parts[-1]
    return tuple(parts)
