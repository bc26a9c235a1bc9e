"""Building an image: bounded in memory and time, told nothing of this machine, nothing left over.

A build has the network, as it installs things, through the engine's own bridge and never as the
host. It gets no variable, password or proxy of the user's; what it may copy is the context, made
here. The engine's classic builder is used, as every engine has it; it keeps an image of each
step, and those that nothing is built upon in the end are removed.
"""

import io
import json
import re
import tarfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import docker
from docker.errors import APIError, DockerException

from sandbox.base import GIB, SandboxError, SandboxUnavailable

LABEL = "patchwright.prepared"
"""Every image made for a repository's tests carries it."""

SECONDS = 1800.0
"""After so long a build is ended."""

_MEMORY = 4 * GIB
_OUTPUT = 2000
"""Characters of a build's output that a refusal tells."""

_STEP = re.compile(r"^Step \d+/\d+ : (.*)$", re.MULTILINE)
_MADE = re.compile(r"^ ---> ([0-9a-f]{12,})$", re.MULTILINE)


class BuildFailed(SandboxError):
    """A build failed; the message holds the engine's error and the end of what was printed.

    Attributes:
        step: The instruction that it failed at.
    """

    def __init__(self, message: str, step: str = "") -> None:
        super().__init__(message)
        self.step = step


@dataclass(slots=True)
class _Told:
    """What an engine tells of a build."""

    printed: str = ""
    error: str = ""
    step: str = ""
    made: list[str] = field(default_factory=list)
    """Images of steps; what a stage is built upon is not among them."""

    def hear(self, message: Mapping[str, Any]) -> None:
        """Take in one message."""
        text = str(message.get("stream", ""))
        self.printed = (self.printed + text)[-4 * _OUTPUT :]
        self.error = str(message.get("error", "")) or self.error
        if steps := _STEP.findall(text):
            self.step = steps[-1].strip()
        elif not self.step.upper().startswith("FROM "):
            self.made += _MADE.findall(text)


def build(
    name: str,
    address: str,
    context: io.BytesIO,
    *,
    dockerfile: str = "Dockerfile",
    arguments: Mapping[str, str] | None = None,
    target: str = "",
    seconds: float = SECONDS,
) -> None:
    """Build an image.

    Args:
        name: The image's.
        address: Where the engine listens.
        context: A tar file with the Dockerfile and all that it may copy.
        dockerfile: Its path in the context.
        arguments: Of the Dockerfile's ARG.
        target: The stage to stop at; the last when empty.
        seconds: Until it is ended.

    Raises:
        BuildFailed: An instruction failed, or it took too long.
        SandboxUnavailable: The engine failed.
    """
    told = _Told()
    deadline = time.monotonic() + seconds
    # The time bound holds for silence, too: no answer may take longer.
    api = docker.APIClient(base_url=address, version="auto", timeout=max(1, int(seconds)))
    options: dict[str, str | int] = {
        "t": name,
        "dockerfile": dockerfile,
        "target": target,
        "buildargs": json.dumps(dict(arguments or {})),
        "labels": json.dumps({LABEL: "1"}),
        "networkmode": "bridge",
        "memory": _MEMORY,
        "memswap": _MEMORY,
        **dict.fromkeys(("rm", "forcerm", "nocache", "version"), 1),
    }
    try:
        for message in _messages(api, options, context):
            told.hear(message)
            if time.monotonic() > deadline:
                told.error = f"it took longer than {seconds / 60:.0f} minutes"
                break
    except (DockerException, OSError) as failure:
        raise SandboxUnavailable(
            f"the Docker engine could not build an image: {failure}"
        ) from failure
    finally:
        _remove_steps(api, told.made)
        api.close()
    if told.error:
        printed = told.printed[-_OUTPUT:]
        raise BuildFailed(f"{told.error}\n{printed}".rstrip(), told.step)


def _messages(
    api: docker.APIClient, options: Mapping[str, str | int], context: io.BytesIO
) -> Iterator[dict[str, Any]]:
    """What the engine tells of a build, which ends when nobody listens any more.

    The SDK's own call would hand on the user's proxies and passwords for registries.
    https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageBuild
    """
    url = f"{api.base_url}/v{api.api_version}/build"
    headers = {"Content-Type": "application/x-tar"}
    with api.post(
        url, params=options, data=context, headers=headers, stream=True, timeout=api.timeout
    ) as response:
        for line in response.iter_lines():
            message = json.loads(line)
            # A refusal of the whole has no more than this.
            yield message if response.ok else {"error": message.get("message", "refused")}


def tar_of(files: Mapping[str, bytes]) -> io.BytesIO:
    """A tar file of a few files."""
    return repacked((), files)


def repacked(
    tree: Iterable[tuple[tarfile.TarInfo, bytes]], files: Mapping[str, bytes]
) -> io.BytesIO:
    """A tar file of these entries, and of more files."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for entry, data in tree:
            tar.addfile(entry, io.BytesIO(data))
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    made.seek(0)
    return made


def _remove_steps(api: docker.APIClient, images: Iterable[str]) -> None:
    """Remove what steps have left that no image is built upon, the last first."""
    for image in reversed(list(images)):
        # 404: removed with another; 409: something is built upon it.
        with suppress(APIError, OSError):
            if not api.inspect_image(image).get("RepoTags"):  # type: ignore[no-untyped-call]
                api.remove_image(image, noprune=True)
