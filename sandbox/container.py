"""How a container is confined: the options an engine is given, and what it is never given."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from docker.types import LogConfig, Ulimit

from sandbox.base import KIB, MIB, Limits, SandboxUnavailable
from sandbox.docker_box import SCRATCH, USER, WORKSPACE

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

_HARMLESS = {
    *("auto_remove", "cap_drop", "init", "ipc_mode", "log_config", "mem_limit", "memswap_limit"),
    *("nano_cpus", "network_mode", "pids_limit", "read_only", "runtime", "security_opt"),
    *("shm_size", "tmpfs", "ulimits"),
}


def options(image: str, limits: Limits, labels: Mapping[str, str]) -> dict[str, Any]:
    """What runs in the container: one process that sleeps for as long as the box may live."""
    return {
        "image": image,
        "entrypoint": ["sleep"],
        "command": [str(limits.lifetime_seconds)],
        "user": "0:0",
        "hostname": "sandbox",
        "working_dir": WORKSPACE,
        "environment": _ENVIRONMENT,
        "labels": dict(labels),
        # An image's own check would be one more process, started at times of its choosing.
        "healthcheck": {"test": ["NONE"]},
        # The user's own Docker settings may hold a proxy and its password.
        "use_config_proxy": False,
    }


def confinement(limits: Limits, volumes: tuple[str, ...], runtime: str = "") -> dict[str, Any]:
    """What contains it; ``volumes`` are the image's, ``runtime`` another one than the engine's.

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
        "security_opt": ["no-new-privileges", f"seccomp={_system_calls()}"],
        "shm_size": _SHARED_MEMORY,
        "tmpfs": _file_systems(limits, volumes),
        "ulimits": [
            Ulimit(name="core", soft=0, hard=0),
            Ulimit(name="fsize", soft=limits.file_bytes, hard=limits.file_bytes),
            Ulimit(name="nofile", soft=_OPEN_FILES, hard=_OPEN_FILES),
        ],
        **({"runtime": runtime} if runtime else {}),
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
def _system_calls() -> str:
    """Our own profile: an old engine's own still allows io_uring and sockets to the hypervisor."""
    return resources.files("sandbox").joinpath("system_calls.json").read_text(encoding="utf-8")


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
