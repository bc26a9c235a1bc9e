"""Asks an HTTP server for one answer, within a time and a size."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from agent.model.base import ModelRefused
from agent.model.complaints import one_line, seconds_to_wait

LARGEST_ANSWER = 8 * 1024 * 1024
"""Bytes; no reply of a model needs more."""
CONNECT_SECONDS = 5.0
SHORTEST_KEY = 4

_VERSION = re.compile(r"/v\d\w*(/|$)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever it is."""

    status: int
    text: str
    wait: float | None = None
    """Seconds until another try is welcome, where the server says so."""

    @property
    def body(self) -> Any:
        """The text as JSON, or None where it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


class NoAnswer(Exception):
    """No whole answer came; the message says why in a few words."""


class Server:
    """One API at one URL, with the key it is asked with.

    The proxy settings of the environment are not used: a served model is near.
    """

    def __init__(self, base_url: str, api_key: str | None, read_timeout: float) -> None:
        self.url = api_url(base_url)
        self._key = api_key
        self._read_timeout = read_timeout
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            # A connection kept open for minutes between replies is mostly dead when needed.
            limits=httpx.Limits(max_keepalive_connections=0),
            trust_env=False,
        )

    def get(self, path: str, *, seconds: float) -> Answer:
        """The answer to a GET, within so many seconds for connecting and again for the rest."""
        return self._send("GET", path, b"", seconds, seconds)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """The answer to a POST of a JSON object.

        Raises:
            NoAnswer: There was no connection, it broke, or time or size ran out.
        """
        content = json.dumps(body, ensure_ascii=False).encode()
        return self._send("POST", path, content, CONNECT_SECONDS, self._read_timeout)

    def without_key(self, text: str) -> str:
        """The text less the key, which a server may send back; for error messages.

        A key of a letter or two is a stand-in where none is needed, and part of many a word.
        """
        hidden = self._key is not None and len(self._key) >= SHORTEST_KEY
        return text.replace(self._key or "", "[API key]") if hidden else text

    def close(self) -> None:
        """Let go of the connections. Closing twice is harmless."""
        self._client.close()

    def _send(self, method: str, path: str, content: bytes, connect: float, read: float) -> Answer:
        try:
            with self._client.stream(
                method,
                self.url + path,
                content=content,
                headers={"Content-Type": "application/json"} if content else {},
                timeout=httpx.Timeout(read, connect=connect),
            ) as response:
                return self._answer(response, time.monotonic() + read)
        except httpx.HTTPError as error:
            raise NoAnswer(self.without_key(_reason(error))) from None

    def _answer(self, response: httpx.Response, until: float) -> Answer:
        data = bytearray()
        for chunk in response.iter_bytes():
            data += chunk
            if len(data) > LARGEST_ANSWER:
                raise NoAnswer(f"the answer is longer than {LARGEST_ANSWER} bytes")
            # The client's own limit starts anew with each byte.
            if time.monotonic() > until:
                raise NoAnswer("the answer did not end within the time limit")
        text = data.decode(errors="replace")
        if response.is_redirect:
            text = f"a redirect to {response.headers.get('Location')}; use that as the base URL"
        wait = seconds_to_wait(response.headers.get("Retry-After"), time.time())
        return Answer(response.status_code, text, wait)


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


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection within the time limit"
    if isinstance(error, httpx.TimeoutException):
        return "no answer within the time limit"
    reason = re.sub(r"^\[Errno -?\d+\] ", "", one_line(str(error))) or type(error).__name__
    return reason[0].lower() + reason[1:]
