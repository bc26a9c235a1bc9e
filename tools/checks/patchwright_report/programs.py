"""Which lines the Python programs run that a test starts, each in a process of its own.

A program writes them down as it ends, into the folder of reports; the test that runs then takes
them for its own. One that is killed, or that Python does not let find this package (``-I``, an
environment of its own), tells of none.
"""

import atexit
import json
import os
from typing import TYPE_CHECKING

from . import OWNER
from .lines import recorder
from .settings import Settings

if TYPE_CHECKING:
    from .lines import Recorder

BYTES = 4 * 1024 * 1024
"""What is read of one program's lines."""


def begin() -> None:
    """In a program that a test has started: collect its lines, where lines are asked for."""
    settings = Settings.load()
    if settings is None or not settings.coverage:
        return
    folder = os.path.dirname(settings.report)
    name = f"{_prefix(os.environ[OWNER])}{os.getpid()}"
    lines = recorder(settings.root)
    lines.begin()
    # What is registered first is called last.
    atexit.register(_write, lines, os.path.join(folder, name), os.getpid())
    lines.resume()


def take(report: str, seen: "dict[str, set[int]]") -> None:
    """Add the lines of the programs that have ended since the last time to those of a test."""
    folder = os.path.dirname(report)
    prefix = _prefix(str(os.getpid()))
    try:
        names = [name for name in os.listdir(folder) if name.startswith(prefix)]
    except OSError:
        return
    for name in names:
        if name.endswith(".json"):
            _add(os.path.join(folder, name), seen)


def _prefix(owner: str) -> str:
    """How the names of the files begin that are meant for one process."""
    return f"program-{owner}-"


def _write(lines: "Recorder", path: str, process: int) -> None:
    if os.getpid() != process or not lines.seen:
        return
    lines.pause()
    found = {name: sorted(numbers) for name, numbers in lines.seen.items()}
    try:
        with open(path, "w", encoding="ascii") as file:
            json.dump(found, file)
        os.rename(path, f"{path}.json")
    except OSError:
        return


def _add(path: str, seen: "dict[str, set[int]]") -> None:
    try:
        with open(path, encoding="ascii") as file:
            found = json.loads(file.read(BYTES))
        os.unlink(path)
        for name, numbers in found.items():
            seen.setdefault(str(name), set()).update(int(number) for number in numbers)
    except (OSError, ValueError, TypeError, AttributeError):
        return
