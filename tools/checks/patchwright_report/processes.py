"""Processes that are started, watched and ended to the last one they have left."""

import os
import select
import signal
import time
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

from .waiting import left, waited

if TYPE_CHECKING:
    from collections.abc import Collection

SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER of prctl(2): who loses its parent below this process becomes its child."""
FIRST_NAP = 0.0005
LONGEST_NAP = 0.003

# Held here: tests that freeze time look for the clock among a module's names.
CLOCK = (time.monotonic, time.sleep)


def fork() -> int:
    """As ``os.fork``; threads that libraries keep are known not to matter here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return os.fork()


def adopt_orphans() -> None:
    """Become the parent of every process below this one that loses its own, where that is had."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return


def children() -> "set[int]":
    """The processes whose parent this one is; empty where the system does not tell."""
    own = os.getpid()
    try:
        with open(f"/proc/{own}/task/{own}/children") as file:
            return {int(word) for word in file.read().split()}
    except OSError:
        return {int(name) for name in _listed("/proc") if name.isdigit() and _parent(name) == own}


def _listed(folder: str) -> "list[str]":
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _parent(process: str) -> int:
    try:
        with open(f"/proc/{process}/stat", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def wait(process: int, seconds: float) -> "int | None":
    """The status that a child has ended with, or None when it has not in this time.

    Time that it has waited for a processor is not counted (:mod:`.waiting`).
    """
    now, nap = CLOCK
    started = now()
    pause = FIRST_NAP
    _sleep_until_it_ends(process, seconds)
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return status
        rest = left(seconds, now() - started, waited(process))
        if rest <= 0:
            return None
        _sleep_until_it_ends(process, rest)
        nap(pause)
        pause = min(LONGEST_NAP, pause * 1.2)


def _sleep_until_it_ends(process: int, seconds: float) -> None:
    """Return when a child has ended or the time is up; at once where there is no way to be told."""
    if not hasattr(os, "pidfd_open"):
        return
    try:
        descriptor = os.pidfd_open(process)
    except OSError:
        return
    try:
        told = select.poll()
        told.register(descriptor, select.POLLIN)
        told.poll(max(0.0, seconds) * 1000)
    finally:
        os.close(descriptor)


def end_group(process: int) -> int:
    """Kill a child that leads a process group, and its group; the status it has ended with."""
    for kill in (os.killpg, os.kill):
        try:
            kill(process, signal.SIGKILL)
        except OSError:
            continue
    return os.waitpid(process, 0)[1]


def end_left_over(process: int, kept: "Collection[int]") -> None:
    """Kill what a child that has ended leaves behind: its group, and orphans outside of it."""
    with suppress(OSError):
        os.killpg(process, signal.SIGKILL)
    while True:
        left = children() - set(kept)
        if not left:
            return
        for orphan in left:
            try:
                os.kill(orphan, signal.SIGKILL)
                os.waitpid(orphan, 0)
            except OSError:
                continue
