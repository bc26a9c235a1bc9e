"""What earlier commits changed beside a file, asked for as the embedded model asks."""

from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import ValidationError

from agent import context
from doubles.repositories import git, make_repository
from prompts import render
from tools.actions.base import Bench
from tools.actions.catalogue import UNOFFERED
from tools.git import ObjectStore
from tools.workspace import Workspace

ACTION = UNOFFERED["past_changes"]
FILES = {"shop/a.py": "a = 1\n", "shop/b.py": "b = 1\n", "c.py": "c = 1\n", "shop/d.js": "d\n"}
CHANGES: dict[str, str] = {
    "shop/b.py": "b = 2\n",
    "c.py": "c = 2\n",
    "shop/d.js": "e\n",
    "shop/test_a.py": "t\n",
}


def asked(bench: Bench, *paths: str) -> list[str]:
    given: Any = ACTION.arguments.model_validate({"paths": paths})
    return render("observations/past_changes", **ACTION.perform(bench, given)).splitlines()


def bench(repository: Path, store: Path, commit: str | None = None) -> Bench:
    place = context.Place(repository, ObjectStore(store), "", commit)
    nowhere = cast(Workspace, None)
    return Bench(nowhere, "true", 1.0, 1.0, partial(context.past_edits_beside, place))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    made = make_repository(tmp_path / "repository", FILES)
    for name, text in CHANGES.items():
        (made / name).write_text(text)
        git(made, "add", "--all")
        git(made, "commit", "--quiet", "--message", name)
    return made


def test_changes_of_the_folder_in_the_same_language_are_told(
    repository: Path, tmp_path: Path
) -> None:
    b = ["@@ shop/b.py", "-b = 1", "+b = 2"]
    c = ["@@ c.py", "-c = 1", "+c = 2"]
    made = bench(repository, tmp_path / "store")
    assert asked(made, "shop/a.py") == ["1 small changes of earlier commits.", *b]
    assert asked(made, "c.py", "shop/a.py") == ["2 small changes of earlier commits.", *c, *b]


def test_nothing_is_told_of_what_came_after_the_commit(repository: Path, tmp_path: Path) -> None:
    made = bench(repository, tmp_path / "store", git(repository, "rev-parse", "HEAD~4"))
    assert asked(made, "shop/a.py") == ["0 small changes of earlier commits."]


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", ":(glob)**/x.py", "-p/x.py"])
def test_odd_paths_have_no_past(repository: Path, tmp_path: Path, path: str) -> None:
    assert len(asked(bench(repository, tmp_path / "store"), path)) == 1


def test_where_there_is_no_repository_there_is_no_past(tmp_path: Path) -> None:
    assert len(asked(bench(tmp_path, tmp_path / "store"), "a.py")) == 1


def test_paths_have_to_be_named() -> None:
    with pytest.raises(ValidationError):
        ACTION.arguments.model_validate({"paths": []})
