"""Chosen code under a budget of tokens: the list of files, then whole files while they fit."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

_PATHS_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Pack:
    """What the model is shown of a repository before it asks for more."""

    paths: list[str]
    """The repository's files, as many as fit in their share of the budget."""
    paths_omitted: int
    files: list[tuple[str, str]]
    """Whole files, path and text, best first."""


def pack(
    paths: Sequence[str],
    ranked: Iterable[str],
    texts: Mapping[str, str],
    *,
    budget: int,
    count_tokens: Callable[[str], int],
) -> Pack:
    """Fill a budget: a tenth of it for paths at most, the rest for files in the order given.

    A file that does not fit is passed over for the next that does. The sum of what
    ``count_tokens`` gives for each path and each file never exceeds ``budget``.
    """
    shown, left = [], int(budget * _PATHS_SHARE)
    for path in paths:
        left -= count_tokens(f"{path}\n")
        if left < 0:
            break
        shown.append(path)
    spent = sum(count_tokens(f"{path}\n") for path in shown)
    files = []
    for path in ranked:
        cost = count_tokens(f"{path}\n{texts[path]}")
        if spent + cost <= budget:
            spent += cost
            files.append((path, texts[path]))
    return Pack(shown, len(paths) - len(shown), files)
