"""Processor seconds of a run and of all that it has others do for it, box engines included.

An engine's containers are children of its own processes, which know what their children that have
ended took. So the engine's processes are looked at again and again, and what each was last seen to
have taken counts; what one does between the last look and its end is missed. Whatever else uses the
same engine in that time counts too.
"""

import os
import resource
import threading
import time
from pathlib import Path

_ENGINES = ("dockerd", "containerd", "podman", "conmon")
_LOOK_SECONDS = 0.1
_TICKS = os.sysconf("SC_CLK_TCK")


class ProcessorTime:
    """For the time of a ``with`` block; afterwards what it took.

    Attributes:
        seconds: Of all processors together, by this process, its ended children and the engines.
        elapsed: By the clock.
    """

    def __init__(self) -> None:
        self.seconds = self.elapsed = 0.0
        self._before: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._ended = threading.Event()
        self._looking = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> "ProcessorTime":
        self._before = _engines()
        self._own, self._began = _own(), time.monotonic()
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.elapsed = time.monotonic() - self._began
        self._ended.set()
        self._looking.join()
        self._last |= _engines()
        engines = sum(taken - self._before.get(key, 0.0) for key, taken in self._last.items())
        self.seconds = _own() - self._own + engines

    def _look_on(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            self._last |= _engines()


def _own() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _engines() -> dict[str, float]:
    """Seconds that each of the engines' processes and its ended children have taken.

    Fields of /proc/PID/stat: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "stat").read_text(errors="replace")
        except OSError:
            continue
        name, _, rest = text.partition("(")[2].rpartition(")")
        if name.startswith(_ENGINES):
            fields = rest.split()
            # A number may be given to another process later; it then began at another time.
            found[f"{folder.name} {fields[19]}"] = sum(map(int, fields[11:15])) / _TICKS
    return found
