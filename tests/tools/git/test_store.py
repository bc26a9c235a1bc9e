import os
import subprocess
from pathlib import Path

import pytest

from doubles.repositories import git
from tools.git import Change, EmptyRepository, GitError, NotARepository, ObjectStore, top_level


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = tmp_path / "repository"
    path.mkdir()
    git(path, "init", "--quiet", "--initial-branch=main")
    (path / "a.txt").write_text("one\n")
    (path / "folder").mkdir()
    (path / "folder" / "ü b.txt").write_bytes(b"\xff\x00two\r\n")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message", "first")
    return path


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "store")


def test_fetch_copies_one_commit_with_its_own_ids(repository: Path, store: ObjectStore) -> None:
    (repository / "a.txt").write_text("two\n")
    git(repository, "commit", "--quiet", "--all", "--message", "second")
    commit, tree = store.fetch(repository)
    assert commit == git(repository, "rev-parse", "HEAD")
    assert tree == git(repository, "rev-parse", "HEAD^{tree}")
    first = git(repository, "rev-parse", "HEAD~1")
    with pytest.raises(GitError):
        store.tree_of(first)


def test_fetch_of_a_repository_without_commits_says_so(tmp_path: Path, store: ObjectStore) -> None:
    git(tmp_path, "init", "--quiet", "empty")
    with pytest.raises(EmptyRepository, match="no commit yet"):
        store.fetch(tmp_path / "empty")


def test_entries_name_every_file(repository: Path, store: ObjectStore) -> None:
    (repository / "link").symlink_to("/etc/passwd")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "link")
    _, tree = store.fetch(repository)
    entries = {entry.path: entry for entry in store.entries(tree)}
    assert set(entries) == {"a.txt", "folder/ü b.txt", "link"}
    assert not entries["link"].regular
    assert store.get(entries["folder/ü b.txt"].blob) == b"\xff\x00two\r\n"


def test_get_many_gives_blobs_in_order(store: ObjectStore) -> None:
    datas = [b"", b"a\n\nb", b"\x00" * 100_000, b"a\n\nb"]
    blobs = [store.put(data) for data in datas]
    assert list(store.get_many(blobs)) == datas
    assert list(store.get_many([])) == []


def test_snapshot_sees_uncommitted_work_and_runs_nothing(
    repository: Path, store: ObjectStore, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    for key, value in {
        "core.fsmonitor": f"touch {canary}; false",
        "filter.evil.clean": f"touch {canary}; cat",
        "core.hooksPath": str(repository / "hooks"),
    }.items():
        git(repository, "config", key, value)
    (repository / ".gitattributes").write_text("* filter=evil\n")
    (repository / ".gitignore").write_text("ignored\n")
    (repository / "ignored").write_text("secret\n")
    (repository / "a.txt").write_text("changed\n")
    _, tree = store.fetch(repository)
    snapshot = store.snapshot(repository, tree)
    paths = {change.path for change in store.changes(tree, snapshot)}
    assert paths == {"a.txt", ".gitattributes", ".gitignore"}
    assert not canary.exists()
    assert store.snapshot(repository, snapshot) == snapshot


def test_diff_and_apply_are_inverse(repository: Path, store: ObjectStore) -> None:
    _, tree = store.fetch(repository)
    (repository / "a.txt").unlink()
    (repository / "binary").write_bytes(bytes(range(256)))
    (repository / "folder" / "new\nline").write_text("x")
    os.chmod(repository / "folder" / "ü b.txt", 0o755)
    changed = store.snapshot(repository, tree)
    assert store.apply(tree, store.diff(tree, changed)) == changed
    assert store.apply(changed, store.diff(changed, tree)) == tree
    assert store.apply(tree, b"") == tree


def test_changes_tell_modes(repository: Path, store: ObjectStore) -> None:
    _, tree = store.fetch(repository)
    (repository / "link").symlink_to("a.txt")
    changed = store.snapshot(repository, tree)
    assert store.changes(tree, changed) == [Change("000000", "120000", "link")]


def test_overlay_takes_only_the_named_paths(repository: Path, store: ObjectStore) -> None:
    _, tree = store.fetch(repository)
    (repository / "a.txt").unlink()
    (repository / "folder" / "ü b.txt").write_text("other\n")
    (repository / "new").write_text("new\n")
    other = store.snapshot(repository, tree)
    mixed = store.overlay(tree, other, ["a.txt", "new"])
    assert {entry.path for entry in store.entries(mixed)} == {"folder/ü b.txt", "new"}
    assert {change.path for change in store.changes(tree, mixed)} == {"a.txt", "new"}


def test_archive_holds_files_as_they_are_whatever_the_attributes_say(
    repository: Path, store: ObjectStore, tmp_path: Path
) -> None:
    (repository / ".gitattributes").write_text("a.txt export-ignore\n*.crlf text eol=crlf\n")
    (repository / "x.crlf").write_bytes(b"1\n2\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "attributes")
    _, tree = store.fetch(repository)
    target = tmp_path / "unpacked"
    target.mkdir()
    subprocess.run(["tar", "-xC", target], input=b"".join(store.archive(tree)), check=True)
    assert (target / "a.txt").read_text() == "one\n"
    assert (target / "x.crlf").read_bytes() == b"1\n2\n"


def test_push_makes_a_branch_and_runs_no_hook(
    repository: Path, store: ObjectStore, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    for hook in ("pre-receive", "update", "post-receive", "reference-transaction"):
        path = repository / ".git" / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch {canary}\n")
        path.chmod(0o755)
    commit, tree = store.fetch(repository)
    changed = store.overlay(tree, tree, ["a.txt"])
    work_tree_before = sorted(repository.rglob("*.txt"))
    made = store.commit(changed, commit, "Repair\n")
    store.push(repository, made, "patchwright/x")
    store.push(repository, made, "patchwright/x")
    assert git(repository, "rev-parse", "patchwright/x") == made
    assert git(repository, "rev-parse", "patchwright/x~1") == commit
    assert sorted(repository.rglob("*.txt")) == work_tree_before
    assert not canary.exists()


def test_apply_to_changes_the_folder_once(repository: Path, store: ObjectStore) -> None:
    _, tree = store.fetch(repository)
    (repository / "a.txt").write_text("two\n")
    diff = store.diff(tree, store.snapshot(repository, tree))
    git(repository, "checkout", "--quiet", "a.txt")
    store.apply_to(repository, diff)
    store.apply_to(repository, diff)
    assert (repository / "a.txt").read_text() == "two\n"
    (repository / "a.txt").write_text("something else\n")
    with pytest.raises(GitError):
        store.apply_to(repository, diff)
    assert (repository / "a.txt").read_text() == "something else\n"


def test_the_callers_git_variables_do_not_reach_our_git(
    repository: Path, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", "/nowhere/objects")
    assert len(store.fetch(repository)[0]) == 40


def test_top_level(repository: Path, tmp_path: Path) -> None:
    assert top_level(repository / "folder") == repository
    outside = tmp_path / "outside"
    outside.mkdir()
    with pytest.raises(NotARepository, match="not inside a git work tree"):
        top_level(outside)
