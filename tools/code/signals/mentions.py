"""Names that the issue writes, and what defines or uses them."""

from collections.abc import Mapping
from math import log, prod, sqrt

from tools.code.index import Index
from tools.code.issue import Issue
from tools.code.outline import Outline
from tools.code.signals.survey import Survey

Key = tuple[str, int]
"""A path and the place of a definition in its outline."""

_SHORT = 3
"""Names of fewer letters than this say nothing."""


def definitions_named(issue: Issue, index: Index) -> dict[Key, float]:
    """Definitions whose name the issue writes; a name that many share counts little for each."""
    places: dict[str, list[Key]] = {}
    for path, outline in index.outlines.items():
        for place, definition in enumerate(outline.definitions):
            name = definition.name
            if name in issue.names and len(name) >= _SHORT and definition.kind != "chunk":
                places.setdefault(name, []).append((path, place))
    return {
        key: issue.names[name] / sqrt(len(keys)) for name, keys in places.items() for key in keys
    }


def definitions_qualified(issue: Issue, index: Index) -> dict[Key, float]:
    """Definitions written with what encloses them or their module: ``Outer.inner``, ``mod.f``."""
    tails = {tuple(dotted.split(".")[-2:]) for dotted in issue.dotted}
    inner = {tail[1] for tail in tails}
    scores = {}
    for path, outline in index.outlines.items():
        stem = path.rpartition("/")[2].partition(".")[0]
        for place, definition in enumerate(outline.definitions):
            if definition.name in inner:
                owner = _owner(outline, place) or stem
                if (owner, definition.name) in tails:
                    scores[path, place] = 1.0
    return scores


def files_defining(named: Mapping[Key, float]) -> dict[str, float]:
    """Files by the names they define: how surely one of them is meant (noisy or)."""
    by_file: dict[str, list[float]] = {}
    for (path, _), score in named.items():
        by_file.setdefault(path, []).append(score)
    return {
        path: 1 - prod(1 - min(score, 1.0) for score in scores) for path, scores in by_file.items()
    }


def files_referring(issue: Issue, survey: Survey) -> dict[str, float]:
    """Files whose code uses the issue's names, the rarer the name the more."""
    frequency: dict[str, int] = {}
    for names in survey.referring.values():
        for name in names:
            frequency[name] = frequency.get(name, 0) + 1
    total = len(survey.referring)
    value = {
        name: issue.names[name] * log(1 + total / count)
        for name, count in frequency.items()
        if len(name) >= _SHORT
    }
    return {
        path: sum(value.get(name, 0.0) for name in sorted(names))
        for path, names in survey.referring.items()
        if names
    }


def _owner(outline: Outline, place: int) -> str:
    parent = outline.definitions[place].parent
    return outline.definitions[parent].name if parent >= 0 else ""
