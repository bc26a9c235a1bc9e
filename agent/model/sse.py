"""Server-sent events out of a stream's bytes, whatever pieces they come in; no I/O.

The rules are those of https://html.spec.whatwg.org/multipage/server-sent-events.html, with two
allowances for model servers: the last event needs no empty line after it, and a line of the field
``error``, as llama.cpp has sent, counts as data.
"""

import re
from collections.abc import Iterator

DONE = "[DONE]"
"""The event that ends a stream of the chat completions API."""

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventParser:
    """Takes bytes in, gives the data of whole events out."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scanned = 0
        self._data: list[str] = []
        self._first_line = True

    def feed(self, piece: bytes) -> Iterator[str]:
        """The data of the events that end in this piece."""
        self._buffer += piece
        yield from self._take_lines(final=False)

    def close(self) -> Iterator[str]:
        """The data of an event that nothing ended, once the stream is over."""
        yield from self._take_lines(final=True)
        self._take_field(bytes(self._buffer))
        self._buffer.clear()
        yield from self._dispatch()

    def _take_lines(self, *, final: bool) -> Iterator[str]:
        start = 0
        while found := _LINE_END.search(self._buffer, max(start, self._scanned)):
            # What follows a carriage return decides whether the line end is over.
            if not final and found.group() == b"\r" and found.end() == len(self._buffer):
                break
            line, start = bytes(self._buffer[start : found.start()]), found.end()
            self._scanned = start
            if line:
                self._take_field(line)
            else:
                yield from self._dispatch()
        del self._buffer[:start]
        held = self._buffer.endswith(b"\r") and not final
        self._scanned = len(self._buffer) - held

    def _take_field(self, line: bytes) -> None:
        if self._first_line:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            self._first_line = False
        name, _, value = line.partition(b":")
        if name in (b"data", b"error"):
            self._data.append(value.removeprefix(b" ").decode(errors="replace"))

    def _dispatch(self) -> Iterator[str]:
        if self._data:
            yield "\n".join(self._data)
            self._data = []
