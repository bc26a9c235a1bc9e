"""A proven patch made smaller, hunk by hunk, as long as the gate holds.

What the bug does not need falls away, debug prints and scratch files first of all. What a patch
says in documents that were there, such as a changelog, no test can miss: it stays.

The search is ddmin of A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing
Input", IEEE Transactions on Software Engineering 28(2), 2002, section 3,
https://doi.org/10.1109/32.988498, turned round: what is kept has to hold, not to fail.
"""

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Generic, TypeVar

from agent.evidence.gate import Verdict
from agent.evidence.trial import Trial
from tools.git import GitError, ObjectStore
from tools.patch import FilePatch, chosen, parse, places

MOST_TRIALS = 24
"""Smaller patches that are tried; a search that takes more ends with what it has."""

DOCUMENTS = frozenset((".md", ".markdown", ".rst", ".adoc", ".txt"))
"""How texts for people end; others have no ending and a name in capitals: ``CHANGES``."""

Part = TypeVar("Part")


def minimal(
    parts: Sequence[Part], holds: Callable[[Sequence[Part]], bool], most: int = MOST_TRIALS
) -> list[Part]:
    """A smaller choice of the parts that still holds; all of them where none was found.

    It is 1-minimal, which is to say no single part can be left out, unless ``most`` trials were
    spent before.
    """
    search = _Search(holds, most)
    kept, pieces = list(parts), 2
    while len(kept) > 1 and search.left:
        smaller = search.without_one(kept, min(pieces, len(kept)))
        if smaller is not None:
            kept, pieces = smaller, max(2, pieces - 1)
        elif pieces >= len(kept):
            break
        else:
            pieces *= 2
    return kept


class _Search(Generic[Part]):
    """Tries choices, none of them twice."""

    def __init__(self, holds: Callable[[Sequence[Part]], bool], most: int) -> None:
        self._holds = holds
        self._tried: dict[tuple[object, ...], bool] = {}
        self.left = most

    def without_one(self, parts: list[Part], pieces: int) -> list[Part] | None:
        """The parts without one of so many pieces, where that holds."""
        size = -(-len(parts) // pieces)
        for start in range(0, len(parts), size):
            rest = parts[:start] + parts[start + size :]
            if rest and self._try(rest):
                return rest
        return None

    def _try(self, parts: list[Part]) -> bool:
        key = tuple(parts)
        if key not in self._tried:
            if not self.left:
                return False
            self.left -= 1
            self._tried[key] = self._holds(parts)
        return self._tried[key]


def minimised(store: ObjectStore, trial: Trial, base: str, verdict: Verdict) -> Verdict:
    """The verdict on the smallest part of a proven patch that is proven too.

    Args:
        store: Holds the trees.
        trial: What the patch was judged by.
        base: The base with the reproduction's tests.
        verdict: The proven one.
    """
    files = parse(store.diff(base, verdict.tree))
    every = places(files)
    told = [place for place in every if _is_document(files[place[0]])]
    code = [place for place in every if place not in told]

    def holds(keep: Sequence[tuple[int, int]]) -> bool:
        try:
            tree = store.apply(base, chosen(files, [*told, *keep]))
        except GitError:
            return False
        return trial.holds(tree, verdict)

    kept = minimal(code, holds)
    if len(kept) == len(code):
        return verdict
    smaller = trial.judge(base, store.apply(base, chosen(files, [*told, *kept])))
    better = smaller.proven and set(smaller.missed) <= set(verdict.missed)
    return smaller if better else verdict


def _is_document(file: FilePatch) -> bool:
    """Whether it is a text for people, and was there before."""
    path = PurePosixPath(file.path)
    is_text = path.suffix.lower() in DOCUMENTS or (not path.suffix and path.name.isupper())
    return is_text and b"\nnew file mode " not in file.header
