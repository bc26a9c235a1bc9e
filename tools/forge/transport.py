"""Asks GitHub over HTTP: within deadlines and sizes, again where harmless, at one host only.

httpx alone carries it. Of the ready-made clients, PyGithub (2.10) asks in the background for fields
that it lacks, decides by itself what to repeat, and brings cryptography, PyNaCl and requests
(25 MB); githubkit (0.16.1) brings 29 MB of generated models, and did not import beside the newest
hishel that it allows. We need some thirty requests, and every retry of a write under our own hand;
that they are spelled right is checked against GitHub's OpenAPI description in tests/contracts.
"""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from tools.forge.base import ForgeError, ForgeRefused, ForgeUnreachable
from tools.forge.complaints import complaint, seconds_to_wait
from tools.forge.wire import VERSION, Model, read

LARGEST_ANSWER = 16 * 1024 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)
_HOPS = 3


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is tried, and how long a rate limit is waited for."""

    tries: int = 4
    longest_wait: float = 180.0
    """Seconds; a rate limit that lasts longer ends the request."""
    first_pause: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def pause(self, number: int, wait: float | None) -> float:
        """Seconds before another try; what the server asks for, or growing with full jitter."""
        return wait if wait is not None else self.first_pause * 2**number * self.chance()


@dataclass(frozen=True, slots=True)
class Answer:
    """One successful answer."""

    status: int
    headers: Mapping[str, str]
    text: str

    def read(self, model: type[Model], doing: str) -> Model:
        """The body as a model of :mod:`tools.forge.wire`; ForgeUnreachable if it is none."""
        return read(model, self.json(doing), doing)

    def json(self, doing: str) -> Any:
        """The body as JSON.

        Raises:
            ForgeUnreachable: It is none, as when it was cut short.
        """
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise ForgeUnreachable(
                f"{doing}: GitHub's answer cannot be read (cut short?); try again later"
            ) from error


class Transport:
    """One host's REST interface, with one token that goes there and nowhere else."""

    def __init__(
        self,
        api: str,
        token: SecretStr | None,
        *,
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Prepare to ask.

        Args:
            api: Root of the interface, such as ``https://api.github.com``.
            token: Sent with every request to that host; None asks as a stranger.
            patience: How often and how long to try.
            transport: Carries the requests; httpx's own when not given.
        """
        self._api = api.rstrip("/")
        self._patience = patience or Patience()
        self._token = token
        self._client = httpx.Client(
            transport=transport,
            timeout=httpx.Timeout(30.0, connect=10.0),
            headers={
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": VERSION,
                "User-Agent": f"patchwright/{metadata.version('patchwright')}",
            },
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str, doing: str, **query: Any) -> Answer:
        """Read; repeated where the server fails, follows a new name of the same host.

        Raises:
            ForgeError: There is no good answer.
        """
        url = self._url(path, query)
        for _ in range(_HOPS):
            answer = self._patiently("GET", url, None, doing)
            if answer.status not in _REDIRECTS:
                return answer
            url = self._same_host(answer.headers.get("location", ""), doing)
        raise ForgeRefused(f"{doing}: GitHub points in a circle")

    def pages(self, path: str, doing: str, limit: int, **query: Any) -> Iterator[Any]:
        """The items of a list, over all its pages, at most ``limit``."""
        answer = self.get(path, doing, per_page=min(100, limit), **query)
        given = 0
        while True:
            items = answer.json(doing)
            if not isinstance(items, list):
                raise ForgeUnreachable(f"{doing}: GitHub's answer is not a list; try again later")
            for item in items:
                if given == limit:
                    return
                given += 1
                yield item
            following = _next(answer.headers.get("link", ""))
            if not following or not items:
                return
            answer = self._patiently("GET", self._same_host(following, doing), None, doing)

    def send(self, method: str, path: str, body: Mapping[str, Any], doing: str) -> Answer:
        """Write, once: only what surely was not carried out (a rate limit) is sent again.

        Raises:
            ForgeUnreachable: Also when it is not known whether it was carried out; look before
                sending again.
            ForgeError: It was refused.
        """
        return self._patiently(method, self._url(path, {}), body, doing)

    def tail(self, path: str, doing: str, limit: int) -> str:
        """The end of a text that may lie on another host, which is asked without the token."""
        answer = self._patiently("GET", self._url(path, {}), None, doing)
        if answer.status not in _REDIRECTS:
            return answer.text[-limit:]
        location = answer.headers.get("location", "")
        kept = b""
        try:
            with self._client.stream("GET", location) as response:
                if response.status_code != 200:
                    raise complaint(response.status_code, {}, "", doing)
                for piece in response.iter_bytes():
                    kept = (kept + piece)[-limit:]
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unreachable(error, doing, location) from error
        return kept.decode(errors="replace")

    def _url(self, path: str, query: Mapping[str, Any]) -> str:
        url = httpx.URL(f"{self._api}{path}")
        return str(url.copy_merge_params(query) if query else url)

    def _same_host(self, url: str, doing: str) -> str:
        here, there = urlsplit(self._api), urlsplit(url)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise ForgeRefused(f"{doing}: GitHub points to another host, which is not followed")
        return url

    def _patiently(
        self, method: str, url: str, body: Mapping[str, Any] | None, doing: str
    ) -> Answer:
        failure: ForgeError
        wait: float | None
        for number in range(self._patience.tries):
            last = number + 1 == self._patience.tries
            try:
                answer = self._once(method, url, body)
            except httpx.ConnectError as error:
                # It never got there, so even a write may be sent again.
                failure, wait = _unreachable(error, doing, url), None
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                failure, wait = _unreachable(error, doing, url), None
                last = last or method != "GET"
            else:
                if answer.status < 400:
                    return answer
                failure = complaint(answer.status, answer.headers, answer.text, doing)
                wait = seconds_to_wait(answer.status, answer.headers, answer.text)
                again = wait is not None or (method == "GET" and answer.status >= 500)
                last = last or not again
            if last or (wait or 0) > self._patience.longest_wait:
                raise failure
            self._patience.sleep(self._patience.pause(number, wait))
        raise AssertionError("the last try returns or raises")

    def _once(self, method: str, url: str, body: Mapping[str, Any] | None) -> Answer:
        headers = {}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        data = bytearray()
        with self._client.stream(method, url, json=body, headers=headers) as response:
            for piece in response.iter_bytes():
                data += piece
                if len(data) > LARGEST_ANSWER:
                    raise httpx.ReadError("the answer is too large")
            return Answer(response.status_code, response.headers, data.decode(errors="replace"))


def _next(link: str) -> str:
    """The address of the next page (RFC 8288); empty on the last."""
    for part in link.split(","):
        address, _, rest = part.partition(";")
        if 'rel="next"' in rest:
            return address.strip().strip("<>")
    return ""


def _unreachable(error: Exception, doing: str, url: str) -> ForgeUnreachable:
    said = " ".join(str(error).split())
    what = "no answer in time" if isinstance(error, httpx.TimeoutException) else said
    return ForgeUnreachable(
        f"{doing}: {urlsplit(url).hostname} cannot be reached ({what}); try again later"
    )
