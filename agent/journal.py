"""The run on disk: one JSON line an event, appended as it happens and never changed.

A step that may be carried out again after a crash appends under a key, with :meth:`Journal.once`:
the second time it is given what the first time left. That is what makes a turn be paid only once.
"""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.events import Event


class JournalError(Exception):
    """The journal holds a line that this version cannot read; it is left as it is."""


class Entry(BaseModel):
    """One line of the journal."""

    model_config = ConfigDict(frozen=True)

    key: str
    """Names the step that wrote it, once in a run; empty for events that are only shown."""
    time: datetime
    elapsed: float
    """Seconds that the run has been running, pauses between its processes left out."""
    event: Event


Observer = Callable[[Entry], None]
E = TypeVar("E", bound=BaseModel)


class Journal:
    """Appends entries to a file and tells observers of them."""

    def __init__(self, path: Path, observers: tuple[Observer, ...] = ()) -> None:
        """Open a journal, or begin one.

        Raises:
            JournalError: A complete line cannot be read.
            OSError: The file cannot be opened or written.
        """
        self._observers = observers
        self._entries = list(_recover(path))
        self._by_key = {entry.key: entry for entry in self._entries}
        self._elapsed_before = self._entries[-1].elapsed if self._entries else 0.0
        self._opened = time.monotonic()
        self._file = path.open("ab")

    @property
    def entries(self) -> list[Entry]:
        """All entries so far, oldest first."""
        return list(self._entries)

    @property
    def elapsed(self) -> float:
        """Seconds that the run has been running, over all its processes."""
        return self._elapsed_before + time.monotonic() - self._opened

    def once(self, key: str, make: Callable[[], E]) -> E:
        """The event kept under ``key``; made, appended and forced to disk the first time.

        Raises:
            JournalError: The key holds an event of another kind.
            OSError: It could not be written; nothing counts as having happened.
        """
        kept = self._by_key.get(key)
        if kept is not None:
            return kept.event  # type: ignore[return-value] # one key has one kind of event
        event = make()
        entry = self._entry(key, event)
        self._file.write(entry.model_dump_json().encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._entries.append(entry)
        self._by_key[key] = entry
        self._observe(entry)
        return event

    def show(self, event: BaseModel) -> None:
        """Tell the observers of something that need not be kept."""
        self._observe(self._entry("", event))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _entry(self, key: str, event: BaseModel) -> Entry:
        return Entry.model_validate(
            {"key": key, "time": datetime.now(UTC), "elapsed": self.elapsed, "event": event}
        )

    def _observe(self, entry: Entry) -> None:
        for observer in self._observers:
            observer(entry)


def read_journal(path: Path) -> list[Entry]:
    """The entries of a journal that may be in use; an unfinished last line is left out."""
    return [_parse(path, line) for line in path.read_bytes().split(b"\n")[:-1]]


def _recover(path: Path) -> Iterator[Entry]:
    """Read what is there; an unfinished last line (the process died writing it) is cut off."""
    if not path.exists():
        return
    data = path.read_bytes()
    complete = data.rfind(b"\n") + 1
    if complete < len(data):
        os.truncate(path, complete)
    yield from read_journal(path)


def _parse(path: Path, line: bytes) -> Entry:
    try:
        return Entry.model_validate_json(line)
    except ValidationError as error:
        raise JournalError(f"{path} holds a line that cannot be read: {line[:80]!r}") from error
