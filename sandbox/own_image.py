"""A repository's own image: built by its Dockerfile from its tree, then made fit for boxes.

The image may hold a copy of the repository where the Dockerfile put one. What is tested is another
tree, laid at ``/workspace`` in every box, so the copy gives way to it: its folder becomes a link to
``/workspace``, and what was made inside the copy goes where the set-up's own products go.
"""

import io
import shlex
import tarfile
from collections.abc import Iterable, Iterator, Mapping

from docker.utils.build import PatternMatcher

from sandbox.base import SandboxError, SandboxUnavailable
from sandbox.building import SECONDS, BuildFailed, build, repacked
from sandbox.docker_box import WORKSPACE
from sandbox.engine import Engine

_IGNORE = ".dockerignore"
_OUTSIDE = "Dockerfile.patchwright"
_NEEDED = ("sleep", "nice", "tar", "grep", "git")

_FIT = """\
for program in {needed}; do
    command -v $program > /dev/null || {{ echo "the image has no $program"; exit 44; }}
done
"""
# A copy is known by what is in it; a folder without any of the tree's own files is none.
_LINK = """\
if [ -n "$(ls -A {copy} | grep -Fxf /opt/patchwright/before)" ]; then
    ls -A {copy} | grep -Fxvf /opt/patchwright/before \\
        | while IFS= read -r made; do mv -- {copy}/"$made" {workspace}/; done
    rm -rf {copy} && ln -s {workspace} {copy}
fi
"""


class ImageRefused(SandboxError):
    """The image cannot be built, or is not fit for boxes; the message says why."""


def build_own(
    name: str,
    address: str,
    tree: Iterable[bytes],
    dockerfile: str,
    *,
    path: str = "",
    context: str = "",
    arguments: Mapping[str, str] | None = None,
    target: str = "",
    seconds: float = SECONDS,
) -> list[str]:
    """Build the image unless it is there.

    Args:
        name: The image's; it has to change with everything that goes into it.
        address: Where the engine listens.
        tree: The repository's tree as a tar stream.
        dockerfile: The Dockerfile's text.
        path: Where it stands in the tree; empty when it does not.
        context: The folder of the tree that it may copy from; empty: all of it.
        arguments: Of its ARG.
        target: The stage to stop at; the last when empty.
        seconds: Until the build is ended.

    Returns:
        Shell lines for :func:`sandbox.prepared.prepare`, which make it fit for boxes.

    Raises:
        ImageRefused: An instruction failed, or it took too long.
        SandboxUnavailable: There is no such engine, or it fails.
    """
    engine = Engine(address)
    try:
        if engine.image(name) is None:
            files = _context(b"".join(tree), context)
            try:
                build(
                    name,
                    address,
                    repacked(files, {_OUTSIDE: dockerfile.encode(errors="surrogateescape")}),
                    dockerfile=_OUTSIDE,
                    arguments=arguments,
                    target=target,
                    seconds=seconds,
                )
            except BuildFailed as error:
                raise ImageRefused(_why(path, error)) from error
        image = engine.image(name)
        if image is None:
            raise SandboxUnavailable(f"the image {name} was built and is gone")
    finally:
        engine.close()
    return [_FIT.format(needed=" ".join(_NEEDED)), *_linked(image)]


def _why(path: str, error: BuildFailed) -> str:
    where = path or "what devcontainer.json names"
    if error.step.upper().startswith("FROM "):
        base = error.step.split()[1]
        return (
            f"the image {base}, which {where} builds upon, cannot be had: {error};"
            f" try `docker pull {base}`, or give the set-up with --setup COMMAND"
        )
    at = f" at `{error.step}`" if error.step else ""
    return f"{where} cannot be built{at}: {error}"


def _linked(image: Mapping[str, object]) -> list[str]:
    """What lays the image's own copy of the repository aside."""
    configuration = image.get("Config")
    folder = configuration.get("WorkingDir") if isinstance(configuration, dict) else None
    if not isinstance(folder, str) or folder in ("", "/", WORKSPACE):
        return []
    return [_LINK.format(copy=shlex.quote(folder), workspace=WORKSPACE)]


def _context(tree: bytes, folder: str) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    """What of a tree a Dockerfile may copy: a folder of it, without what is to be ignored.

    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    prefix = f"{folder}/" if folder else ""
    with tarfile.open(fileobj=io.BytesIO(tree)) as tar:
        entries = {entry.name.removeprefix(prefix): entry for entry in tar if _lies(entry, prefix)}
        ignored = PatternMatcher(_patterns(tar, entries.get(_IGNORE)))
        for name, entry in entries.items():
            if entry.isdir() or _matches(ignored, name):
                continue
            content = tar.extractfile(entry) if entry.isfile() else None
            # A header of the old name would go before the new one.
            entry.name, entry.pax_headers = name, {}
            yield entry, content.read() if content else b""


def _lies(entry: tarfile.TarInfo, prefix: str) -> bool:
    return entry.name.startswith(prefix) and entry.name != prefix


def _patterns(tar: tarfile.TarFile, entry: tarfile.TarInfo | None) -> list[str]:
    content = tar.extractfile(entry) if entry is not None and entry.isfile() else None
    lines = content.read().decode(errors="replace").splitlines() if content else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _matches(patterns: PatternMatcher, path: str) -> bool:
    # The stubs want a path object where the code wants a text.
    return bool(patterns.matches(path))  # type: ignore[arg-type]
