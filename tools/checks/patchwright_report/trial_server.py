"""Runs one copy of this process after the other, each with another change of a file.

Three processes deep, so that none that the changes can harm is needed afterwards: the *run* has
come to the first import of a changed file, or has all its tests, and stops there; a *server*, its
copy, does once what all changes have in common; a copy of that for each change goes on with the
tests. There are two kinds of servers. One goes on with the unchanged files until all tests are
collected; it serves changes that no more than exchange the code of functions that have not run by
then (:mod:`.living`). What it leaves is for the other, which imports what an unchanged run has been
seen to import from outside the repository. A server that dies is started anew behind the change
that killed it; one that comes to import a changed file too early is started without those imports.

What came of it goes to ``trials.jsonl`` in the folder of reports, one JSON list a line, what each
copy reported to ``trial-NUMBER.jsonl`` beside it:

.. code-block:: text

    ["refused", REASON]                          nothing is tried in this run
    ["begin", NUMBER]                            a change is about to be tried; 0 is no change
    ["trial", NUMBER, EXIT_CODE, SECONDS, CUT]   its copy has ended, or was ended at its deadline
    ["served"]                                   all that there was time for
"""

import atexit
import gc
import inspect
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .forks import COLLECTED, LEAVING, become_copy, flush, is_collecting, leave
from .lines import OUTSIDE
from .living import Living
from .processes import CLOCK, adopt_orphans, children, end_group, end_left_over, fork, wait
from .record import Record
from .settings import FOLDER, Settings
from .waiting import MOST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .changed_file import ChangedFile

SERVED, TOO_EARLY = 0, 3
SPARE = 5.0
"""Seconds that a server has for its imports, beyond the time for the changes."""
MOST_MODULES = 3000


class Server:
    """Serves the changes of one call."""

    def __init__(
        self,
        settings: Settings,
        files: "dict[str, ChangedFile]",
        changes: "list[list[str]]",
        asked: "dict[str, Any]",
    ) -> None:
        self._settings = settings
        self._files = files
        self._changes = changes
        self._now = CLOCK[0]
        self._end = self._now() + float(asked["seconds"])
        self._each = float(asked["each"])
        self._folder = os.path.dirname(settings.report)
        self._log = os.path.join(self._folder, "trials.jsonl")
        self._modules = os.path.join(os.path.dirname(self._folder), "modules.json")
        self._before: set[str] = set()
        self._copy = False
        self._reported = settings.report
        self.living: Living | None = None
        """In a server that goes on until all tests are collected."""
        atexit.register(self._leave)

    def refuse(self, reason: str) -> None:
        """Nothing can be tried; say why, and end the run."""
        self._note("refused", reason)
        os._exit(0)

    def serve(self) -> None:
        """Try all changes. Returns in copies alone: this process ends here."""
        if threading.active_count() > 1:
            self.refuse("threads were started before a changed file is imported")
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        for stream in (sys.stdout, sys.stderr):
            flush(stream)
        adopt_orphans()
        kept = children()
        self._before = set(sys.modules)
        if self._run(0, kept) or self._serve_collected(kept) or self._serve_rest(kept):
            return
        self._note("served")
        os._exit(0)

    def _serve_collected(self, kept: "set[int]") -> bool:
        """Start the server that collects all tests first; whether this is it."""
        if not is_collecting():
            return False
        server = fork()
        if server == 0:
            os.setpgid(0, 0)
            self._copy = True
            self._reported = os.path.join(self._folder, "collected.jsonl")
            become_copy(self._settings.report, self._reported)
            self.living = Living({file.real for file in self._files.values()})
            COLLECTED.append(self._collected)
            self.living.watch()
            return True
        self._outlive(server, kept)
        return False

    def _collected(self) -> None:
        """Serve what an exchange of code is enough for; returns in copies for a change alone."""
        living, self.living = self.living, None
        if living is None:
            return
        if not living.settle():
            os._exit(SERVED)
        adopt_orphans()
        _settle()
        kept = children()
        for number, file, data in self._due():
            exchange = living.exchange(file, data) if data is not None else None
            if data is None or exchange is None:
                continue
            if self._tried(number, file, data, kept):
                for function, code in exchange:
                    function.__code__ = code
                return
        os._exit(SERVED)

    def _due(self) -> "Iterator[tuple[int, ChangedFile, bytes | None]]":
        """What is left while there is time: the number, the file, what it becomes if it fits."""
        for number in self._left():
            if self._now() >= self._end:
                return
            path, old, new = self._changes[number - 1]
            file = self._files[path]
            yield number, file, file.changed(old, new)

    def _tried(self, number: int, file: "ChangedFile", data: bytes, kept: "set[int]") -> bool:
        """Let a copy go on with a changed file; whether this is the copy."""
        file.write(data)
        if self._run(number, kept):
            return True
        file.restore()
        return False

    def _outlive(self, server: int, kept: "set[int]") -> int:
        """Wait for a server, end what it leaves, put the files back; the status it ended with."""
        status = wait(server, self._end - self._now() + MOST * self._each + SPARE)
        if status is None:
            status = end_group(server)
        end_left_over(server, kept)
        for file in self._files.values():
            file.restore()
        return status

    def _serve_rest(self, kept: "set[int]") -> bool:
        """Start servers until all is done; whether this is a copy for a change."""
        modules = self._learned()
        while self._left() and self._now() < self._end:
            left = self._left()
            server = fork()
            if server == 0:
                os.setpgid(0, 0)
                return self._be_server(modules)
            status = self._outlive(server, kept)
            if os.WIFEXITED(status) and os.WEXITSTATUS(status) == TOO_EARLY:
                modules = []
            elif self._left() == left:
                return False
        return False

    def _be_server(self, modules: "list[str]") -> bool:
        """Serve what is left; returns in copies for a change alone."""
        adopt_orphans()
        for name in modules:
            _import(name)
        if {file.real for file in self._files.values()} & imported_files():
            os._exit(TOO_EARLY)
        _settle()
        kept = children()
        for number, file, data in self._due():
            if data is None:
                self._note("begin", number)
            elif self._tried(number, file, data, kept):
                return True
        os._exit(SERVED)

    def _run(self, number: int, kept: "set[int]") -> bool:
        """Let a copy go on with the tests; whether this is the copy."""
        self._note("begin", number)
        report = os.path.join(self._folder, f"trial-{number}.jsonl")
        started = self._now()
        copy = fork()
        if copy == 0:
            os.setpgid(0, 0)
            become_copy(self._reported, report)
            self._copy = True
            if number == 0:
                LEAVING.append(self._learn)
            return True
        status = wait(copy, self._each)
        cut = status is None
        if status is None:
            status = end_group(copy)
        end_left_over(copy, kept)
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
        self._note("trial", number, code, round(self._now() - started, 4), cut)
        return False

    def _learn(self) -> None:
        """In the copy without a change: what it has imported from outside the repository."""
        root = os.path.realpath(self._settings.root) + os.sep
        names = [
            name
            for name, module in list(sys.modules.items())
            if name not in self._before and _is_outside(module, root)
        ]
        with open(self._modules, "w", encoding="utf-8") as file:
            json.dump(names[:MOST_MODULES], file)

    def _leave(self) -> None:
        """End a copy whose program has ended."""
        if self._copy:
            leave(0)

    def _learned(self) -> "list[str]":
        try:
            with open(self._modules, encoding="utf-8") as file:
                return [str(name) for name in json.load(file)]
        except (OSError, ValueError):
            return []

    def _left(self) -> "list[int]":
        """The numbers of the changes that were not begun."""
        try:
            with open(self._log, encoding="utf-8") as file:
                events = [json.loads(line) for line in file]
        except (OSError, ValueError):
            return []
        begun = {int(event[1]) for event in events if event[0] == "begin"}
        return [n for n in range(1, len(self._changes) + 1) if n not in begun]

    def _note(self, *event: object) -> None:
        Record(self._log).write(*event)


def imported_files() -> "set[str]":
    """The real paths of the files that modules were imported from."""
    names = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return {os.path.realpath(name) for name in names if isinstance(name, str)}


def _is_outside(module: object, root: str) -> bool:
    """Whether a module is a library's: of no file of the repository, and none of ours."""
    origin = getattr(getattr(module, "__spec__", None), "origin", None)
    if not isinstance(origin, str) or not os.path.isabs(origin):
        return False
    real = os.path.realpath(origin)
    inside = real.startswith(root) and OUTSIDE.isdisjoint(real[len(root) :].split(os.sep))
    return not inside and not real.startswith(os.path.realpath(FOLDER) + os.sep)


def _settle() -> None:
    """Do once what every copy would: where each module's source is, and which memory is shared."""
    # Modules may be objects of any kind, that raise anything.
    with suppress(Exception):
        inspect.getmodule(_settle.__code__)
    gc.collect()
    if hasattr(gc, "freeze"):
        gc.freeze()


def _import(name: str) -> None:
    """Import a module, if it can be; a run that needs it will find out by itself."""
    try:
        import_module(name)
    except BaseException:  # noqa: BLE001 - whatever a library raises is told where it is used
        return
