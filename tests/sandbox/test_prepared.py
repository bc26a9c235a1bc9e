"""A set-up that was carried out once is there in every box, and the network is not."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from doubles.sandboxes import SMALL, provider_or_skip
from doubles.suites import tree_with
from sandbox.building import LABEL
from sandbox.docker import ADDRESS, IMAGE, DockerProvider
from sandbox.prepared import SetupFailed, prepare
from tools.git import ObjectStore
from tools.workspace import Workspace

pytestmark = pytest.mark.docker


@pytest.fixture
def name() -> Iterator[str]:
    provider_or_skip("docker")
    name = f"patchwright-env:test-{secrets.token_hex(4)}"
    yield name
    api = docker.APIClient(base_url=ADDRESS, version="auto")
    try:
        if api.images(name=name):
            api.remove_image(name, force=True)
    finally:
        api.close()


def test_what_was_installed_and_made_is_in_every_box(name: str, tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    tree = tree_with(store, {"a.txt": "of the tree\n", ".dockerignore": "*\n"})
    commands = [
        "cp a.txt /opt/installed",
        "mkdir -p node_modules/deep && echo made > node_modules/deep/file",
        "echo changed > a.txt",
    ]
    assert prepare(name, IMAGE, ADDRESS, store.archive(tree), commands)
    assert not prepare(name, IMAGE, ADDRESS, store.archive(tree), ["false"])
    with DockerProvider(name).start(SMALL, run="test") as box:
        workspace = Workspace.open(box, store, tree)
        script = "cat /opt/installed node_modules/deep/file a.txt; ls /sys/class/net"
        shown = workspace.shell(script, timeout=20).stdout.data.decode().split("\n")
        assert shown[:4] == ["of the tree", "made", "of the tree", "lo"]
        assert workspace.snapshot() == tree


def test_a_set_up_that_fails_says_why_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    tree = tree_with(store, {"a.txt": "x\n"})
    with pytest.raises(SetupFailed, match="no such thing"):
        prepare(name, IMAGE, ADDRESS, store.archive(tree), ["echo no such thing; exit 3", "true"])
    api = docker.APIClient(base_url=ADDRESS, version="auto")
    try:
        assert api.images(name=name) == []
        # Steps that went well are images too, without a name.
        assert api.images(filters={"label": f"{LABEL}={name}", "dangling": True}) == []
    finally:
        api.close()
