"""PATH: names and links that lead out of the tree."""

import ast
import os
import time
from pathlib import Path, PurePosixPath

import pytest

from agent.config import load
from doubles.repositories import git, make_repository
from sandbox.base import Limits
from tools.git import ObjectStore
from tools.workspace import Workspace


@pytest.fixture
def store(tmp_path):
    return ObjectStore(tmp_path / "store")


@pytest.fixture
def workspace(provider, store, tmp_path):
    repository = make_repository(tmp_path / "repository", {"file": "text\n"})
    _, tree = store.fetch(repository)
    with Workspace.open(provider.start(Limits(), run="hostile"), store, tree) as opened:
        yield opened


def shell(workspace, script):
    return workspace.shell(script, timeout=20)


@pytest.mark.case("PATH-01", "a link to the host's files reads and writes the box's")
def test_path_01(workspace, seen, canary_tree):
    shell(
        workspace, f"ln -s {canary_tree}/flag link; ln -s {canary_tree} folder; ln -s /etc/passwd p"
    )
    assert workspace.get(PurePosixPath("link")) is None
    assert b"sandbox" in (workspace.get(PurePosixPath("p")) or b"")
    with pytest.raises(Exception, match="could not be made ready"):
        workspace.put(PurePosixPath("folder/planted"), b"x")
    assert not (canary_tree / "planted").exists()
    seen("the host's file was neither read nor made")


@pytest.mark.case("PATH-02", "a link swapped in while it is read stays in the box")
def test_path_02(workspace, seen, canary_tree):
    swapped = f"echo own > a; ln -s {canary_tree}/flag b"
    shell(workspace, swapped)
    for _ in range(5):
        shell(workspace, "mv a c; mv b a; mv c b")
        told = workspace.get(PurePosixPath("a"))
        assert told in (None, b"own\n")
    seen("own bytes or none, 5 of 5")


@pytest.mark.case("PATH-03", "names that climb, are absolute, or too long lead nowhere")
def test_path_03(workspace, seen):
    names = [
        "../../../../etc/shadow",
        "/etc/shadow",
        "x" * 4096,
        "a/" * 2000,
        "nul\0name",
        "\ud800",
    ]
    for name in names:
        assert workspace.get(PurePosixPath(name)) is None
    seen(f"{len(names)} of {len(names)} answered with none")


@pytest.mark.case("PATH-04", "pipes, sockets and devices are not waited for")
def test_path_04(workspace, seen, tmp_path, store):
    shell(workspace, "mkfifo pipe; python3 -c \"import socket; socket.socket(1).bind('socket')\"")
    started = time.monotonic()
    for name in ("pipe", "socket", "/dev/zero", "/dev/stdin"):
        assert workspace.get(PurePosixPath(name)) is None
    workspace.snapshot()
    host = tmp_path / "with-pipe"
    host.mkdir()
    os.mkfifo(host / "patchwright.toml")
    assert load({}, repository=host, environment={"HOME": str(tmp_path)}).steps > 0
    seen(f"none of them, in {time.monotonic() - started:.1f} s; a settings file that is a pipe too")


@pytest.mark.case("PATH-05", "the host unpacks no archive")
def test_path_05(seen):
    # What `extractfile` reads comes to lie in memory only.
    unpacking = {"extract", "extractall", "unpack_archive", "untar"}
    read = 0
    for room in ("agent", "tools", "sandbox", "prompts"):
        for file in Path(room).rglob("*.py"):
            read += 1
            for node in ast.walk(ast.parse(file.read_text())):
                assert not (isinstance(node, ast.Attribute) and node.attr in unpacking), file
    seen(f"no such call in {read} files")


@pytest.mark.case("PATH-06", "a file of the box never becomes a file of the host")
def test_path_06(workspace, seen, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    shell(workspace, "mkdir -p deep; echo x > 'deep/..name'; ln -s / deep/root")
    assert workspace.get(PurePosixPath("deep/..name")) == b"x\n"
    assert workspace.get(PurePosixPath("deep/root/etc/shadow")) is None
    assert sorted(tmp_path.rglob("*")) == before
    seen("nothing was staged on the host")


@pytest.mark.case("PATH-07", "names that differ in case or composition stay apart")
def test_path_07(store, seen, tmp_path):
    files = {
        "File": "1",
        "file": "2",
        "caf\u00e9": "3",
        "cafe\u0301": "4",
        "\u017fs": "5",
        "ss": "6",
    }
    repository = make_repository(tmp_path / "twins", files)
    _, tree = store.fetch(repository)
    assert {entry.path: store.get(entry.blob).decode() for entry in store.entries(tree)} == files
    seen("6 of 6 are files of their own")


@pytest.mark.case("PATH-08", "no folder of the host is in the box")
def test_path_08(docker, seen):
    with docker.start(Limits(), run="hostile") as box:
        mounts = box._engine._api.inspect_container(box._container)["Mounts"]
        told = box.run(["cat", "/proc/self/mountinfo"], timeout=10).stdout.data.decode()
    assert mounts == []
    engine_files = ("/etc/hosts", "/etc/resolv.conf", "/etc/hostname", "/sbin/docker-init")
    binds = [
        line.split()[4] for line in told.splitlines() if " - ext4 " in line or " - xfs " in line
    ]
    assert {path.removeprefix("/usr") for path in binds} <= set(engine_files)
    seen("no bind but the engine's own four files")


@pytest.mark.case("PATH-01", "a change through a link is refused by the host's git")
def test_path_01_apply(store, seen, tmp_path, canary_tree):
    repository = make_repository(tmp_path / "linked", {"file": "text\n"})
    (repository / "out").symlink_to(canary_tree)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "link")
    diff = b"--- /dev/null\n+++ b/out/planted\n@@ -0,0 +1 @@\n+x\n"
    with pytest.raises(Exception, match="beyond a symbolic link"):
        store.apply_to(repository, diff)
    assert not (canary_tree / "planted").exists()
    seen("nothing was written")
