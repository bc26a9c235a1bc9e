"""One request for a reply and its answer, streamed where the server does that."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from agent.model.chunks import Assembly
from agent.model.deadline import Deadlines
from agent.model.server import Answer, NoAnswer, Response, Server, read_whole
from agent.model.sse import DONE, EventParser

PATH = "/chat/completions"


def exchange(server: Server, body: Mapping[str, Any], deadlines: Deadlines) -> Answer:
    """The answer to a request; that of a stream is put together as if it had come at once.

    A server that does not stream, although asked to, is understood as well.

    Raises:
        NoAnswer: There was none, or it broke off.
    """
    with server.stream(PATH, body, deadlines) as response:
        if response.streams and response.status == 200:
            return _assemble(response)
        return read_whole(response)


def _assemble(response: Response) -> Answer:
    assembly = Assembly()
    first, done = 0.0, False
    for data in _events(response.pieces):
        if data.strip() == DONE:
            done = True
            break
        assembly.add(_parse(data))
        if not first and assembly.started:
            first = time.monotonic() - response.started
        if assembly.error is not None:
            break
    # Not every server says that it is done, but each says why it stopped.
    if assembly.error is None and not done and assembly.finish_reason is None:
        raise NoAnswer("the stream ended before the reply did")
    body = assembly.completion() if assembly.error is None else assembly.error
    seconds = time.monotonic() - response.started
    return Answer(200, json.dumps(body), response.wait, first or seconds, seconds)


def _events(pieces: Iterator[bytes]) -> Iterator[str]:
    parser = EventParser()
    for piece in pieces:
        yield from parser.feed(piece)
    yield from parser.close()


def _parse(data: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise NoAnswer(f"the stream holds something else than JSON: {data[:80]!r}") from None
