"""Waits until a file that changes are to be tried on is imported, and has them tried there.

All that a run of tests does before it first imports one of these files is the same whichever
change is made to them, so it is done once. There the process stops; a copy of it goes on for each
change, with the changed file in its place, and reports as a run of its own. That this is the first
time that the file matters is seen, not believed: where it was imported before, or is opened before
it is imported, nothing is tried and the reason is told. Where pytest has collected all tests and
none has imported such a file, that is the moment: a test may do so, or a program that it starts.

What is asked for lies in ``trials.json`` beside the settings:

.. code-block:: text

    {"changes": [[PATH, OLD, NEW]], "seconds": SECONDS_IN_ALL, "each": SECONDS_OF_ONE}
"""

import json
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder
from types import ModuleType
from typing import TYPE_CHECKING

from . import OWNER
from .changed_file import ChangedFile
from .forks import COLLECTED
from .settings import ASKED, Settings
from .trial_server import Server, imported_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec


def begin(distributed: bool = False) -> None:
    """Wait for the files, where trials are asked for and this process is the run itself."""
    if OWNER in os.environ or any(isinstance(finder, Trials) for finder in sys.meta_path):
        return
    settings = Settings.load()
    try:
        with open(ASKED, encoding="utf-8") as file:
            asked = json.load(file)
    except (OSError, ValueError):
        return
    if settings is not None:
        Trials(settings, asked).wait(distributed)


class Trials(MetaPathFinder):
    """Finds no module itself; the first import of one of the files is its moment."""

    def __init__(self, settings: Settings, asked: "dict[str, object]") -> None:
        changes: list[list[str]] = asked["changes"]  # type: ignore[assignment]
        paths = dict.fromkeys(path for path, _, _ in changes)
        self._files = {path: ChangedFile(os.path.join(settings.root, path)) for path in paths}
        self._real = {file.real for file in self._files.values()}
        self._modules = {file.module for file in self._files.values()}
        self._stems = {os.path.splitext(os.path.basename(real))[0] for real in self._real}
        self._server = Server(settings, self._files, changes, asked)
        self._process = os.getpid()
        self._waiting = True

    def wait(self, distributed: bool) -> None:
        """Start to wait, where it can come to something."""
        if not hasattr(os, "fork"):
            self._server.refuse("this system cannot copy a process")
        elif distributed:
            self._server.refuse("the tests are run by several processes")
        elif self._real & imported_files():
            self._server.refuse("a plugin of the tests imports a changed file")
        else:
            COLLECTED.append(self._serve_the_rest)
            sys.meta_path.insert(0, self)
            if hasattr(sys, "addaudithook"):
                sys.addaudithook(self._hear)

    def find_spec(
        self,
        fullname: str,
        path: "Sequence[str] | None",
        target: "ModuleType | None" = None,
    ) -> "ModuleSpec | None":
        """Never a specification: in this process the run ends here, in its copies it goes on."""
        if self._is_awaited() and fullname.rpartition(".")[2] in self._modules:
            spec = PathFinder.find_spec(fullname, path, target)
            if spec is not None and spec.origin and os.path.realpath(spec.origin) in self._real:
                self._waiting = False
                self._server.serve()
        return None

    def _serve_the_rest(self) -> None:
        """All tests are there and have imported none of the files: serve what they start or do."""
        if self._is_awaited():
            self._waiting = False
            self._server.serve()

    def _is_awaited(self) -> bool:
        return self._waiting and os.getpid() == self._process

    def _hear(self, event: str, arguments: "tuple[object, ...]") -> None:
        if event != "open" or not (self._is_awaited() or self._server.living):
            return
        name = arguments[0]
        if isinstance(name, str) and name.endswith((".py", ".pyc")):
            source = _source_of(name)
            stem = os.path.splitext(os.path.basename(source))[0]
            if stem in self._stems and os.path.realpath(source) in self._real:
                self._opened(name)

    def _opened(self, name: str) -> None:
        if self._server.living:
            self._server.living.hear(os.path.realpath(name))
            return
        self._waiting = False
        self._server.refuse("a changed file is read before it is imported")


def _source_of(name: str) -> str:
    """The source of bytecode, by the names of both; of anything else it is the file itself."""
    folder, file = os.path.split(name)
    if not name.endswith(".pyc"):
        return name
    return os.path.join(os.path.dirname(folder), file.split(".", 1)[0] + ".py")
