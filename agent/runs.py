"""Runs on disk: a folder each, owned by one process at a time.

.. code-block:: text

    RUNS/20261120-235433-1f0c/
        journal.jsonl        what happened
        checkpoint.sqlite    LangGraph's checkpoints
        store/               the host's git objects: every tree of the run
        candidates/          a journal for each of several candidates
        patch.diff           the result, or the best attempt
        report.md            what was proven, for people; report.html is the same as a page
        handover.json        what is to be proposed to a forge
        repository/          the copy, of a repository that was given by an address
        lock                 held by the process that runs it
"""

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_LOCK_SECONDS = 1.0


class RunError(Exception):
    """A run cannot be made, found or used now; the message says why."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one run."""

    path: Path

    @property
    def name(self) -> str:
        """The run's id."""
        return self.path.name

    @property
    def journal(self) -> Path:
        """What happened, one JSON line an event."""
        return self.path / "journal.jsonl"

    @property
    def checkpoint(self) -> Path:
        """LangGraph's checkpoints."""
        return self.path / "checkpoint.sqlite"

    @property
    def store(self) -> Path:
        """The host's git objects."""
        return self.path / "store"

    @property
    def patch(self) -> Path:
        """The resulting patch, or the best attempt."""
        return self.path / "patch.diff"

    @property
    def report(self) -> Path:
        """What was proven, for people."""
        return self.path / "report.md"

    @property
    def journals(self) -> list[Path]:
        """The run's own journal, and those of its candidates if it has several."""
        return [self.journal, *sorted((self.path / "candidates").glob("*.jsonl"))]

    def candidate(self, number: int) -> Path:
        """The journal of one of several candidates; its folder is made."""
        folder = self.path / "candidates"
        folder.mkdir(exist_ok=True, mode=0o700)
        return folder / f"{number}.jsonl"

    @property
    def handover(self) -> Path:
        """What is to be proposed, where it is left to another to propose it."""
        return self.path / "handover.json"

    @property
    def repository(self) -> Path:
        """The copy of a repository that the run began at by an address."""
        return self.path / "repository"

    @property
    def has_ended(self) -> bool:
        """Whether the journal tells of the run's end; in a text its quotation marks differ."""
        return b'"event":{"kind":"ended"' in self.journal.read_bytes()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for this process; the lock dies with it.

        Raises:
            RunError: Another process holds it.
        """
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not lock(descriptor):
                raise RunError(f"run {self.name} is in use by another process")
            yield
        finally:
            os.close(descriptor)


def lock(descriptor: int) -> bool:
    """Lock a file, if nobody else does.

    A process that was killed while it started another leaves that one with the lock until it has
    become the program that it was started for, so a lock is waited for a little.
    """
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        else:
            return True


def create(runs: Path) -> RunFolder:
    """Make the folder of a new run, readable by its owner only.

    Raises:
        RunError: The folder cannot be written.
    """
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    folder = RunFolder(runs / name)
    try:
        runs.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.path.mkdir(mode=0o700)
    except OSError as error:
        raise RunError(
            f"cannot write the run folder {runs}: {error.strerror};"
            " choose another with --runs or PATCHWRIGHT_RUNS"
        ) from error
    return folder


def everything(runs: Path) -> list[RunFolder]:
    """All runs, newest first."""
    if not runs.is_dir():
        return []
    folders = (RunFolder(path) for path in runs.iterdir())
    return sorted(
        (folder for folder in folders if folder.journal.exists()),
        key=lambda folder: folder.name,
        reverse=True,
    )


def clean(runs: Path) -> tuple[int, int]:
    """Remove what ended runs no longer need; their journals, patches and reports stay.

    A run that another process has, or that can still be gone on with, is left alone.

    Returns:
        How many runs became smaller, and by how many bytes in all.
    """
    sizes = [size for folder in everything(runs) if (size := _cleaned(folder))]
    return len(sizes), sum(sizes)


def _cleaned(folder: RunFolder) -> int:
    with suppress(RunError), folder.locked():
        if not folder.has_ended:
            return 0
        files = [folder.checkpoint, *folder.path.glob("checkpoint.sqlite-*")]
        files += [path for path in folder.store.rglob("*") if not path.is_dir()]
        size = sum(path.lstat().st_size for path in files if path.exists())
        for path in files:
            path.unlink(missing_ok=True)
        shutil.rmtree(folder.store, ignore_errors=True)
        return size
    return 0


def find(runs: Path, name: str) -> RunFolder:
    """The run of this id or of an id that starts so, ``last`` for the newest.

    Raises:
        RunError: There is none, or more than one.
    """
    folders = everything(runs)
    found = folders[:1] if name == "last" else [f for f in folders if f.name.startswith(name)]
    if not found:
        raise RunError(f"there is no run {name} in {runs}; `patchwright runs` lists them")
    if len(found) > 1:
        raise RunError(f"{name} is the beginning of {len(found)} runs; give more of the id")
    return found[0]
