"""A repository's own Dockerfile makes the image that its tests run in; no registry is needed."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import docker
import pytest

from doubles.sandboxes import SMALL, provider_or_skip
from doubles.suites import tree_with
from sandbox.docker import ADDRESS, IMAGE, DockerProvider
from sandbox.own_image import ImageRefused, build_own
from sandbox.prepared import SetupFailed, listed, prepare
from tools.git import ObjectStore
from tools.workspace import Workspace

pytestmark = pytest.mark.docker

MARK = "patchwright.test"


@dataclass
class Images:
    """Images of one test, which are gone after it."""

    store: ObjectStore
    word: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def own(self) -> str:
        return f"patchwright-own:test-{self.word}"

    @property
    def prepared(self) -> str:
        return f"patchwright-env:test-{self.word}"

    def build(self, dockerfile: str, files: dict[str, str], **more: object) -> list[str]:
        tree = tree_with(self.store, files)
        return build_own(
            self.own,
            ADDRESS,
            self.store.archive(tree),
            dockerfile,
            **more,  # type: ignore[arg-type]
        )

    def left(self) -> list[str]:
        """Untagged images that a build of this test has left."""
        api = docker.APIClient(base_url=ADDRESS, version="auto")
        try:
            wanted = {"label": f"{MARK}={self.word}", "dangling": True}
            return [image["Id"] for image in api.images(filters=wanted)]
        finally:
            api.close()

    def remove(self) -> None:
        api = docker.APIClient(base_url=ADDRESS, version="auto")
        try:
            for name in (self.prepared, self.own):
                if api.images(name=name):
                    api.remove_image(name, force=True)
        finally:
            api.close()


@pytest.fixture
def images(tmp_path: Path) -> Iterator[Images]:
    provider_or_skip("docker")
    images = Images(ObjectStore(tmp_path))
    yield images
    images.remove()


def test_its_tools_and_products_are_in_every_box_and_its_copy_is_not(images: Images) -> None:
    dockerfile = (
        f"FROM {IMAGE} AS first\nLABEL {MARK}={images.word}\nRUN echo tool > /opt/tool\n"
        f"FROM {IMAGE}\nLABEL {MARK}={images.word}\nARG WORD=none\nENV GREETING=$WORD\n"
        "COPY --from=first /opt/tool /opt/tool\nWORKDIR /app\nCOPY . .\n"
        "RUN ls -A > /opt/copied; mkdir modules && echo made > modules/file; env > /opt/env\n"
    )
    files = {
        "a.txt": "old\n",
        ".dockerignore": "# comment\nsecret*\n!secret.ok\n",
        "secret.key": "x\n",
        "secret.ok": "x\n",
        f"{'long/' * 30}file": "x\n",
    }
    fitting = images.build(dockerfile, files, path="Dockerfile", arguments={"WORD": "hello"})
    assert images.left() == []
    assert images.build("FROM nothing\n", files) == fitting
    tree = tree_with(images.store, files)
    assert prepare(images.prepared, images.own, ADDRESS, images.store.archive(tree), fitting)
    assert {images.own, images.prepared} <= {image.name for image in listed(ADDRESS)}
    patched = tree_with(images.store, files, {"a.txt": "new\n"})
    with DockerProvider(images.prepared).start(SMALL, run="test") as box:
        workspace = Workspace.open(box, images.store, patched)
        script = "cat /opt/tool modules/file /app/a.txt; echo $GREETING; ls /sys/class/net"
        shown = workspace.shell(script, timeout=20).stdout.data.decode().split()
        assert shown == ["tool", "made", "new", "hello", "lo"]
        copied = workspace.shell("cat /opt/copied", timeout=20).stdout.data.decode().split()
        assert "secret.ok" in copied
        assert "secret.key" not in copied
        proxies = workspace.shell("grep -i proxy /opt/env", timeout=20)
        assert proxies.exit_code == 1


def test_an_instruction_that_fails_says_which_and_leaves_nothing(images: Images) -> None:
    dockerfile = (
        f"FROM {IMAGE}\nLABEL {MARK}={images.word}\nRUN true\nRUN echo no such thing; exit 3\n"
    )
    with pytest.raises(ImageRefused, match=r"(?s)at `RUN echo no such.*no such thing"):
        images.build(dockerfile, {"a": "x"}, path="ci/Dockerfile")
    assert images.left() == []


def test_a_base_that_cannot_be_had_is_named_with_what_to_do(images: Images) -> None:
    with pytest.raises(ImageRefused, match=r"localhost:1/none:1, which Dockerfile builds upon"):
        images.build("FROM localhost:1/none:1\nRUN true\n", {"a": "x"}, path="Dockerfile")


def test_an_image_without_a_shell_is_not_fit_for_boxes(images: Images) -> None:
    fitting = images.build(f"FROM scratch\nLABEL {MARK}={images.word}\nCOPY a /a\n", {"a": "x"})
    tree = tree_with(images.store, {"a": "x"})
    with pytest.raises(SetupFailed, match="sh"):
        prepare(images.prepared, images.own, ADDRESS, images.store.archive(tree), fitting)
    assert images.left() == []


def test_a_build_that_takes_too_long_is_ended(images: Images) -> None:
    dockerfile = f"FROM {IMAGE}\nRUN for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 1; done\n"
    with pytest.raises(ImageRefused, match="it took longer than"):
        images.build(dockerfile, {"a": "x"}, seconds=2)
