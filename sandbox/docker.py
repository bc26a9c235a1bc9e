"""Boxes made by a Docker engine: the default, and the strongest kind.

The first process is root without a single capability and does nothing but sleep; every command is
an unprivileged user. So hostile code cannot kill the box, and one ``kill -9 -1`` by that same user
kills everything that a command has left behind. Nothing of the host is mounted.
"""

from typing import Any

from docker.types import LogConfig, Ulimit

from sandbox.base import KIB, MIB, Limits, Sandbox, SandboxError, SandboxLost, SandboxUnavailable
from sandbox.docker_box import SCRATCH, USER, WORKSPACE, DockerBox
from sandbox.engine import Engine
from sandbox.owner import PID, Owner

ADDRESS = "unix:///var/run/docker.sock"
IMAGE = "patchwright-sandbox:latest"
RUN = "patchwright.run"

_SHARED_MEMORY = 64 * MIB
_VOLUME = 64 * MIB
_ROOM = 256 * MIB
_OPEN_FILES = 4096

_ENVIRONMENT = {
    # No PATH: the image knows where its tools are, and the engine has a default.
    "CI": "1",
    "HOME": SCRATCH,
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}


class DockerProvider:
    """Starts boxes from one image on a local Docker engine."""

    name = "docker"
    bounds = (
        "a container without network, capabilities or host files; bounds memory, processors, "
        "processes, files and output, but shares the host's kernel"
    )

    def __init__(self, image: str = IMAGE, *, address: str = ADDRESS) -> None:
        self._image = image
        self._address = address

    def check(self) -> None:
        """Return when a box could be started now; see the protocol."""
        engine = Engine(self._address)
        try:
            _require_limits(engine.information())
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
        """Start one box; see the protocol."""
        engine = Engine(self._address)
        try:
            image = self._inspect_image(engine)
            volumes = tuple((image.get("Config") or {}).get("Volumes") or ())
            labels = {RUN: run, **Owner.current().labels}
            container = engine.start(
                _options(self._image, limits, labels), _confinement(limits, volumes)
            )
            return DockerBox(engine, container)
        except SandboxError:
            engine.close()
            raise

    def _inspect_image(self, engine: Engine) -> dict[str, Any]:
        image = engine.image(self._image)
        if image is None:
            remedy = "make image" if self._image == IMAGE else f"docker pull {self._image}"
            raise SandboxUnavailable(f"the image {self._image} is not there: run `{remedy}`")
        return image


def _require_limits(information: dict[str, Any]) -> None:
    """Refuse an engine that takes limits and does not enforce them, as rootless ones may."""
    missing = [name for name in ("MemoryLimit", "PidsLimit") if not information.get(name)]
    if missing:
        raise SandboxUnavailable(
            f"this Docker engine does not enforce {' and '.join(missing)}: delegate the cgroup "
            "controllers memory and pids to it (cgroup version 2), or use the system's engine"
        )


def _options(image: str, limits: Limits, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "image": image,
        "entrypoint": ["sleep"],
        "command": [str(limits.lifetime_seconds)],
        "user": "0:0",
        "hostname": "sandbox",
        "working_dir": WORKSPACE,
        "environment": _ENVIRONMENT,
        "labels": labels,
        # An image's own check would be one more process, started at times of its choosing.
        "healthcheck": {"test": ["NONE"]},
        # The user's own Docker settings may hold a proxy and its password.
        "use_config_proxy": False,
    }


def _confinement(limits: Limits, volumes: tuple[str, ...]) -> dict[str, Any]:
    return {
        "auto_remove": True,
        "cap_drop": ["ALL"],
        "init": True,
        "ipc_mode": "private",
        "log_config": LogConfig(type="none"),
        "mem_limit": limits.memory_bytes,
        "memswap_limit": limits.memory_bytes,
        "nano_cpus": int(limits.cpus * 1e9),
        "network_mode": "none",
        "pids_limit": limits.processes,
        "read_only": True,
        "security_opt": ["no-new-privileges"],
        "shm_size": _SHARED_MEMORY,
        "tmpfs": _file_systems(limits, volumes),
        "ulimits": [
            Ulimit(name="core", soft=0, hard=0),
            Ulimit(name="fsize", soft=limits.file_bytes, hard=limits.file_bytes),
            Ulimit(name="nofile", soft=_OPEN_FILES, hard=_OPEN_FILES),
        ],
    }


def _file_systems(limits: Limits, volumes: tuple[str, ...]) -> dict[str, str]:
    """Every writable place as a file system of bounded size in the box's own memory.

    An image's volumes would be folders on the host's disk, without a bound, so they are covered.
    """
    sizes = dict.fromkeys(volumes, _VOLUME)
    sizes |= {WORKSPACE: limits.workspace_bytes, SCRATCH: limits.scratch_bytes}
    if sum(sizes.values()) + _ROOM > limits.memory_bytes:
        raise SandboxUnavailable(
            f"the memory limit of {limits.memory_bytes // MIB} MiB leaves no room beside "
            f"{sum(sizes.values()) // MIB} MiB of files, which are kept in memory: allow "
            f"{_ROOM // MIB} MiB more than the files, or make the files' limits smaller"
        )
    return {path: _file_system(size) for path, size in sizes.items()}


def _file_system(size: int) -> str:
    # Every file costs a little memory beside its bytes, so files are counted too.
    user, group = USER.split(":")
    bounds = f"size={size},nr_inodes={size // (4 * KIB)}"
    return f"rw,exec,nosuid,nodev,{bounds},uid={user},gid={group},mode=0755"
