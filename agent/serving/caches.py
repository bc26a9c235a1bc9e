"""What a conversation holds in GPU memory: keys and values, latents, states."""

from collections.abc import Iterable
from dataclasses import dataclass

BLOCK = 16
"""Tokens that vLLM allots at a time on GPUs (``--block-size``)."""


@dataclass(frozen=True, slots=True)
class Cache:
    """What one layer keeps of one conversation."""

    numbers: int = 0
    """Numbers a token, over all heads; how many bytes each takes is the cache's data type."""
    octets: int = 0
    """Bytes a token that no choice of data type changes."""
    state: int = 0
    """Bytes a conversation, however long it is."""
    window: int | None = None
    """Tokens looked back at; None for all."""
    pieces: int = 1
    """Into how many GPUs it can be cut; 1 when each GPU holds all of it."""

    def token(self, number_bytes: int) -> int:
        """Bytes a token, over all GPUs that share it."""
        return self.numbers * number_bytes + self.octets


@dataclass(frozen=True, slots=True)
class Conversations:
    """The caches of all layers, in one data type, on so many GPUs."""

    caches: tuple[Cache, ...]
    number_bytes: int
    gpus: int
    in_flight: int
    """Tokens being worked on, which a layer with a window keeps besides its window."""

    @property
    def token(self) -> int:
        """Bytes that each further token costs, over all GPUs, once every window is full."""
        return sum(cache.token(self.number_bytes) for cache in self.caches if cache.window is None)

    def bytes_each(self, tokens: int) -> int:
        """Bytes that a conversation of so many tokens takes on each GPU.

        A layer with a window keeps the window less one token, what is being worked on, and a block
        because the window may begin inside one: vLLM's ``SlidingWindowSpec``,
        https://github.com/vllm-project/vllm/blob/main/vllm/v1/kv_cache_interface.py
        """
        return sum(self._layer(cache, tokens) for cache in self.caches)

    def _layer(self, cache: Cache, tokens: int) -> int:
        kept = _whole_blocks(tokens)
        if cache.window is not None:
            held = min(cache.window - 1 + self.in_flight, tokens)
            kept = min(_whole_blocks(held) + BLOCK, kept)
        share = min(self.gpus, cache.pieces)
        return -(-(cache.token(self.number_bytes) * kept + cache.state) // share)


def _whole_blocks(tokens: int) -> int:
    return -(-tokens // BLOCK) * BLOCK


def windowed(caches: Iterable[Cache]) -> bool:
    """Whether any layer looks back over a window only."""
    return any(cache.window is not None for cache in caches)
