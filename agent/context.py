"""What of a repository an issue is about: its index, its past, and the ranking made of both."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from sandbox.workers import Workers
from tools.checks.suite_files import is_test_path
from tools.code.cache import OutlineCache
from tools.code.index import Index
from tools.code.issue import read_issue
from tools.code.pack import Pack
from tools.code.past_edits import PastEdit, past_edits
from tools.code.ranking import Ranking, rank
from tools.code.view import Evidence
from tools.git import GitError, History, Objects
from tools.sources import index_tree

_COMMITS = 4_000
"""Earlier commits that are looked at."""
_EDITED, _EDITS, _EDITS_SECONDS = 300, 400, 0.6
"""Of the commits whose small edits are read: how many, with how many edits, in how many seconds."""


@dataclass(frozen=True, slots=True)
class Place:
    """A tree of a repository, and where its past is read."""

    repository: Path
    objects: Objects
    tree: str
    commit: str | None
    """The commit that the tree is of, or comes from; None for the one that is checked out."""


@contextmanager
def opened(path: Path) -> Iterator[Place]:
    """The commit that is checked out at a path, read in place.

    Raises:
        NotARepository: There is no repository.
        EmptyRepository: It has no commit yet.
    """
    with History.opened(path) as history:
        commit = history.head()
        yield Place(path, history, history.tree_of(commit), commit)


def read(
    place: Place,
    cache: Path,
    *,
    seconds: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Index:
    """The index of a tree. Files are parsed in processes of their own, which may crash.

    Args:
        place: What is read.
        cache: Folder of what is known of files from earlier.
        seconds: When to go on with what has been read.
        progress: Told how many of the files to parse are done, and how many there are.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    with Workers("tools.code.reading:answer", count=os.cpu_count() or 1) as workers:
        return index_tree(
            place.objects,
            place.tree,
            OutlineCache(cache),
            deadline=deadline,
            progress=progress,
            map=workers.map,
        )


def suspects(
    place: Place,
    index: Index,
    issue: str,
    covered: Mapping[str, Mapping[int, float]] | None = None,
) -> Ranking:
    """What an issue is probably about; ``covered`` as in :class:`Evidence`."""
    with History.opened(place.repository) as history:
        commits = history.commits(place.commit or history.head(), _COMMITS)
        evidence = Evidence(commits, history.changes, covered or {})
        return rank(read_issue(issue), index, evidence)


def past_edits_beside(place: Place, paths: Sequence[str]) -> list[PastEdit]:
    """The small edits that earlier commits made to files and to others in their folders.

    Tests are left out; without a history there are none.
    """
    folders = sorted({str(PurePosixPath(path).parent) for path in paths})
    suffixes = tuple(sorted({PurePosixPath(path).suffix for path in paths}))
    everywhere = "." in folders
    try:
        with History.opened(place.repository) as history:
            tip = place.commit or history.head()
            given = [] if everywhere else folders
            diffs = history.lately(tip, given, _EDITED, _EDITS_SECONDS)
    except GitError:
        return []
    edits = past_edits(diffs, suffixes, _EDITS)
    return [edit for edit in edits if not is_test_path(edit.path)]


def told(packed: Pack, index: Index) -> dict[str, Any]:
    """A pack without its text, for machines."""
    return {
        "tokens": packed.tokens,
        "budget": packed.budget,
        "sections": packed.sections,
        "files": [{"whole": file.whole, **asdict(file)} for file in packed.files],
        "fixes": packed.fixes,
        "left_out": [asdict(one) for one in packed.left_out],
        "index": counted(index),
    }


def counted(index: Index) -> dict[str, Any]:
    """How much is in an index, for machines."""
    outlines = index.outlines.values()
    return {
        "files": len(index.paths),
        "indexed": len(index.outlines),
        "definitions": sum(len(outline.definitions) for outline in outlines),
        "languages": dict(Counter(outline.language or "text" for outline in outlines)),
        "kept_out": dict(index.kept_out),
        "unread": list(index.unread),
    }
