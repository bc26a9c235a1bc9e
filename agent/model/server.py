"""Asks an HTTP server: one answer at a time, within deadlines and a size, and given up at will."""

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from agent.model.base import ModelRefused
from agent.model.complaints import one_line, seconds_to_wait
from agent.model.deadline import Deadlines, Watch

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes; a streamed reply of 32,000 tokens needs about ten million."""
CONNECT_SECONDS = 5.0
SHORTEST_KEY = 4

_NO_ANSWER = "no answer within the time limit"
_VERSION = re.compile(r"/v\d\w*(/|$)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever it is."""

    status: int
    text: str
    wait: float | None = None
    """Seconds until another try is welcome, where the server says so."""
    first_seconds: float = 0.0
    """From the request to the first byte of the body, or to the first token of a stream."""
    seconds: float = 0.0
    """From the request to the end."""

    @property
    def body(self) -> Any:
        """The text as JSON, or None where it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class Response:
    """The beginning of an answer, and its body as it comes."""

    status: int
    streams: bool
    """The body is a stream of events."""
    wait: float | None
    redirect: str | None
    pieces: Iterator[bytes]
    """Raises NoAnswer where the connection breaks, or time or size run out."""
    started: float
    """When the request was made, by the monotonic clock."""


class NoAnswer(Exception):
    """No whole answer came; the message says why in a few words.

    Args:
        message: Why.
        away: The server is not there, as opposed to being there and not ending what it began.
    """

    def __init__(self, message: str, *, away: bool = False) -> None:
        super().__init__(message)
        self.away = away


class Closed(NoAnswer):
    """The client was closed, so there will be no answer however often it is asked."""


class Server:
    """One API at one URL, with the key it is asked with.

    The proxy settings of the environment are not used: a served model is near.
    """

    def __init__(self, base_url: str, api_key: str | None) -> None:
        self.url = api_url(base_url)
        self._key = api_key
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            # A connection kept open for minutes between replies is mostly dead when needed.
            limits=httpx.Limits(max_keepalive_connections=0),
            trust_env=False,
            # To read the authorities takes longer than most requests. A plain address needs none;
            # were it to lead to an encrypted one, that would be trusted by nobody.
            verify=self.url.startswith("https:") or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        )
        self._lock = threading.Lock()
        self._open: set[Watch] = set()
        self._over = threading.Event()

    @property
    def root(self) -> str:
        """The URL without the API's path, where servers have what OpenAI does not."""
        return re.split(r"/v\d\w*(?:/|$)", self.url, maxsplit=1)[0]

    def get(self, path: str, *, seconds: float, at_root: bool = False) -> Answer:
        """The answer to a GET, within so many seconds for connecting and again for the rest."""
        return self._whole("GET", path, b"", seconds, at_root=at_root)

    def post(
        self, path: str, body: Mapping[str, Any], *, seconds: float, at_root: bool = False
    ) -> Answer:
        """The whole answer to a POST of a JSON object.

        Raises:
            NoAnswer: There was no connection, it broke, or time or size ran out.
        """
        return self._whole("POST", path, _encode(body), seconds, at_root=at_root)

    @contextmanager
    def stream(
        self, path: str, body: Mapping[str, Any], deadlines: Deadlines
    ) -> Iterator[Response]:
        """The answer to a POST, piece by piece; leaving the block early makes the server stop.

        Raises:
            NoAnswer: As for :meth:`post`, here and from the pieces.
        """
        with self._exchange(
            "POST", self.url + path, _encode(body), CONNECT_SECONDS, deadlines
        ) as response:
            yield response

    def without_key(self, text: str) -> str:
        """The text less the key, which a server may send back; for error messages.

        A key of a letter or two is a stand-in where none is needed, and part of many a word.
        """
        hidden = self._key is not None and len(self._key) >= SHORTEST_KEY
        return text.replace(self._key or "", "[API key]") if hidden else text

    def pause(self, seconds: float) -> None:
        """Let time pass, but not beyond the closing."""
        self._over.wait(seconds)

    def close(self) -> None:
        """Give up what is under way, in whatever thread, and let go of the connections.

        Closing twice is harmless.
        """
        with self._lock:
            self._over.set()
            watches = list(self._open)
        for watch in watches:
            watch.cut("given up")
        self._client.close()

    def _whole(
        self, method: str, path: str, content: bytes, seconds: float, *, at_root: bool
    ) -> Answer:
        connect = min(seconds, CONNECT_SECONDS)
        whole = connect + seconds
        url = (self.root if at_root else self.url) + path
        limits = Deadlines(whole, whole, whole)
        with self._exchange(method, url, content, connect, limits) as response:
            return read_whole(response)

    @contextmanager
    def _exchange(
        self, method: str, url: str, content: bytes, connect: float, deadlines: Deadlines
    ) -> Iterator[Response]:
        started = time.monotonic()
        with self._watched(deadlines.total) as watch, self._told(watch):
            watch.allow(deadlines.first_byte, _NO_ANSWER, _NO_ANSWER)
            with self._client.stream(
                method,
                url,
                content=content,
                headers={"Content-Type": "application/json"} if content else {},
                timeout=httpx.Timeout(deadlines.total, connect=connect),
                extensions={"trace": _attaching(watch)},
            ) as response:
                yield Response(
                    status=response.status_code,
                    streams="text/event-stream" in response.headers.get("Content-Type", ""),
                    wait=seconds_to_wait(response.headers.get("Retry-After"), time.time()),
                    redirect=response.headers.get("Location") if response.is_redirect else None,
                    pieces=self._pieces(response, watch, deadlines.idle),
                    started=started,
                )

    def _pieces(self, response: httpx.Response, watch: Watch, idle: float) -> Iterator[bytes]:
        size = 0
        # The body is read outside the exchange's own frame, so its errors are told here as well.
        with self._told(watch):
            for piece in response.iter_bytes():
                size += len(piece)
                if size > LARGEST_ANSWER:
                    raise NoAnswer(f"the answer is longer than {LARGEST_ANSWER} bytes")
                yield piece
                stopped = f"the answer stopped: nothing came for {idle:g} seconds"
                watch.allow(idle, stopped, "the answer did not end within the time limit")
            # Without a length, a body that was cut looks like one that ended.
            if watch.reason:
                raise self._unanswered(watch.reason)

    @contextmanager
    def _watched(self, total: float) -> Iterator[Watch]:
        with Watch(total) as watch:
            with self._lock:
                if self._over.is_set():
                    raise Closed("the client is closed")
                self._open.add(watch)
            try:
                yield watch
            finally:
                with self._lock:
                    self._open.discard(watch)

    @contextmanager
    def _told(self, watch: Watch) -> Iterator[None]:
        """Say in a few words why there is no answer."""
        try:
            yield
        except (httpx.HTTPError, httpx.StreamError) as error:
            away = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            reason = watch.reason or self.without_key(_reason(error))
            raise self._unanswered(reason, away=away) from None

    def _unanswered(self, reason: str, *, away: bool = False) -> NoAnswer:
        closed = self._over.is_set()
        return Closed("the client is closed") if closed else NoAnswer(reason, away=away)


def read_whole(response: Response) -> Answer:
    """The whole body at once.

    Raises:
        NoAnswer: It did not come to its end.
    """
    data = bytearray()
    first = 0.0
    for piece in response.pieces:
        first = first or time.monotonic() - response.started
        data += piece
    text = data.decode(errors="replace")
    if response.redirect is not None:
        text = f"a redirect to {response.redirect}; use that as the base URL"
    seconds = time.monotonic() - response.started
    return Answer(response.status, text, response.wait, first or seconds, seconds)


def _attaching(watch: Watch) -> Callable[[str, Mapping[str, Any]], None]:
    """Learns of the socket as soon as there is one, before any answer.

    https://www.encode.io/httpcore/extensions/#trace
    """

    def trace(event: str, information: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            found = information["return_value"].get_extra_info("socket")
            if isinstance(found, socket.socket):
                watch.attach(found)

    return trace


def _encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def api_url(base_url: str) -> str:
    """The URL that paths like ``/chat/completions`` are added to.

    Raises:
        ModelRefused: It is no URL of a server.
    """
    text = base_url.strip()
    try:
        url = httpx.URL(text if "://" in text else f"http://{text}")
    except httpx.InvalidURL as error:
        raise ModelRefused(f"{base_url!r} is no URL of a model server: {error}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ModelRefused(f"{base_url!r} is no URL of a model server, like http://host:8000/v1")
    path = url.path.rstrip("/").removesuffix("/chat/completions")
    # Some servers have more behind the version, like /v1beta/openai.
    path = path if _VERSION.search(path) else f"{path}/v1"
    return str(url.copy_with(path=path, query=None, fragment=None))


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection within the time limit"
    if isinstance(error, httpx.TimeoutException):
        return _NO_ANSWER
    reason = re.sub(r"^\[Errno -?\d+\] ", "", one_line(str(error))) or type(error).__name__
    return reason[0].lower() + reason[1:]
