"""Files and lines that the issue points at: paths, dotted modules, stack frames."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tools.code.frames import Frame
from tools.code.index import Index
from tools.code.issue import Issue
from tools.code.outline import Outline
from tools.code.words import words

Key = tuple[str, int]


class PathEndings:
    """Looks up files of the tree by the end of a path that may be absolute, or from elsewhere."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._by_name: dict[str, list[str]] = {}
        for path in paths:
            self._by_name.setdefault(path.rpartition("/")[2], []).append(path)

    def matching(self, printed: str) -> list[tuple[str, int]]:
        """Files that share the longest ending with a printed path, and how many parts of it."""
        parts = printed.split("/")[::-1]
        shared = [
            (path, _shared(path.split("/")[::-1], parts))
            for path in self._by_name.get(parts[0], ())
        ]
        longest = max((count for _, count in shared), default=0)
        return [(path, count) for path, count in shared if count == longest]


@dataclass(frozen=True, slots=True)
class Located:
    """A frame of the issue, found in the tree."""

    frame: Frame
    path: str
    certainty: float
    """Below 1 when several files could be meant or only the file's name was printed."""


def locate_frames(issue: Issue, endings: PathEndings) -> list[Located]:
    """Frames that lie in files of this tree, in the order of the issue."""
    located = []
    for frame in issue.frames:
        matches = endings.matching(frame.path)
        located += [
            Located(frame, path, min(1.0, (0.5 + 0.25 * shared) / len(matches)))
            for path, shared in matches
        ]
    return located


def files_in_frames(located: Sequence[Located]) -> dict[str, float]:
    """Files by their frames: those near either end of a trace count most."""
    scores: dict[str, float] = {}
    for place, weight in enumerate(_weights(len(located))):
        found = located[place]
        scores[found.path] = max(scores.get(found.path, 0.0), weight * found.certainty)
    return scores


def definitions_in_frames(located: Sequence[Located], index: Index) -> dict[Key, float]:
    """Definitions that a frame names, or else lies in; lines are of another version, names hold."""
    scores: dict[Key, float] = {}
    for place, weight in enumerate(_weights(len(located))):
        found = located[place]
        outline = index.outlines.get(found.path)
        if outline is None:
            continue
        for definition, certainty in _meant(found.frame, outline):
            key = found.path, definition
            scores[key] = max(scores.get(key, 0.0), weight * found.certainty * certainty)
    return scores


def files_by_path(issue: Issue, endings: PathEndings) -> dict[str, float]:
    """Files whose path or name the issue writes; one that many could be counts little."""
    scores: dict[str, float] = {}
    for printed in issue.paths:
        matches = endings.matching(printed)
        for path, shared in matches:
            scores[path] = max(scores.get(path, 0.0), (0.5 + 0.25 * shared) / len(matches))
    return scores


def files_by_module(issue: Issue, paths: Iterable[str]) -> dict[str, float]:
    """Files whose dotted path the issue writes, as imports and dotted names do."""
    wanted: dict[tuple[str, ...], float] = {}
    for dotted in issue.dotted:
        parts = tuple(dotted.split("."))
        for end in range(1, len(parts) + 1):
            wanted[parts[:end]] = end / len(parts)
    by_last: dict[str, list[tuple[str, ...]]] = {}
    for parts in wanted:
        by_last.setdefault(parts[-1], []).append(parts)
    scores: dict[str, float] = {}
    for path in paths:
        module = _module(path)
        for parts in by_last.get(module[-1], ()) if module else ():
            if len(parts) > 1 and module[-len(parts) :] == parts:
                scores[path] = max(scores.get(path, 0.0), wanted[parts] * min(len(parts), 3) / 3)
    return scores


def path_words(issue: Issue, paths: Iterable[str], rarity: Mapping[str, float]) -> dict[str, float]:
    """Files whose names and folders hold words of the issue; a file's own name counts double."""
    scores = {}
    for path in paths:
        folders, _, name = path.rpartition("/")
        stem = name.partition(".")[0]
        found = dict.fromkeys(words(folders), 1.0) | dict.fromkeys(words(stem), 2.0)
        score = sum(
            times * issue.terms[word] * rarity.get(word, 1.0)
            for word, times in found.items()
            if word in issue.terms
        )
        if score:
            scores[path] = score / (1 + 0.2 * len(found))
    return scores


def _module(path: str) -> tuple[str, ...]:
    """``a/b/c.py`` and ``a/b/c/__init__.py`` are a.b.c."""
    parts = path.rpartition(".")[0].split("/")
    if parts and parts[-1] in ("__init__", "index", "mod", "lib"):
        parts.pop()
    return tuple(parts)


def _shared(path: Sequence[str], printed: Sequence[str]) -> int:
    count = 0
    for mine, theirs in zip(path, printed, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _weights(count: int) -> list[float]:
    """A trace's innermost frame may be printed first or last."""
    return [1 / (1 + 0.3 * min(place, count - 1 - place)) for place in range(count)]


def _meant(frame: Frame, outline: Outline) -> list[tuple[int, float]]:
    numbered = list(enumerate(outline.definitions))
    named = [place for place, one in numbered if frame.function and one.name == frame.function]
    at = [place for place, one in numbered if one.start <= frame.line <= one.end]
    if named:
        both = [place for place in named if place in at]
        return [(place, 1.0) for place in both] or [(place, 1 / len(named)) for place in named]
    return [(at[-1], 0.5)] if at else []
