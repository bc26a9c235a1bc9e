"""GIT: settings, hooks and names by which a repository would run code on the host."""

import os
import subprocess
import time

import pytest

from doubles.repositories import git, make_repository
from tools.git import GitError, History, ObjectStore, top_level


@pytest.fixture
def mark(tmp_path):
    """A program that leaves a mark, and the mark."""
    program, mark = tmp_path / "planted", tmp_path / "mark"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {mark}\ncat\n')
    program.chmod(0o755)
    return program, mark


@pytest.fixture
def repository(tmp_path):
    files = {"file.txt": "one\n", "folder/other.txt": "two\n"}
    return make_repository(tmp_path / "repository", files)


def everything(repository, tmp_path, mark):
    """All that the host does with a user's repository."""
    store = ObjectStore(tmp_path / "store")
    assert top_level(repository) == repository
    commit, tree = store.fetch(repository)
    (repository / "file.txt").write_text("changed\n")
    dirty = store.snapshot(repository, tree)
    diff = store.diff(tree, dirty)
    assert b"+changed" in diff
    git_clean(repository)
    store.apply_to(repository, diff)
    store.push(repository, store.commit(dirty, commit, "message"), "patchwright/test")
    with History.opened(repository) as history:
        commits = history.commits(history.head(), 10)
        history.changes([one.id for one in commits])
        b"".join(store.archive(tree))
    assert not mark[1].exists(), mark[1].read_text()


def git_clean(repository):
    (repository / "file.txt").write_text("one\n")


def configure(repository, text):
    with (repository / ".git" / "config").open("a") as config:
        config.write(text)


@pytest.mark.case("GIT-01", "no file system monitor of the repository runs")
def test_git_01(repository, tmp_path, mark, seen):
    configure(repository, f"[core]\nfsmonitor = {mark[0]}\n[feature]\nmanyFiles = true\n")
    everything(repository, tmp_path, mark)
    seen("nothing ran")


@pytest.mark.case("GIT-02", "no hook of the repository runs")
def test_git_02(repository, tmp_path, mark, seen):
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    names = [
        *("pre-commit", "post-commit", "post-checkout", "post-index-change", "pre-receive"),
        *("update", "post-receive", "post-update", "reference-transaction", "push-to-checkout"),
        *("pre-push", "proc-receive", "fsmonitor-watchman", "pre-auto-gc", "post-merge"),
    ]
    for folder in (hooks, repository / ".git" / "hooks"):
        folder.mkdir(exist_ok=True)
        for name in names:
            (folder / name).write_text(mark[0].read_text())
            (folder / name).chmod(0o755)
    configure(repository, f"[core]\nhooksPath = {hooks}\n")
    everything(repository, tmp_path, mark)
    seen(f"none of {len(names)} ran")


@pytest.mark.case("GIT-03", "no filter of the repository runs")
def test_git_03(repository, tmp_path, mark, seen):
    (repository / ".gitattributes").write_text("* filter=evil\n")
    (repository / ".git" / "info").mkdir(exist_ok=True)
    (repository / ".git" / "info" / "attributes").write_text("* filter=evil\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "attributes")
    uses = "".join(f"{use} = {mark[0]}\n" for use in ("clean", "smudge", "process"))
    configure(repository, f'[filter "evil"]\n{uses}required = true\n')
    everything(repository, tmp_path, mark)
    seen("nothing ran")


@pytest.mark.case("GIT-04", "no text converter, diff or merge program of the repository runs")
def test_git_04(repository, tmp_path, mark, seen):
    (repository / ".gitattributes").write_text("* diff=evil merge=evil\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "attributes")
    program = mark[0]
    configure(
        repository,
        f'[diff]\nexternal = {program}\n[diff "evil"]\ncommand = {program}\ntextconv = {program}\n'
        f'[merge "evil"]\ndriver = {program}\n[core]\npager = {program}\neditor = {program}\n'
        f"[gpg]\nprogram = {program}\n[commit]\ngpgSign = true\n[log]\nshowSignature = true\n",
    )
    everything(repository, tmp_path, mark)
    seen("nothing ran")


@pytest.mark.case("GIT-05", "a work tree that points outside changes nothing there")
def test_git_05(repository, tmp_path, canary_tree, seen):
    configure(repository, f"[core]\nworktree = {canary_tree}\n")
    store = ObjectStore(tmp_path / "store")
    _, tree = store.fetch(repository)
    (repository / "file.txt").write_text("changed\n")
    dirty = store.snapshot(repository, tree)
    assert {change.path for change in store.changes(tree, dirty)} == {"file.txt"}
    git_clean(repository)
    store.apply_to(repository, store.diff(tree, dirty))
    assert (repository / "file.txt").read_text() == "changed\n"
    seen("its files were neither read nor written")


@pytest.mark.case("GIT-06", "a .git that is a file leads to no other settings")
def test_git_06(repository, tmp_path, mark, seen):
    evil = make_repository(tmp_path / "evil", {"file.txt": "one\n", "folder/other.txt": "two\n"})
    configure(evil, f"[core]\nfsmonitor = {mark[0]}\nsshCommand = {mark[0]}\n")
    moved = tmp_path / "moved"
    os.rename(evil / ".git", moved)
    subprocess.run(["rm", "-rf", repository / ".git"], check=True)
    (repository / ".git").write_text(f"gitdir: {moved}\n")
    everything(repository, tmp_path, mark)
    seen("nothing ran")


@pytest.mark.case("GIT-07", "submodules are neither fetched nor entered")
def test_git_07(repository, tmp_path, mark, seen):
    commit = git(repository, "rev-parse", "HEAD")
    urls = ["ext::sh -c touch% x", "file:///etc", "../../x", "https://x/\r", "-uX"]
    text = "".join(
        f'[submodule "m{n}"]\n\tpath = m{n}\n\turl = {url!r}\n\tupdate = !{mark[0]}\n'
        for n, url in enumerate(urls)
    )
    (repository / ".gitmodules").write_text(text)
    for number in range(len(urls)):
        (repository / f"m{number}").mkdir()
        git(repository, "update-index", "--add", "--cacheinfo", f"160000,{commit},m{number}")
    git(repository, "add", ".gitmodules")
    git(repository, "commit", "--quiet", "-m", "modules")
    everything(repository, tmp_path, mark)
    seen("left as they are")


@pytest.mark.case("GIT-08", "an address that is a command or an option is refused")
@pytest.mark.parametrize(
    "revision",
    ["--upload-pack=touch x", "-oProxyCommand=x", "ext::sh -c x", "a..b", "../x", "HEAD;x"],
)
def test_git_08(repository, tmp_path, mark, seen, revision):
    store = ObjectStore(tmp_path / "store")
    with pytest.raises(GitError):
        store.fetch(repository, revision)
    assert not mark[1].exists()
    seen("refused")


@pytest.mark.case("GIT-08", "a protocol that runs a program is refused")
def test_git_08_protocol(tmp_path, mark, seen):
    store = ObjectStore(tmp_path / "store")
    for url in (f"ext::{mark[0]}", f"ssh://-oProxyCommand={mark[0]}/x", "git://x/y", "http://x/y"):
        with pytest.raises(GitError):
            store._git.git("ls-remote", url)
    assert not mark[1].exists()
    seen("4 of 4 refused")


@pytest.mark.case("GIT-09", "settings that the repository includes take no part")
def test_git_09(repository, tmp_path, mark, seen):
    included = tmp_path / "included"
    included.write_text(f"[core]\nfsmonitor = {mark[0]}\nalternateRefsCommand = {mark[0]}\n")
    configure(
        repository,
        f'[include]\npath = {included}\n[includeIf "gitdir:/"]\npath = {included}\n'
        f"[uploadpack]\npackObjectsHook = {mark[0]}\n[gc]\nrecentObjectsHook = {mark[0]}\n"
        f"[receive]\nautogc = true\n[gc]\nauto = 1\n[alias]\nreceive-pack = !{mark[0]}\n",
    )
    alternate = make_repository(tmp_path / "alternate", {"x": "y"})
    info = repository / ".git" / "objects" / "info"
    info.mkdir(exist_ok=True)
    (info / "alternates").write_text(f"{alternate}/.git/objects\n")
    everything(repository, tmp_path, mark)
    seen("nothing ran")


@pytest.mark.case("GIT-10", "a repository within the repository is not asked anything")
def test_git_10(repository, tmp_path, mark, seen):
    inner = make_repository(repository / "inner", {"a": "b"})
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "inner")
    configure(inner, f"[core]\nfsmonitor = {mark[0]}\nhooksPath = {mark[0].parent}\n")
    (inner / "a").write_text("changed")
    everything(repository, tmp_path, mark)
    seen("nothing ran")


@pytest.mark.case("GIT-11", "a bare repository in a folder is only a folder")
def test_git_11(repository, tmp_path, mark, seen):
    bare = repository / "bare"
    subprocess.run(["git", "init", "--quiet", "--bare", bare], check=True)
    with (bare / "config").open("a") as config:
        config.write(f"[core]\nfsmonitor = {mark[0]}\nbare = false\nworktree = ..\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "bare")
    everything(repository, tmp_path, mark)
    top_level(bare)
    assert not mark[1].exists()
    seen("nothing ran, not even when asked for by name")


@pytest.mark.case("GIT-12", "a tree of 10^10 names is given up on in time")
def test_git_12(tmp_path, seen, monkeypatch):
    repository = tmp_path / "bomb"
    subprocess.run(["git", "init", "--quiet", "-b", "main", repository], check=True)
    blob = run(repository, "hash-object", "-w", "--stdin", stdin="x")
    listing = "".join(f"100644 blob {blob}\tf{n}\n" for n in range(10))
    tree = run(repository, "mktree", stdin=listing)
    for _ in range(9):
        tree = run(
            repository, "mktree", stdin="".join(f"040000 tree {tree}\td{n}\n" for n in range(10))
        )
    commit = run(
        repository, "-c", "user.name=t", "-c", "user.email=t@x", "commit-tree", tree, "-m", "x"
    )
    run(repository, "update-ref", "refs/heads/main", commit)
    store = ObjectStore(tmp_path / "store")
    _, fetched = store.fetch(repository)
    monkeypatch.setattr("tools.git.program.TIMEOUT", 3.0)
    started = time.monotonic()
    with pytest.raises(GitError):
        store.entries(fetched)
    assert time.monotonic() - started < 15
    seen("bounded by the time and the output that git may take")


def run(repository, *arguments, stdin=""):
    completed = subprocess.run(
        ["git", *arguments], cwd=repository, input=stdin, capture_output=True, text=True, check=True
    )
    return completed.stdout.strip()
