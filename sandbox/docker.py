"""Boxes made by a Docker engine: the default, and the strongest kind.

The first process is root without a single capability and does nothing but sleep; every command is
an unprivileged user. So hostile code cannot kill the box, and one ``kill -9 -1`` by that same user
kills everything that a command has left behind. Nothing of the host is mounted.

An engine whose users are nobody on the host (``dockerd --userns-remap``) makes *isolated* boxes:
even a process that broke out as root would be an unprivileged stranger there.
"""

import sys
from typing import Any

from sandbox.base import Limits, Sandbox, SandboxError, SandboxLost, SandboxUnavailable
from sandbox.container import FILE_BYTES, confinement, options, require_confined
from sandbox.docker_box import WORKSPACE, DockerBox
from sandbox.engine import Engine
from sandbox.floor import require_current
from sandbox.folder import remove_leftovers
from sandbox.owner import PID, Owner
from sandbox.probe import (
    FORBIDDEN,
    Check,
    first_process_out_of_reach,
    in_group,
    probe,
    sized_files,
)

ADDRESS = "unix:///var/run/docker.sock"
IMAGE = "patchwright-sandbox:latest"
RUN = "patchwright.run"

_USERS_MAPPED = "name=userns"


class DockerProvider:
    """Starts boxes from one image on a local engine that speaks Docker's API.

    Args:
        image: The image's name.
        address: Where the engine listens.
        name: What this kind is called.
        isolated: Whether its users must be nobody on the host.
    """

    def __init__(
        self,
        image: str = IMAGE,
        *,
        address: str = ADDRESS,
        name: str = "docker",
        isolated: bool = False,
    ) -> None:
        self.name = name
        self._image = image
        self._address = address
        self._isolated = isolated

    @property
    def bounds(self) -> str:
        """What it contains, and what it cannot bound; see the protocol."""
        users = "; its users are nobody on the host" if self._isolated else ""
        return (
            "a container without network, capabilities or host files; bounds memory, processors, "
            f"processes, files and output, but shares the host's kernel{users}"
        )

    def check(self) -> None:
        """Return when a box could be started now; see the protocol."""
        engine = Engine(self._address)
        try:
            information = engine.information()
            _require_limits(information)
            require_current(engine.components().get("runc", ""))
            if self._isolated:
                _require_mapped_users(information)
            self._inspect_image(engine)
        except SandboxLost as error:
            raise SandboxUnavailable(str(error)) from error
        finally:
            engine.close()

    def remove_leftovers(self) -> int:
        """Remove what dead owners have left; see the protocol."""
        engine = Engine(self._address)
        try:
            removed = remove_leftovers()
            for container, labels in engine.labelled(PID).items():
                owner = Owner.from_labels(labels)
                if owner is not None and owner.is_gone():
                    engine.remove(container)
                    removed += 1
        finally:
            engine.close()
        return removed

    def start(self, limits: Limits, *, run: str) -> Sandbox:
        """Start one box, and see from inside that it holds; see the protocol."""
        engine = Engine(self._address)
        try:
            if self._isolated:
                _require_mapped_users(engine.information())
            image = self._inspect_image(engine)
            volumes = tuple((image.get("Config") or {}).get("Volumes") or ())
            podman = engine.is_podman
            host = confinement(limits, volumes, podman=podman)
            require_confined(host)
            labels = {RUN: run, **Owner.current().labels}
            container = engine.start(options(self._image, limits, labels, podman=podman), host)
            box = DockerBox(engine, container, limits)
        except SandboxError:
            engine.close()
            raise
        try:
            probe(box, _checks(limits, podman=podman))
        except SandboxError:
            box.close()
            raise
        return box

    def _inspect_image(self, engine: Engine) -> dict[str, Any]:
        image = engine.image(self._image)
        if image is None:
            remedy = "make image" if self._image == IMAGE else f"docker pull {self._image}"
            raise SandboxUnavailable(f"the image {self._image} is not there: run `{remedy}`")
        return image


def _checks(limits: Limits, *, podman: bool) -> list[Check]:
    # Podman cannot bound the number of files; what they cost is bounded with the memory.
    most_files = sys.maxsize if podman else limits.workspace_bytes // FILE_BYTES
    return [
        first_process_out_of_reach,
        in_group(limits),
        sized_files(limits, WORKSPACE, most_files),
        *FORBIDDEN,
    ]


def _require_limits(information: dict[str, Any]) -> None:
    """Refuse an engine that takes limits and does not enforce them, as rootless ones may."""
    missing = [name for name in ("MemoryLimit", "PidsLimit") if not information.get(name)]
    if missing:
        raise SandboxUnavailable(
            f"this Docker engine does not enforce {' and '.join(missing)}: delegate the cgroup "
            "controllers memory and pids to it (cgroup version 2), or use the system's engine"
        )


def _require_mapped_users(information: dict[str, Any]) -> None:
    """Refuse an engine whose users are the host's."""
    if _USERS_MAPPED not in information.get("SecurityOptions", ()):
        raise SandboxUnavailable(
            "root in a container of this engine is root of the host: start it with "
            "--userns-remap=default (https://docs.docker.com/engine/security/userns-remap/), "
            "or ask for the sandbox `docker`"
        )
