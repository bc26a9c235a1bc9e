"""Images in which a repository's own set-up was carried out, with the network, once for all boxes.

The set-up runs the repository's code, so it runs in a container too: the engine builds an image of
the sandbox's own and the tree. What it installs outside the tree stays where it was put. What it
makes inside, ``node_modules`` for one, is kept in :data:`sandbox.base.MADE`, as the tree is laid
anew in every box. The boxes that are started from the image have no network.
"""

import io
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sandbox.base import MADE, SandboxError, SandboxUnavailable
from sandbox.building import LABEL, SECONDS, BuildFailed, build, tar_of
from sandbox.engine import Engine

_RECIPE = """\
FROM {image}
LABEL {label}={name}
USER root
WORKDIR /workspace
ADD tree.tar /workspace/
COPY setup.sh before /opt/patchwright/
RUN sh /opt/patchwright/setup.sh
"""
# What the tree holds is known by name, so what is new is known too.
_SCRIPT = """\
set -e
export HOME=/root CI=1 DEBIAN_FRONTEND=noninteractive
{commands}
mkdir -p {made}
ls -A | grep --fixed-strings --line-regexp --invert-match --file=/opt/patchwright/before \\
    | while IFS= read -r new; do cp -R -- "$new" {made}/; done
chmod -R a+rX {made}
"""


class SetupFailed(SandboxError):
    """The set-up commands failed; the message holds the end of what they printed."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An image that was made for a repository's tests."""

    name: str
    size: int
    """Bytes, those of what it is built upon among them."""


def prepare(
    name: str,
    image: str,
    address: str,
    tree: Iterable[bytes],
    commands: Sequence[str],
    *,
    seconds: float = SECONDS,
) -> bool:
    """Build an image unless it is there; whether it was built.

    Args:
        name: The new image's; it has to change with everything that goes into it.
        image: The one to build upon.
        address: Where the engine listens.
        tree: The repository's tree as a tar stream.
        commands: Shell lines, run as root in the tree, one after the other until one fails.
        seconds: Until the build is ended.

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
    files = b"".join(tree)
    context = {
        "Dockerfile": _RECIPE.format(image=image, label=LABEL, name=name).encode(),
        "tree.tar": files,
        "before": _top_level(files),
        "setup.sh": _SCRIPT.format(commands="\n".join(commands), made=MADE).encode(),
    }
    try:
        build(name, address, tar_of(context), seconds=seconds)
    except BuildFailed as error:
        raise SetupFailed(f"the set-up failed: {error}") from error
    return True


def listed(address: str) -> list[Prepared]:
    """The images that were made for repositories' tests, by this version and earlier ones.

    Raises:
        SandboxUnavailable: There is no such engine.
        SandboxLost: It fails.
    """
    engine = Engine(address)
    try:
        return [
            Prepared((image["RepoTags"] or [image["Id"]])[0], image["Size"])
            for image in engine.images(LABEL)
        ]
    finally:
        engine.close()


def remove_all(address: str) -> int:
    """Remove those that no box uses; how many.

    Raises:
        SandboxUnavailable: There is no such engine.
        SandboxLost: It fails.
    """
    # One may be built upon another, which then has to go first.
    images = sorted(listed(address), key=lambda image: -image.size)
    engine = Engine(address)
    try:
        return sum(engine.remove_image(image.name) for image in images)
    finally:
        engine.close()


def _top_level(tree: bytes) -> bytes:
    """Names of what lies at a tree's root, a line each; a file without one matches nothing."""
    with tarfile.open(fileobj=io.BytesIO(tree)) as tar:
        names = dict.fromkeys(entry.name.partition("/")[0] for entry in tar)
    return "".join(f"{name}\n" for name in names).encode(errors="surrogateescape")
