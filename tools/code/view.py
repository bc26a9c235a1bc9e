"""An issue against a tree: what several signals share, gathered once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tools.code.index import Index
from tools.code.issue import Issue
from tools.code.signals import mentions, past, places
from tools.code.signals.lexical import Texts
from tools.code.signals.survey import Survey, survey

Key = tuple[str, int]
"""A path, and the place of a definition in that file's outline."""


def _no_diffs(_commits: Sequence[str]) -> Mapping[str, bytes]:
    return {}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known besides the issue and the tree."""

    commits: Sequence[past.Change] = ()
    """Earlier commits, newest first."""
    diffs: Callable[[Sequence[str]], Mapping[str, bytes]] = _no_diffs
    """Gives the diffs of some of them by their ids."""
    covered: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    """Lines that failing tests ran, by path, with how suspicious each is, 0 to 1."""


@dataclass(frozen=True, slots=True)
class View:
    """One issue in one tree."""

    issue: Issue
    index: Index
    evidence: Evidence
    survey: Survey
    endings: places.PathEndings
    located: Sequence[places.Located]
    """Frames of the issue that lie in the tree."""
    named: Mapping[Key, float]
    qualified: Mapping[Key, float]
    texts: Texts[Key]
    """The definitions' own lines."""
    by_words: Mapping[Key, float]
    """Definitions by the words of the issue in them."""
    alike: Sequence[past.Alike]
    """Commits whose messages are like the issue, the most alike first."""

    @classmethod
    def of(cls, issue: Issue, index: Index, evidence: Evidence) -> "View":
        """Gather what the signals need."""
        found = survey(issue, index)
        endings = places.PathEndings(index.outlines)
        total = sum(len(outline.definitions) for outline in index.outlines.values())
        texts = Texts.of(found.definitions, total=total)
        return cls(
            issue=issue,
            index=index,
            evidence=evidence,
            survey=found,
            endings=endings,
            located=places.locate_frames(issue, endings),
            named=mentions.definitions_named(issue, index),
            qualified=mentions.definitions_qualified(issue, index),
            texts=texts,
            by_words=texts.scores(issue.terms),
            alike=past.alike(issue, evidence.commits),
        )
