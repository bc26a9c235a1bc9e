"""The environment that tests need, from a setting to boxes that have it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from agent.config import ConfigurationError, Settings, load
from agent.doctor import check_images
from agent.environment import prepared, suggested
from doubles.sandboxes import SMALL, provider_or_skip
from doubles.suites import tree_with
from sandbox.base import Provider
from sandbox.docker import ADDRESS, IMAGE
from sandbox.host import HostProvider
from tools.git import ObjectStore

DOCKERFILE = f"FROM {IMAGE}\nRUN echo built > /opt/tool\n"


def settings(setup: str) -> Settings:
    return load({"setup": setup}, environment={"HOME": "/nowhere"})


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path)


@pytest.fixture
def images() -> Iterator[Callable[[], set[str]]]:
    """Names of the images that were made since the test began, which are gone after it."""
    api = docker.APIClient(base_url=ADDRESS, version="auto")

    def named() -> set[str]:
        found = api.images(filters={"label": "patchwright.prepared"})
        return {name for image in found for name in image["RepoTags"] or ()}

    before = named()

    def made() -> set[str]:
        return {name for name in named() - before if ":test-" not in name}

    yield made
    for name in made():
        api.remove_image(name, force=True)
    api.close()


@pytest.mark.docker
def test_a_repositorys_own_dockerfile_is_built_once_and_the_doctor_names_it(
    store: ObjectStore, images: Callable[[], set[str]]
) -> None:
    provider = provider_or_skip("docker")
    tree = tree_with(store, {"Dockerfile": DOCKERFILE, "a.py": "x = 1\n"})
    first = prepared(settings("dockerfile"), provider, store, tree)
    made = images()
    assert {name.partition(":")[0] for name in made} == {"patchwright-own", "patchwright-env"}
    other = tree_with(store, {"Dockerfile": DOCKERFILE, "a.py": "x = 2\n"})
    prepared(settings("dockerfile:Dockerfile"), provider, store, other)
    assert images() == made
    with first.start(SMALL, run="test") as box:
        assert box.run(["cat", "/opt/tool"], timeout=10).stdout.data == b"built\n"
    [finding] = check_images()
    assert "runs --clean-images" in finding.text


@pytest.mark.docker
@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"a": "x"}, "no Dockerfile and no devcontainer.json"),
        ({"Dockerfile": "FROM localhost:1/none\nRUN true\n"}, "localhost:1/none, which Dockerfile"),
        ({"Dockerfile": "FROM x\nADD http://x /\n"}, "from the host's own network"),
    ],
)
def test_what_cannot_be_built_is_a_readable_refusal(
    store: ObjectStore, files: dict[str, str], why: str
) -> None:
    provider = provider_or_skip("docker")
    with pytest.raises(ConfigurationError, match=why):
        prepared(settings("dockerfile"), provider, store, tree_with(store, files))


def test_other_kinds_of_sandbox_keep_no_image(store: ObjectStore) -> None:
    tree = tree_with(store, {"Dockerfile": DOCKERFILE})
    provider: Provider = HostProvider()
    with pytest.raises(ConfigurationError, match="--setup needs Docker"):
        prepared(settings("dockerfile"), provider, store, tree)


def test_a_refusal_of_tests_that_do_not_start_names_what_the_files_offer(
    store: ObjectStore,
) -> None:
    tree = tree_with(store, {"Dockerfile": DOCKERFILE, "requirements.txt": "x\n"})
    said = suggested(store, tree)
    assert "pip install --requirement requirements.txt" in said
    assert "--setup dockerfile builds its Dockerfile" in said
    assert suggested(store, tree_with(store, {"a": "x"})) == ""


def test_without_an_engine_the_doctor_has_no_images_to_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    assert check_images() == []
