"""Ends processes of the host that left their group; a mark in their environment gives them away."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sandbox.base import SandboxLost

MARK = "PATCHWRIGHT_BOX"
"""The variable whose value, long and drawn at random, every process of one box inherits."""

_DEATH_SECONDS = 10.0


def end(token: str) -> None:
    """Kill every process that carries this mark, and return when there is none.

    Raises:
        SandboxLost: Some do not die.
    """
    mark = f"{MARK}={token}".encode()
    deadline = time.monotonic() + _DEATH_SECONDS
    while strays := list(_marked(mark)):
        if time.monotonic() > deadline:
            raise SandboxLost("the processes of a command could not be killed")
        for pid in strays:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


def _marked(mark: bytes) -> Iterator[int]:
    """Every process that was started with this mark and has not ended."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            # What is not ours to read, or has just ended, is not ours to kill.
            with suppress(OSError):
                if mark in Path(entry.path, "environ").read_bytes().split(b"\0"):
                    yield int(entry.name)
