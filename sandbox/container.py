"""How a container is confined: the options an engine is given, and what it is never given."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from docker.types import LogConfig, Ulimit

from sandbox.base import MIB, Limits, SandboxUnavailable
from sandbox.docker_box import SCRATCH, USER, WORKSPACE

SYSTEM_CALLS = Path(__file__).with_name("system_calls.json")
"""Our own filter: an old engine's still allows io_uring and sockets to the hypervisor."""

FILE_BYTES = 4096
"""A file system may have as many files as it has room for files of this size."""

_SHARED_MEMORY = 64 * MIB
_VOLUME = 64 * MIB
_ROOM = 256 * MIB
_OPEN_FILES = 4096
_PROCESSES = 4096  # of the user, in all boxes; each box's own bound is its control group's

_ENVIRONMENT = {
    # No PATH: the image knows where its tools are, and the engine has a default.
    "CI": "1",
    "HOME": SCRATCH,
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}

_FOLDERS_OF_ANOTHER = {
    # git refuses to work in a folder that is not its user's unless told that it may.
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}

_HARMLESS = {
    *("auto_remove", "cap_drop", "init", "ipc_mode", "log_config", "mem_limit", "memswap_limit"),
    *("nano_cpus", "network_mode", "pids_limit", "read_only", "security_opt"),
    *("shm_size", "tmpfs", "ulimits"),
}


def options(
    image: str, limits: Limits, labels: Mapping[str, str], *, podman: bool = False
) -> dict[str, Any]:
    """What runs in the container: one process that sleeps for as long as the box may live."""
    return {
        "image": image,
        "entrypoint": ["sleep"],
        "command": [str(limits.lifetime_seconds)],
        "user": "0:0",
        "hostname": "sandbox",
        "working_dir": WORKSPACE,
        "environment": _ENVIRONMENT | (_FOLDERS_OF_ANOTHER if podman else {}),
        "labels": dict(labels),
        # An image's own check would be one more process, started at times of its choosing.
        "healthcheck": {"test": ["NONE"]},
        # The user's own Docker settings may hold a proxy and its password.
        "use_config_proxy": False,
    }


def confinement(
    limits: Limits, volumes: tuple[str, ...], *, podman: bool = False
) -> dict[str, Any]:
    """What contains it.

    Args:
        limits: What the box may use.
        volumes: The folders that the image declares as volumes.
        podman: Whether the engine is Podman, which reads the filter of system calls itself and
            can neither bound the number of files nor give folders to a user.

    Raises:
        SandboxUnavailable: The limits cannot all be kept.
    """
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
        "security_opt": ["no-new-privileges", f"seccomp={SYSTEM_CALLS if podman else _profile()}"],
        "shm_size": _SHARED_MEMORY,
        "tmpfs": _file_systems(limits, volumes, podman=podman),
        "ulimits": [
            Ulimit(name="core", soft=0, hard=0),
            Ulimit(name="fsize", soft=limits.file_bytes, hard=limits.file_bytes),
            Ulimit(name="nofile", soft=_OPEN_FILES, hard=_OPEN_FILES),
            # Podman's own is higher than a first process without capabilities may set.
            *([Ulimit(name="nproc", soft=_PROCESSES, hard=_PROCESSES)] if podman else ()),
        ],
    }


def require_confined(host: Mapping[str, Any]) -> None:
    """Refuse options that open a box, whoever put them there.

    Every way out of a container that is known from misconfigured engines is a choice in these
    options: privileges, capabilities, devices, folders of the host, its namespaces.

    Raises:
        ValueError: An option is not among those that confine, or is not set so that it does.
    """
    unknown = set(host) - _HARMLESS
    if unknown:
        raise ValueError(f"a box may not be given {', '.join(sorted(unknown))}")
    security = host.get("security_opt") or []
    for name, holds in {
        "cap_drop": host.get("cap_drop") == ["ALL"],
        "ipc_mode": host.get("ipc_mode") == "private",
        "network_mode": host.get("network_mode") == "none",
        "pids_limit": (host.get("pids_limit") or 0) > 0,
        "mem_limit": 0 < (host.get("mem_limit") or 0) == host.get("memswap_limit"),
        "read_only": host.get("read_only") is True,
        "security_opt": "no-new-privileges" in security and not _unconfined(security),
    }.items():
        if not holds:
            raise ValueError(f"a box without a safe {name} is not started")


def _unconfined(security: list[str]) -> bool:
    return any("unconfined" in option or "disable" in option for option in security)


@cache
def _profile() -> str:
    return SYSTEM_CALLS.read_text(encoding="utf-8")


def _file_systems(limits: Limits, volumes: tuple[str, ...], *, podman: bool) -> dict[str, str]:
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
    return {path: _file_system(size, podman=podman) for path, size in sizes.items()}


def _file_system(size: int, *, podman: bool) -> str:
    bounds = f"rw,exec,nosuid,nodev,size={size}"
    if podman:
        return f"{bounds},mode=1777"
    user, group = USER.split(":")
    # Every file costs a little memory beside its bytes, so files are counted too.
    return f"{bounds},nr_inodes={size // FILE_BYTES},uid={user},gid={group},mode=0755"
