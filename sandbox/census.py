"""Counts a container's processes from outside, where nothing in it can lie, and what memory killed.

It is asked around every command, so it should cost nothing: on the engine's own host the kernel
tells in a tenth of a millisecond, where the engine itself takes fifteen.
"""

import re
from pathlib import Path

from sandbox.base import SandboxLost
from sandbox.engine import Engine

_CGROUPS = Path("/sys/fs/cgroup")
_KILLS = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)


class Census:
    """How many processes one container has, and how many were killed because memory was full."""

    def __init__(self, engine: Engine, container: str) -> None:
        self._engine = engine
        self._container = container
        first = engine.first_process(container)
        self._processes = _file(first, container, "pids", ("cgroup.procs",))
        # Of version 1 and of version 2. The engine's own word, State.OOMKilled, is about the first
        # process only.
        names = ("memory.oom_control", "memory.events")
        self._memory = _file(first, container, "memory", names)

    def count(self) -> int:
        """The number of processes now.

        Raises:
            SandboxLost: There are none: the container has ended.
        """
        count = (
            len(_read(self._processes).split())
            if self._processes
            else self._engine.count_processes(self._container)
        )
        if not count:
            raise SandboxLost("the container has ended")
        return count

    def killed_for_memory(self) -> int:
        """How many processes were killed so far because memory was full; 0 where nobody tells."""
        found = _KILLS.search(_read(self._memory)) if self._memory else None
        return int(found[1]) if found else 0


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except OSError:
        return ""


def _file(first: int, container: str, controller: str, names: tuple[str, ...]) -> Path | None:
    """A file of the kernel's on a container, None where it cannot be seen from here.

    With the engine in a virtual machine or another container its process numbers mean other
    processes here, or none; a group that carries the container's id is its own beyond doubt.
    """
    try:
        groups = Path(f"/proc/{first}/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for group in groups:
        _, controllers, path = group.split(":", 2)
        # Version 1 has a tree for each controller, version 2 one tree and no names.
        if controllers in (controller, "") and container in path:
            for name in names:
                file = _CGROUPS / controllers / path.lstrip("/") / name
                if file.is_file():
                    return file
    return None
