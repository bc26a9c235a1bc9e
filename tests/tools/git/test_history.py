import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from doubles.repositories import git, make_repository
from tools.git import EmptyRepository, GitError, History, NotARepository


def change(repository: Path, message: str, files: dict[str, str]) -> str:
    for name, text in files.items():
        (repository / name).write_text(text)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", message)
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / 'it\'s: a "repo"', {"a.py": "a = 1\n", "b.py": "b = 1\n"})


@pytest.fixture
def history(repository: Path) -> Iterator[History]:
    with History.opened(repository) as opened:
        yield opened


def test_commits_are_told_newest_first_with_what_they_changed(
    repository: Path, history: History
) -> None:
    second = change(repository, "Add c\n\nBody\x01 of it.", {"c\n.py": "", "ü.py": ""})
    third = change(repository, "Change a and b", {"a.py": "a = 2\n", "b.py": "b = 2\n"})
    newest, middle, first = history.commits(third, 10)
    assert (newest.id, newest.paths) == (third, ("a.py", "b.py"))
    assert middle.id == second
    assert set(middle.paths) == {"c\n.py", "ü.py"}
    assert middle.subject == "Add c"
    assert middle.message.endswith("of it.")
    assert first.paths == ()
    assert newest.time >= first.time > 1_000_000_000


def test_only_what_the_tip_comes_from_is_told(repository: Path, history: History) -> None:
    base = history.head()
    change(repository, "The future", {"a.py": "a = 3\n"})
    assert [commit.id for commit in history.commits(base, 10)] == [base]


def test_merges_are_left_out(repository: Path, history: History) -> None:
    git(repository, "checkout", "--quiet", "-b", "side")
    side = change(repository, "side", {"s.py": ""})
    git(repository, "checkout", "--quiet", "main")
    main = change(repository, "main", {"m.py": ""})
    git(repository, "merge", "--quiet", "--no-edit", "side")
    told = {commit.id for commit in history.commits(history.head(), 10)}
    assert {side, main} <= told
    assert history.head() not in told


def test_changes_are_diffs_by_commit(repository: Path, history: History) -> None:
    commits = [change(repository, f"a is {n}", {"a.py": f"a = {n}\n"}) for n in (2, 3)]
    changes = history.changes(commits)
    assert list(changes) == commits
    assert b"-a = 2\n+a = 3" in changes[commits[1]]
    assert history.changes([]) == {}


def test_a_commit_whose_blobs_are_not_there_is_left_out(repository: Path, history: History) -> None:
    commits = [change(repository, f"a is {n}", {"a.py": f"a = {n}\n"}) for n in (2, 3, 4)]
    blob = git(repository, "rev-parse", f"{commits[0]}:a.py")
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    assert list(history.changes(commits)) == [commits[2]]
    assert len(history.commits(commits[2], 9)) == 4


def test_trees_and_blobs_are_read_in_place(repository: Path, history: History) -> None:
    entries = history.entries(history.tree_of(history.head()))
    blobs = [entry.blob for entry in entries]
    assert list(history.get_many(blobs)) == [b"a = 1\n", b"b = 1\n"]
    missing = "0123456789" * 4
    assert history.sizes([*blobs, missing]) == [6, 6, None]
    with pytest.raises(GitError, match="missing"):
        list(history.get_many([missing]))


def test_more_blobs_than_one_process_reads_come_in_order(
    repository: Path, history: History
) -> None:
    blobs = [entry.blob for entry in history.entries(history.tree_of(history.head()))] * 400
    assert list(history.get_many(blobs)) == [b"a = 1\n", b"b = 1\n"] * 400


def test_nothing_of_the_repository_takes_part(
    repository: Path, history: History, tmp_path: Path
) -> None:
    trap = tmp_path / "trap"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{trap}'\ncat \"$1\"\n")
    program.chmod(0o755)
    (repository / ".gitattributes").write_text("* diff=trap filter=trap\n")
    for name in ("diff.trap.textconv", "diff.external", "gpg.program", "core.fsmonitor"):
        git(repository, "config", name, str(program))
    git(repository, "config", "log.showSignature", "true")
    changed = change(repository, "a is 2", {"a.py": "a = 2\n"})
    trap.unlink(missing_ok=True)
    assert b"+a = 2" in history.changes([changed])[changed]
    assert history.commits(history.head(), 5)[0].id == changed
    assert not trap.exists()


def test_a_shallow_clone_ends_where_it_ends(repository: Path, tmp_path: Path) -> None:
    for number in range(2, 5):
        change(repository, f"a is {number}", {"a.py": f"a = {number}\n"})
    git(tmp_path, "clone", "--quiet", "--depth=2", repository.as_uri(), "shallow")
    with History.opened(tmp_path / "shallow") as history:
        assert [c.subject for c in history.commits(history.head(), 9)] == ["a is 4", "a is 3"]


def test_bare_repositories_worktrees_and_borrowers_are_read(
    repository: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "bare")
    git(tmp_path, "clone", "--quiet", "--shared", "bare", "borrower")
    git(repository, "worktree", "add", "--quiet", str(tmp_path / "tree"), "-b", "other")
    for place in ("bare", "borrower", "tree"):
        with History.opened(tmp_path / place) as history:
            assert [c.subject for c in history.commits(history.head(), 9)] == ["base"]


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotARepository), History.opened(tmp_path):
        pass
    git(tmp_path, "init", "--quiet", "empty")
    with (
        History.opened(tmp_path / "empty") as history,
        pytest.raises(EmptyRepository, match="no commit yet"),
    ):
        history.head()
    shutil.rmtree(tmp_path / "empty")
