"""Lets a client's requests through the gate to its server, if there is one."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

from agent.model.gate import Gate
from agent.model.served import CHECK_SECONDS
from agent.model.server import NoAnswer, Server

MakeGate = Callable[[str, int | None, Callable[[float], None]], Gate | None]
"""Makes the gate to a server: its URL, what it says its KV cache holds, and how to wait."""

_TOLD = 1.0
"""Seconds of waiting that people are told of."""
_OPENING = 2
"""Messages that tell one conversation from another."""


class Admission:
    """One client's way to its server.

    Args:
        server: Where it is.
        make: Makes the gate when the first request is there; None for no gate.
    """

    def __init__(self, server: Server, make: MakeGate | None) -> None:
        self._server = server
        self._make = make
        self._gate: Gate | None = None

    @contextmanager
    def admitted(self, messages: Sequence[Mapping[str, Any]], tokens: int) -> Iterator[list[str]]:
        """Hold room for a request of so many tokens; gives what people should know of the wait."""
        if self._make is not None:
            self._gate = self._make(self._server.url, kv_tokens(self._server), self._server.pause)
            self._make = None
        if self._gate is None:
            yield []
            return
        with self._gate.admitted(_name(messages), tokens) as admitted:
            waited = admitted.seconds >= _TOLD
            yield [f"waited {admitted.seconds:.0f} s for room in the server's cache"] * waited

    def close(self) -> None:
        """Give up all room. Closing twice is harmless."""
        if self._gate is not None:
            self._gate.close()


def kv_tokens(server: Server) -> int | None:
    """Tokens that a server's KV cache holds, where it tells: vLLM does, among its metrics.

    https://docs.vllm.ai/en/latest/usage/metrics/
    """
    try:
        answer = server.get("/metrics", seconds=CHECK_SECONDS, at_root=True)
    except NoAnswer:
        return None
    if answer.status != 200:
        return None
    engines = re.findall(r"^vllm:cache_config_info\{(.*)\}", answer.text, re.MULTILINE)
    return sum(map(_tokens_of_engine, engines)) or None


def _tokens_of_engine(labels: str) -> int:
    """Newer vLLM has the number itself; zero where there is none."""
    values = {name: int(value) for name, value in re.findall(r'(\w+)="(\d+)"', labels)}
    blocks = values.get("block_size", 0) * values.get("num_gpu_blocks", 0)
    return values.get("kv_cache_size_tokens", blocks)


def _name(messages: Sequence[Mapping[str, Any]]) -> str:
    opening = json.dumps(messages[:_OPENING], ensure_ascii=False)
    return blake2b(opening.encode(errors="replace"), digest_size=8).hexdigest()
