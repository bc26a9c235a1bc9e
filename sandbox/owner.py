"""Who started a box, so that what a killed run has left behind can be told from what is in use."""

import hashlib
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

HOST = "patchwright.host"
PID = "patchwright.pid"
START = "patchwright.start"

_NAME = re.compile(r"([0-9a-f]{6})-([0-9]+)-([0-9]+)")


@dataclass(frozen=True, slots=True)
class Owner:
    """One process on one host. Its start time tells it from a later one of the same number."""

    host: str
    pid: int
    start: int

    @classmethod
    def current(cls) -> Self:
        """The running process."""
        return cls(_host(), os.getpid(), _start(os.getpid()) or 0)

    @classmethod
    def from_labels(cls, labels: Mapping[str, str]) -> Self | None:
        """The owner that a box's labels name, None when they name none."""
        try:
            return cls(labels[HOST], int(labels[PID]), int(labels[START]))
        except (KeyError, ValueError):
            return None

    @classmethod
    def from_name(cls, name: str) -> Self | None:
        """The owner that a file's name holds, None when it holds none."""
        found = _NAME.search(name)
        if found is None:
            return None
        digest, pid, start = found.groups()
        host = _host()
        return cls(host if digest == _digest(host) else digest, int(pid), int(start))

    @property
    def name(self) -> str:
        """The owner as a part of a file's name, so that the file is never there without it."""
        return f"{_digest(self.host)}-{self.pid}-{self.start}"

    @property
    def labels(self) -> dict[str, str]:
        """The owner as labels for a box."""
        return {HOST: self.host, PID: str(self.pid), START: str(self.start)}

    def is_gone(self) -> bool:
        """True when it was a process of this host and has ended; of another's nothing is known."""
        return self.host == _host() and _start(self.pid) != self.start


def _host() -> str:
    # Containers may share an engine and even a host name; process numbers belong to a namespace.
    namespace = os.readlink("/proc/self/ns/pid").strip("pid:[]")
    return f"{socket.gethostname()}-{namespace}"


def _digest(host: str) -> str:
    return hashlib.sha256(host.encode(errors="replace")).hexdigest()[:6]


def _start(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # proc(5): the start is field 22; field 2 is a name in parentheses and may hold anything.
    return int(stat.rpartition(")")[2].split()[19])
