"""What runs leave on the machine, by kind, told apart from what others have there.

Whoever asks keeps all temporary files in one folder of its own: what is in it, what is mounted
there and what processes work there is then its own. A container names the process that started it.
"""

import os
import shutil
import subprocess
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from sandbox.owner import HOST, PID, START, Owner

KINDS = ("containers", "volumes", "mounts", "processes", "folders")


def left(place: Path, volumes: Collection[str], pids: Collection[int] = ()) -> dict[str, list[str]]:
    """What is left, each by a name.

    Args:
        place: The folder for temporary files.
        volumes: What ``volumes()`` gave before.
        pids: Processes that still live and may, but whose containers should be gone.
    """
    return {
        "containers": list(_containers(pids)),
        "volumes": sorted(set(all_volumes()) - set(volumes)),
        "mounts": [line.split()[1] for line in _mounts() if str(place) in line.split()[1]],
        "processes": list(_processes(str(place).encode(), {os.getpid(), *pids})),
        "folders": sorted(path.name for path in place.iterdir()) if place.is_dir() else [],
    }


def all_volumes() -> list[str]:
    """The engine's volumes, whosever they are; none where there is no engine."""
    return _docker("volume", "ls", "--quiet")


def _containers(pids: Collection[int]) -> Iterator[str]:
    """Containers of ours whose owner has ended, or is one of ``pids``."""
    labels = "\t".join(f'{{{{.Label "{name}"}}}}' for name in (HOST, PID, START))
    form = ("--format", f"{{{{.ID}}}}\t{labels}")
    for line in _docker("ps", "--all", "--no-trunc", "--filter", f"label={PID}", *form):
        container, host, pid, start = line.split("\t")
        owner = Owner.from_labels({HOST: host, PID: pid, START: start})
        if owner is not None and (owner.is_gone() or owner.pid in pids):
            yield container[:12]


def _processes(place: bytes, known: Collection[int]) -> Iterator[str]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) in known:
            continue
        with suppress(OSError):  # it has just ended
            words = (entry / "cmdline").read_bytes()
            folder = os.fsencode(os.readlink(entry / "cwd"))
            if place in words or place in folder or place in (entry / "environ").read_bytes():
                yield words.replace(b"\0", b" ").decode(errors="replace").strip()


def _mounts() -> list[str]:
    return Path("/proc/self/mounts").read_text().splitlines()


def _docker(*words: str) -> list[str]:
    if shutil.which("docker") is None:
        return []
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=60)
    return done.stdout.splitlines()
