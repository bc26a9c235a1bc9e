"""Boxes made by a Docker engine: the default, and the strongest kind.

The first process is root without a single capability and does nothing but sleep; every command is
an unprivileged user. So hostile code cannot kill the box, and one ``kill -9 -1`` by that same user
kills everything that a command has left behind. Nothing of the host is mounted.

An engine that puts a wall of its own between a box and the host's kernel, gVisor's ``runsc`` or
users that are nobody on the host, makes *isolated* boxes; they are asked for by that name.
"""

from typing import Any

from sandbox.base import Limits, Sandbox, SandboxError, SandboxLost, SandboxUnavailable
from sandbox.container import confinement, options, require_confined
from sandbox.docker_box import WORKSPACE, DockerBox
from sandbox.engine import Engine
from sandbox.floor import require_current
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
_RUNTIME = "runsc"


class DockerProvider:
    """Starts boxes from one image on a local engine that speaks Docker's API.

    Args:
        image: The image's name.
        address: Where the engine listens.
        name: What this kind is called.
        isolated: Whether a wall between the box and the host's kernel is demanded.
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
        wall = "behind a wall of its own" if self._isolated else "but shares the host's kernel"
        return (
            "a container without network, capabilities or host files; bounds memory, processors, "
            f"processes, files and output, {wall}"
        )

    def check(self) -> None:
        """Return when a box could be started now; see the protocol."""
        engine = Engine(self._address)
        try:
            information = engine.information()
            _require_limits(information)
            require_current(engine.runtime_version())
            self._runtime(information)
            self._inspect_image(engine)
        except SandboxLost as error:
            raise SandboxUnavailable(str(error)) from error
        finally:
            engine.close()

    def remove_leftovers(self) -> int:
        """Remove the boxes of dead owners; see the protocol."""
        engine = Engine(self._address)
        removed = 0
        try:
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
            runtime = self._runtime(engine.information()) if self._isolated else ""
            image = self._inspect_image(engine)
            volumes = tuple((image.get("Config") or {}).get("Volumes") or ())
            host = confinement(limits, volumes, runtime)
            require_confined(host)
            labels = {RUN: run, **Owner.current().labels}
            container = engine.start(options(self._image, limits, labels), host)
            box = DockerBox(engine, container, limits)
        except SandboxError:
            engine.close()
            raise
        try:
            probe(box, _checks(limits))
        except SandboxError:
            box.close()
            raise
        return box

    def _runtime(self, information: dict[str, Any]) -> str:
        """The runtime to ask for, empty for the engine's own."""
        if not self._isolated or _USERS_MAPPED in information.get("SecurityOptions", ()):
            return ""
        if _RUNTIME in information.get("Runtimes", {}):
            return _RUNTIME
        raise SandboxUnavailable(
            f"this engine has no wall between a box and the host's kernel: give it gVisor's "
            f"{_RUNTIME} (https://gvisor.dev/docs/user_guide/install/) or start it with "
            "--userns-remap; or ask for the sandbox `docker`"
        )

    def _inspect_image(self, engine: Engine) -> dict[str, Any]:
        image = engine.image(self._image)
        if image is None:
            remedy = "make image" if self._image == IMAGE else f"docker pull {self._image}"
            raise SandboxUnavailable(f"the image {self._image} is not there: run `{remedy}`")
        return image


def _checks(limits: Limits) -> list[Check]:
    return [
        first_process_out_of_reach,
        in_group(limits),
        sized_files(limits, WORKSPACE),
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
