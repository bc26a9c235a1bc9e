"""Keeps the conversations that share a server from pushing each other out of its KV cache.

A server that holds fewer tokens than its conversations have together throws the oldest prefix away,
and the next turn of that conversation pays its whole prompt again; with two that take turns, every
turn does. So a request waits here until its conversation fits beside those that are being answered
or were a moment ago. Runs are processes of their own, and there is no daemon between them: each
keeps a file, locked for as long as it lives, that says what it has at the server. A file that can
be locked belongs to a process that is gone. A conversation that has room keeps it while it goes on;
of those that have none, who has waited longest goes first, and nobody waits for ever.
"""

import fcntl
import json
import os
import random
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

WARM_SECONDS = 60.0
"""After its reply a conversation is expected back for so long; then others may have its room."""
LONGEST_WAIT = 300.0
"""Seconds after which a request goes in any case; a cache that is shared badly is only slow."""
_POLL_SECONDS = 0.1


class Claim(BaseModel):
    """What one conversation has, or wants to have, in a server's cache."""

    model_config = ConfigDict(frozen=True)

    name: str
    conversation: str
    tokens: int
    state: Literal["waiting", "answered", "warm"]
    since: float
    """Seconds since the epoch at which it came into that state."""


_CLAIMS = TypeAdapter(list[Claim])


@dataclass(frozen=True, slots=True)
class Admitted:
    """How a request was let through."""

    seconds: float
    """That it waited."""


class Gate:
    """Lets requests of all processes of a user through to one server. Threads may share it.

    Args:
        folder: Where the processes keep their files.
        server: Which server is meant: its URL.
        capacity: Tokens of the server's KV cache.
        pause: Waits so many seconds, or less when everything is to end.
        warm_seconds: How long room is kept for a conversation after its reply.
        longest_wait: Seconds after which a request goes in any case.
    """

    def __init__(
        self,
        folder: Path,
        server: str,
        capacity: int,
        *,
        pause: Callable[[float], None] = time.sleep,
        warm_seconds: float = WARM_SECONDS,
        longest_wait: float = LONGEST_WAIT,
    ) -> None:
        self.capacity = capacity
        self._folder = folder / blake2b(server.encode(), digest_size=8).hexdigest()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._pause = pause
        self._warm_seconds = warm_seconds
        self._longest_wait = longest_wait
        self._lock = Lock()
        self._claims: dict[str, Claim] = {}
        self._own = self._folder / f"{os.getpid()}-{secrets.token_hex(4)}.json"
        with self._held():  # or another process might think it belonged to nobody
            self._descriptor = os.open(self._own, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    @contextmanager
    def admitted(self, conversation: str, tokens: int) -> Iterator[Admitted]:
        """Hold room for a request of so many tokens, prompt and reply; wait until there is some."""
        name = secrets.token_hex(8)
        begun = time.time()
        claim = Claim(
            name=name,
            conversation=f"{self._own.stem}/{conversation}",
            tokens=tokens,
            state="waiting",
            since=begun,
        )
        self._note(claim)
        try:
            while not self._enter(name):
                self._pause(_POLL_SECONDS * (0.5 + random.random()))  # noqa: S311 - no secret
            yield Admitted(time.time() - begun)
        except BaseException:
            self._forget(name)
            raise
        self._note(self._claims[name].model_copy(update={"state": "warm", "since": time.time()}))

    def close(self) -> None:
        """Give up all room. Closing twice is harmless."""
        with self._lock:
            if self._descriptor >= 0:
                self._own.unlink(missing_ok=True)
                os.close(self._descriptor)
                self._descriptor = -1

    def _enter(self, name: str) -> bool:
        """Whether the request may go now, and then take its room; after the closing it may."""
        with self._all() as claims:
            own = self._claims[name]
            now = time.time()
            if self._descriptor >= 0 and now - own.since < self._longest_wait:
                former = [c for c in claims if c.conversation == own.conversation]
                goes_on = any(self._holds(c, now) for c in former if c.state == "warm")
                rivals = [c for c in claims if c not in former or c.state != "warm"]
                if not goes_on and any(
                    c.state == "waiting" and c.since < own.since for c in rivals
                ):
                    return False
                held = sum(claim.tokens for claim in rivals if self._holds(claim, now))
                # One that is larger than all there is goes alone: the server will judge it.
                if held and held + own.tokens > self.capacity:
                    return False
            self._take(own.model_copy(update={"state": "answered", "since": now}))
            return True

    def _take(self, claim: Claim) -> None:
        """Put a claim in the place of what its conversation had."""
        for other in list(self._claims.values()):
            if other.conversation == claim.conversation and other.state == "warm":
                del self._claims[other.name]
        self._claims[claim.name] = claim
        self._write()

    def _holds(self, claim: Claim, now: float) -> bool:
        warm = claim.state == "warm" and now - claim.since < self._warm_seconds
        return warm or claim.state == "answered"

    def _note(self, claim: Claim) -> None:
        with self._all():
            self._claims[claim.name] = claim
            self._write()

    def _forget(self, name: str) -> None:
        with self._all():
            self._claims.pop(name, None)
            self._write()

    @contextmanager
    def _all(self) -> Iterator[list[Claim]]:
        """The claims of all processes that live, ours included; nobody else changes any now."""
        with self._held():
            yield [*self._claims.values(), *self._others()]

    @contextmanager
    def _held(self) -> Iterator[None]:
        with self._lock, (self._folder / "gate").open("w") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield

    def _others(self) -> Iterator[Claim]:
        for path in self._folder.glob("*.json"):
            if path == self._own:
                continue
            with suppress(FileNotFoundError), path.open("r+b") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    yield from _CLAIMS.validate_json(file.read() or b"[]")
                else:
                    path.unlink(missing_ok=True)

    def _write(self) -> None:
        """Keep our claims where others see them; the gate is held, so nobody reads a half."""
        if self._descriptor < 0:
            return
        data = json.dumps([claim.model_dump() for claim in self._claims.values()]).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, data, 0)
