"""Cuts a connection when its time is up or when it is no longer wanted, from any thread.

A read that blocks can't look at a clock, and the time limit of a socket starts anew with every
byte. So somebody else watches: when a limit passes, the socket is shut down under the reader, who
wakes with an error, and the server learns at once that nobody listens any more.
"""

import socket
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long an answer may take, in seconds."""

    first_byte: float = 600.0
    """From the request to the first byte of the answer's body: the prompt is read meanwhile."""
    idle: float = 120.0
    """Between two pieces of a streamed answer."""
    total: float = 1800.0
    """From the request to the last byte."""


class Watch:
    """One connection's watchman; use it in a ``with`` block that spans the exchange."""

    def __init__(self, total: float) -> None:
        self.reason = ""
        """Why the connection was cut; empty as long as it was not."""
        self._condition = threading.Condition()
        self._socket: socket.socket | None = None
        self._end = time.monotonic() + total
        self._limit = self._end
        self._why = ""
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def attach(self, connected: socket.socket) -> None:
        """Name the socket to cut; one that comes too late is cut at once."""
        with self._condition:
            self._socket = connected
            if self.reason:
                self._shut()

    def allow(self, seconds: float, why: str, why_whole: str) -> None:
        """Cut in so many seconds unless told otherwise before, or when the whole time is up.

        The reasons are those of the one and of the other.
        """
        with self._condition:
            limit = time.monotonic() + seconds
            whole = limit >= self._end
            earlier = min(limit, self._end) < self._limit
            self._limit = self._end if whole else limit
            self._why = why_whole if whole else why
            # Later limits are found when the earlier one passes; no need to wake for each piece.
            if earlier:
                self._condition.notify()

    def cut(self, reason: str) -> None:
        """Cut the connection now."""
        with self._condition:
            if not self.reason:
                self.reason = reason
                self._shut()
            self._condition.notify()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._condition:
            self._socket = None
            self._limit = 0.0
            self.reason = self.reason or "over"
            self._condition.notify()
        self._thread.join()

    def _keep(self) -> None:
        with self._condition:
            while not self.reason:
                left = self._limit - time.monotonic()
                if left <= 0:
                    self.reason = self._why
                    self._shut()
                else:
                    self._condition.wait(left)

    def _shut(self) -> None:
        if self._socket is not None:
            try:
                # Not the method of a TLS socket, which would want to say goodbye first.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:
                return  # the other side was faster
