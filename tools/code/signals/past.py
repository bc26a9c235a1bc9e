"""What earlier commits say: what was changed for a like reason, together, lately, often."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Protocol

from tools.code.issue import Issue
from tools.code.outline import Outline
from tools.code.signals.lexical import bm25
from tools.code.signals.survey import Matched

Key = tuple[str, int]

_LIKE = 30
"""Commits that are looked at for what they changed."""
_WIDE = 12
"""A commit of more files than this says little about each."""
_LATELY = 300
_TOKEN = re.compile(r"[a-z][a-z0-9]{2,}")
_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@ ?(.*)$")
_NAME = re.compile(r"\b(?!func\b|if\b)([A-Za-z_~]\w*)\s*(?:[(<\[{:=]|$)")


class Change(Protocol):
    """What is asked of a commit."""

    @property
    def id(self) -> str:
        """What its diff can be asked by."""
        ...

    @property
    def message(self) -> str:
        """The whole message."""
        ...

    @property
    def paths(self) -> tuple[str, ...]:
        """The files it changed."""
        ...


@dataclass(frozen=True, slots=True)
class Alike:
    """An earlier commit whose message is like the issue."""

    commit: Change
    likeness: float
    """Of the most alike one, 1."""


def alike(issue: Issue, commits: Sequence[Change]) -> list[Alike]:
    """Commits whose messages share words with the issue, the most alike first."""
    texts = {}
    for place, commit in enumerate(commits):
        found = _TOKEN.findall(commit.message.lower())
        shared = {word: 1 for word in found if word in issue.terms}
        if shared and commit.paths:
            texts[place] = Matched(shared, len(found))
    scores = bm25(issue.terms, texts, total=len(commits))
    best = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:_LIKE]
    return [Alike(commits[place], score / best[0][1]) for place, score in best if score > 0]


def files_alike(commits: Iterable[Alike]) -> dict[str, float]:
    """Files that those commits changed; what a commit says is shared by its files."""
    scores: defaultdict[str, float] = defaultdict(float)
    for found in commits:
        for path in found.commit.paths:
            scores[path] += found.likeness**2 / sqrt(len(found.commit.paths))
    return dict(scores)


def files_lately(commits: Sequence[Change]) -> dict[str, float]:
    """Files by how often and how lately they were changed."""
    scores: defaultdict[str, float] = defaultdict(float)
    for age, commit in enumerate(commits[:_LATELY]):
        for path in commit.paths:
            scores[path] += 1 / (1 + age / 50)
    return {path: log(1 + score) for path, score in scores.items()}


def files_often(commits: Sequence[Change]) -> dict[str, float]:
    """Files by how many commits changed them, on a logarithmic scale."""
    counts = Counter(path for commit in commits for path in commit.paths)
    return {path: log(1 + count) for path, count in counts.items()}


def files_together(seeds: Mapping[str, float], commits: Sequence[Change]) -> dict[str, float]:
    """Files that used to change in the same commits as the seeds."""
    times: Counter[str] = Counter()
    scores: dict[str, Counter[str]] = {seed: Counter() for seed in seeds}
    for commit in commits:
        if len(commit.paths) > _WIDE:
            continue
        touched = [path for path in commit.paths if path in scores]
        times.update(touched)
        for seed in touched:
            scores[seed].update(path for path in commit.paths if path != seed)
    total: defaultdict[str, float] = defaultdict(float)
    for seed, counts in scores.items():
        for path, count in counts.items():
            total[path] += seeds[seed] * count / (3 + times[seed])
    return dict(total)


def definitions_alike(
    commits: Iterable[Alike], diffs: Mapping[str, bytes], outlines: Mapping[str, Outline]
) -> dict[Key, float]:
    """Definitions that those commits changed, by the names in their diffs' hunk headers."""
    scores: defaultdict[Key, float] = defaultdict(float)
    for found in commits:
        touched = _touched(diffs.get(found.commit.id, b""))
        for path, name in sorted(touched):
            for place, one in enumerate(outlines[path].definitions if path in outlines else ()):
                if one.name == name:
                    scores[path, place] += found.likeness**2 / sqrt(len(touched))
    return dict(scores)


def _touched(diff: bytes) -> set[tuple[str, str]]:
    """Paths, and the names that git's hunk headers give for what encloses a change."""
    touched, path = set(), ""
    for line in diff.decode(errors="replace").splitlines():
        if line.startswith("+++ b/"):
            path = line[6:]
        elif line.startswith("@@") and (match := _HUNK.match(line[:500])):
            names = _NAME.findall(match[1])
            touched |= {(path, name) for name in names[:1]}
    return touched
