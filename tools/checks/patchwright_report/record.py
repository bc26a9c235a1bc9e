"""The report file: one JSON list a line, each written at once, so that a killed run keeps them."""

import json
import os

BYTES = 48 * 1024 * 1024
"""One process writes no more than this; the harness reads no more than a little above it."""


class Record:
    """Appends events to the report."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._process = os.getpid()
        self.written = 0

    def move(self, path: str) -> None:
        """Write to another file from now on, as the process that this one is now."""
        self._path = path
        self._process = os.getpid()

    def write(self, *event: object) -> None:
        """Append one event; a report that cannot be written must not fail anybody's test."""
        # A test that forks and returns into pytest would report everything twice.
        if os.getpid() != self._process:
            return
        data = (json.dumps(event) + "\n").encode("ascii")
        if self.written + len(data) > BYTES:
            return
        try:
            self._append(data)
        except OSError:
            return
        self.written += len(data)

    def _append(self, data: bytes) -> None:
        # Opened each time: a test may close every descriptor it did not open, and the next file
        # opened would get the number of ours. One write to a file opened for appending is whole,
        # whichever other worker writes at the same time.
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, data)
        finally:
            os.close(descriptor)
