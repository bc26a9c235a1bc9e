"""One running command of a Docker engine: its three streams over one socket.

The Docker SDK hands out the socket only through private attributes, and may leave the stream's
first bytes in a buffer it has thrown away; so this speaks the little HTTP that is needed. See
https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Exec/operation/ExecStart
"""

import selectors
import socket
import time

from sandbox.base import Closing, SandboxLost
from sandbox.streams import CHUNK, Capture, Feed

_ANSWER_LIMIT = 64 * 1024
_HEADER = 8


class Frames:
    """Takes the engine's multiplexed stream apart into standard output and standard error.

    A frame is one byte for the stream (1 output, 2 error), three of padding, four for the length
    (big endian), and the bytes themselves.
    """

    def __init__(self, stdout: Capture, stderr: Capture) -> None:
        self._captures = {1: stdout, 2: stderr}
        self._header = b""
        self._missing = 0

    def add(self, data: bytes) -> None:
        """Take the next bytes of the stream, however they were cut.

        Raises:
            SandboxLost: They are no frames.
        """
        view = memoryview(data)
        while view:
            if self._missing:
                self._captures[self._header[0]].add(bytes(view[: self._missing]))
                taken = min(self._missing, len(view))
                self._missing -= taken
                if not self._missing:
                    self._header = b""
            else:
                taken = min(_HEADER - len(self._header), len(view))
                self._header += view[:taken]
                self._open_frame()
            view = view[taken:]

    def _open_frame(self) -> None:
        if len(self._header) < _HEADER:
            return
        if self._header[0] not in self._captures:
            raise SandboxLost("the Docker engine sent something that is no command's output")
        self._missing = int.from_bytes(self._header[4:], "big")
        if not self._missing:
            self._header = b""


class Attachment(Closing):
    """The connection that starts a prepared command and carries its streams."""

    def __init__(self, path: str, resource: str, *, deadline: float) -> None:
        """Start the command.

        Args:
            path: The engine's socket in the file system.
            resource: The command's start resource, version and all.
            deadline: When to give up waiting for the engine, as ``time.monotonic`` counts.

        Raises:
            SandboxLost: The engine did not answer, or refused.
        """
        self.is_open = True
        self._writing = True
        self._early = b""
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.settimeout(max(1.0, deadline - time.monotonic()))
            self._socket.connect(path)
            self._socket.sendall(_request(resource))
            self._early = self._answer()
            self._socket.setblocking(False)
        except OSError as error:
            self._socket.close()
            raise SandboxLost(f"the Docker engine did not start a command: {error}") from error
        except SandboxLost:
            self._socket.close()
            raise

    def move(self, feed: Feed | None, frames: Frames, *, until: float) -> None:
        """Wait, at most until then, and move what can be moved.

        ``is_open`` tells afterwards whether there may be more output.
        """
        frames.add(self._early)
        self._early = b""
        writes = selectors.EVENT_WRITE if feed is not None and self._writing else 0
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ | writes)
            for _, events in selector.select(max(0.0, until - time.monotonic())):
                if events & selectors.EVENT_READ:
                    self._read(frames)
                if events & selectors.EVENT_WRITE and feed is not None:
                    self._write(feed)

    def close(self) -> None:
        """End the connection; the command does not end by it."""
        self._socket.close()

    def _answer(self) -> bytes:
        """Read the engine's answer to its end; what came behind it is the stream's beginning."""
        answer = b""
        while b"\r\n\r\n" not in answer:
            chunk = self._socket.recv(CHUNK)
            if not chunk or len(answer) > _ANSWER_LIMIT:
                raise SandboxLost("the Docker engine closed the connection before it answered")
            answer += chunk
        head, _, rest = answer.partition(b"\r\n\r\n")
        if head.split(b" ", 2)[1:2] not in ([b"101"], [b"200"]):
            text = (head.partition(b"\r\n")[0] + b": " + rest.strip()).decode(errors="replace")
            raise SandboxLost(f"the Docker engine refused to start a command: {text}")
        return rest

    def _read(self, frames: Frames) -> None:
        try:
            chunk = self._socket.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            # Whether the command or the engine has ended is for the engine to say.
            chunk = b""
        self.is_open = bool(chunk)
        frames.add(chunk)

    def _write(self, feed: Feed) -> None:
        chunk = feed.next()
        try:
            if chunk:
                feed.written(self._socket.send(chunk))
            else:
                self._writing = False
                self._socket.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:
            self._writing = False


def _request(resource: str) -> bytes:
    body = b'{"Detach": false, "Tty": false}'
    head = (
        f"POST {resource} HTTP/1.1\r\n"
        "Host: docker\r\n"
        "Connection: Upgrade\r\n"
        "Upgrade: tcp\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
