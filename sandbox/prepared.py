"""Images in which a repository's own set-up was carried out, with the network, once for all boxes.

The set-up runs the repository's code, so it runs in a container too: the engine builds an image of
the sandbox's own and the tree. What it installs outside the tree stays where it was put. What it
makes inside, ``node_modules`` for one, is kept in :data:`sandbox.base.MADE`, as the tree is laid
anew in every box. The boxes that are started from the image have no network.
"""

import io
import tarfile
from collections.abc import Iterable, Iterator, Sequence

import docker
from docker.errors import DockerException

from sandbox.base import GIB, MADE, SandboxError, SandboxUnavailable
from sandbox.engine import Engine

LABEL = "patchwright.prepared"

_MEMORY = 4 * GIB
_OUTPUT = 2000
"""Characters of the set-up's output that a refusal tells."""

_RECIPE = """\
FROM {image}
USER root
WORKDIR /workspace
ADD tree.tar /workspace/
COPY setup.sh /opt/patchwright/setup.sh
RUN sh /opt/patchwright/setup.sh
"""
# What was there before is known by name, so what is new is known too.
_SCRIPT = """\
set -e
export HOME=/root CI=1 DEBIAN_FRONTEND=noninteractive
ls -A > /opt/patchwright/before
{commands}
mkdir -p {made}
ls -A | grep --fixed-strings --line-regexp --invert-match --file=/opt/patchwright/before \\
    | while IFS= read -r new; do cp -R -- "$new" {made}/; done
chmod -R a+rX {made}
"""


class SetupFailed(SandboxError):
    """The set-up commands failed; the message holds the end of what they printed."""


def prepare(
    name: str, image: str, address: str, tree: Iterable[bytes], commands: Sequence[str]
) -> bool:
    """Build an image unless it is there; whether it was built.

    Args:
        name: The new image's; it has to change with everything that goes into it.
        image: The one to build upon.
        address: Where the engine listens.
        tree: The repository's tree as a tar stream.
        commands: Shell lines, run as root in the tree, one after the other until one fails.

    Raises:
        SetupFailed: One of them failed.
        SandboxUnavailable: There is no such engine or no such image.
        SandboxLost: The engine failed.
    """
    engine = Engine(address)
    try:
        if engine.image(name) is not None:
            return False
        if engine.image(image) is None:
            raise SandboxUnavailable(f"the image {image} to build upon is not there")
    finally:
        engine.close()
    script = _SCRIPT.format(commands="\n".join(commands), made=MADE)
    files = {
        "Dockerfile": _RECIPE.format(image=image).encode(),
        "tree.tar": b"".join(tree),
        "setup.sh": script.encode(),
    }
    _build(name, address, _context(files))
    return True


def _context(files: dict[str, bytes]) -> io.BytesIO:
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    context.seek(0)
    return context


def _build(name: str, address: str, context: io.BytesIO) -> None:
    api = docker.APIClient(base_url=address, version="auto", timeout=3600)
    try:
        told = api.build(
            fileobj=context,
            custom_context=True,
            tag=name,
            rm=True,
            forcerm=True,
            decode=True,
            labels={LABEL: "1"},
            container_limits={"memory": _MEMORY, "memswap": _MEMORY},
        )
        error, printed = _followed(told)
    except (DockerException, OSError) as failure:
        raise SandboxUnavailable(
            f"the Docker engine could not build an image: {failure}"
        ) from failure
    finally:
        api.close()
    if error:
        raise SetupFailed(f"the set-up failed: {error}\n{printed[-_OUTPUT:]}".rstrip())


def _followed(told: Iterator[dict[str, object]]) -> tuple[str, str]:
    """The error that a build ended with, empty when it did well, and what it printed."""
    error, printed = "", ""
    for message in told:
        printed = (printed + str(message.get("stream", "")))[-4 * _OUTPUT :]
        error = str(message.get("error", "")) or error
    return error, printed
