"""Counts a container's processes from outside, where nothing in it can lie.

It is asked after every command, so it should cost nothing: on the engine's own host the kernel
tells in a tenth of a millisecond, where the engine itself takes fifteen.
"""

from pathlib import Path

from sandbox.base import SandboxLost
from sandbox.engine import Engine

_CGROUPS = Path("/sys/fs/cgroup")


class Census:
    """How many processes one container has."""

    def __init__(self, engine: Engine, container: str) -> None:
        self._engine = engine
        self._container = container
        self._file = _processes_file(engine.first_process(container), container)

    def count(self) -> int:
        """The number of processes now.

        Raises:
            SandboxLost: There are none: the container has ended.
        """
        count = self._listed() if self._file else self._engine.count_processes(self._container)
        if not count:
            raise SandboxLost("the container has ended")
        return count

    def _listed(self) -> int:
        assert self._file is not None
        try:
            return len(self._file.read_text(encoding="ascii").split())
        except OSError:
            return 0


def _processes_file(first: int, container: str) -> Path | None:
    """The kernel's list of a container's processes, None where it cannot be seen from here.

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
        if controllers in ("pids", "") and container in path:
            file = _CGROUPS / controllers / path.lstrip("/") / "cgroup.procs"
            if file.is_file():
                return file
    return None
