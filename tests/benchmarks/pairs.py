"""Pairs that cost nothing: what a commit's message asks for, and the code that it changed."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gold import Spot, changed

from tools.checks.suite_files import is_test_path
from tools.code.languages import language_by_path
from tools.git import Commit, History

_TRAILERS = re.compile(
    r"^\s*(?:signed-off-by|co-authored-by|change-id|reviewed-|tested-by|acked-by|closes|fixes|refs?"
    r"|references|see|pr-url|pull-request|\(?cherry).*$|https?://\S+|\(?#\d+\)?",
    re.IGNORECASE | re.MULTILINE,
)
_CHORES = re.compile(
    r"merge|bump|release|revert|version|update (?:change|depend)|changelog|(?:fix )?typo|lint"
    r"|format|\[?pre-commit|reformat|apply|upgrade|chore|docs?[:( ]|ci[:( ]|build|style|test",
    re.IGNORECASE,
)
_HISTORY = 6_000
_SOURCES, _FILES, _WORDS = 6, 15, 8
"""Sources and files that a commit may change, and words that its message must have."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A text that asks for a change, and the change."""

    repository: Path
    base: str
    """The commit before the change."""
    text: str
    changed: dict[str, list[Spot]]


def from_issues(instances: list[dict[str, Any]], repositories: Path) -> list[Pair]:
    """Pairs of real issues and the patches that fixed them."""
    return [
        Pair(
            repositories / one["repo"].replace("/", "__"),
            one["base_commit"],
            one["problem_statement"],
            changed(one["patch"]),
        )
        for one in instances
    ]


def from_commits(repository: Path, count: int) -> Iterator[Pair]:
    """Pairs of one repository, drawn from its newest commits of the right sort, oldest first.

    Neighbours in time share most files, so that few have to be parsed anew.
    """
    with History.opened(repository) as history:
        fit = [one for one in history.commits(history.head(), _HISTORY) if _fits(one)]
        drawn = random.Random(repository.name).sample(fit[: 3 * count], min(count, len(fit)))
        diffs = history.changes([one.id for one in drawn])
        for commit in sorted(drawn, key=lambda one: (one.time, one.id)):
            if commit.id in diffs:
                diff = diffs[commit.id].decode(errors="replace")
                yield Pair(repository, f"{commit.id}^", _request(commit), changed(diff))


def _request(commit: Commit) -> str:
    return _TRAILERS.sub(" ", commit.message).strip()


def _fits(commit: Commit) -> bool:
    sources = [path for path in commit.paths if language_by_path(path) and not is_test_path(path)]
    return (
        1 <= len(sources) <= _SOURCES
        and len(commit.paths) <= _FILES
        and not _CHORES.match(commit.subject)
        and len(re.findall(r"[A-Za-z]{3,}", _request(commit))) >= _WORDS
    )
