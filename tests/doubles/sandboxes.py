"""Real sandboxes of every kind, for the suite of the contract and for whole runs.

A kind that cannot be used here is skipped with its reason, except where the environment variable
``PATCHWRIGHT_REQUIRE`` names it (``docker,bubblewrap``): there it fails. ``PATCHWRIGHT_ALSO`` names
kinds that are not tried otherwise (``podman``, ``isolated``); ``DOCKER_HOST`` is heeded.
"""

import os

import pytest

from sandbox.base import MIB, Limits, Provider, SandboxUnavailable
from sandbox.choose import strongest

HOST = pytest.param("none", id="host")
BUBBLEWRAP = pytest.param("bubblewrap", marks=pytest.mark.bubblewrap)
DOCKER = pytest.param("docker", marks=pytest.mark.docker)
ALSO = [
    pytest.param(kind, marks=pytest.mark.docker)
    for kind in os.environ.get("PATCHWRIGHT_ALSO", "").split(",")
    if kind
]
CONTAINING = [BUBBLEWRAP, DOCKER, *ALSO]

SMALL = Limits(
    memory_bytes=512 * MIB,
    processes=64,
    workspace_bytes=160 * MIB,
    scratch_bytes=64 * MIB,
    file_bytes=128 * MIB,
    lifetime_seconds=600,
)


def provider_or_skip(kind: str) -> Provider:
    """The provider of one kind, when it works here."""
    try:
        return strongest(kind, docker_address=os.environ.get("DOCKER_HOST")).provider
    except SandboxUnavailable as error:
        if kind in os.environ.get("PATCHWRIGHT_REQUIRE", "").split(","):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error).replace("\n", " "))
