"""What flows in and out of a command: input fed in chunks, output kept with a cap."""

from collections.abc import Iterator

from sandbox.base import Output, Stdin

CHUNK = 64 * 1024


class Feed:
    """A command's standard input, one chunk in memory at a time."""

    def __init__(self, stdin: Stdin) -> None:
        self._chunks: Iterator[bytes] = iter((stdin,) if isinstance(stdin, bytes) else stdin)
        self._rest = memoryview(b"")

    def next(self) -> memoryview:
        """The bytes to write next, at most ``CHUNK`` of them; empty when there are no more."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._rest = memoryview(chunk)
        return self._rest[:CHUNK]

    def written(self, count: int) -> None:
        """Tell how many bytes of ``next`` the command's pipe has taken."""
        self._rest = self._rest[count:]

    def close(self) -> None:
        """Let go of the source; a generator is closed, so that it ends what it reads from."""
        self._rest = memoryview(b"")
        close = getattr(self._chunks, "close", None)
        if close is not None:
            close()


class Capture:
    """Keeps the first and the last bytes of a stream of any length, in bounded memory."""

    def __init__(self, limit: int) -> None:
        self._head_limit = limit - limit // 2
        self._tail_limit = limit // 2
        self._head = bytearray()
        self._tail = bytearray()
        self._omitted = 0

    def add(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        room = self._head_limit - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        # Trimming only at twice the limit keeps the cost per byte constant.
        if len(self._tail) > 2 * self._tail_limit:
            self._trim()

    def output(self) -> Output:
        """What was kept, and how much was not."""
        self._trim()
        return Output(head=bytes(self._head), tail=bytes(self._tail), omitted=self._omitted)

    def _trim(self) -> None:
        excess = max(0, len(self._tail) - self._tail_limit)
        del self._tail[:excess]
        self._omitted += excess
