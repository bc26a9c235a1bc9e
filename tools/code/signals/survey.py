"""One pass over the words of every file: what of the issue is in each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tools.code.index import Index
from tools.code.issue import Issue


@dataclass(frozen=True, slots=True)
class Matched:
    """How often words of the issue are in one text."""

    counts: Mapping[str, int]
    length: int
    """Words of the whole text, of the issue or not."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Which of the issue's words are where."""

    files: Mapping[str, Matched]
    """By path; files without any are left out."""
    definitions: Mapping[tuple[str, int], Matched]
    """By path and place among the outline's definitions; those without any are left out."""
    referring: Mapping[str, frozenset[str]]
    """By path, the issue's names that its code uses without defining them."""


def survey(issue: Issue, index: Index) -> Survey:
    """Read the words of every file once, and keep what the issue shares with them."""
    terms, names = issue.terms.keys(), issue.names.keys()
    files, definitions, referring = {}, {}, {}
    for path, found in index.words():
        shared = found.terms.keys() & terms
        if not shared:
            continue
        files[path] = _matched(found.terms, shared)
        for place, counts in enumerate(found.by_definition):
            if inside := counts.keys() & shared:
                definitions[path, place] = _matched(counts, inside)
        referring[path] = frozenset(found.references.keys() & names)
    return Survey(files, definitions, referring)


def frequencies(texts: Iterable[Matched]) -> Counter[str]:
    """In how many of the texts each word is."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text.counts.keys())
    return counts


def _matched(counts: Mapping[str, int], shared: Iterable[str]) -> Matched:
    return Matched({word: counts[word] for word in sorted(shared)}, sum(counts.values()))
