"""The inside of one process of :mod:`sandbox.workers`: answers batches until its input ends."""

import gc
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import accumulate, pairwise
from typing import BinaryIO

_NUMBER = struct.Struct("<I")


def frame(bodies: Sequence[bytes]) -> bytes:
    """A batch as bytes: how many, how long each is, and all of them; 32-bit little-endian."""
    head = struct.pack(f"<{len(bodies) + 1}I", len(bodies), *map(len, bodies))
    return b"".join((head, *bodies))


def unframe(buffer: bytearray) -> list[bytes] | None:
    """Take the first batch off a buffer; None when it is not there whole."""
    if len(buffer) < _NUMBER.size:
        return None
    (count,) = _NUMBER.unpack_from(buffer)
    start = (count + 1) * _NUMBER.size
    if len(buffer) < start:
        return None
    lengths = struct.unpack_from(f"<{count}I", buffer, _NUMBER.size)
    if len(buffer) < start + sum(lengths):
        return None
    whole = bytes(buffer[: start + sum(lengths)])
    del buffer[: len(whole)]
    ends = list(accumulate(lengths, initial=start))
    return [whole[first:last] for first, last in pairwise(ends)]


def serve(function: str, cpu_seconds: float, memory: int) -> None:
    """Answer every batch on standard input with one on standard output.

    Args:
        function: ``package.module:name`` of a function from bytes to bytes.
        cpu_seconds: Processor time for one item; one that needs more ends this process.
        memory: Bytes of address space; an item that needs more ends this process.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What a library prints must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    module, _, name = function.partition(":")
    answer: Callable[[bytes], bytes] = getattr(import_module(module), name)
    # Most objects of a batch die young and in no cycle.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    while batch := _read(sys.stdin.buffer):
        _write(answers, frame([_limited(answer, item, cpu_seconds) for item in batch]))


def _limited(answer: Callable[[bytes], bytes], item: bytes, cpu_seconds: float) -> bytes:
    # SIGPROF is left at its default, which ends the process even inside a library's loop.
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        return answer(item)
    except Exception:
        # An item must not be able to end the run, so it ends this process as a crash would.
        signal.raise_signal(signal.SIGKILL)
        raise
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _read(stream: BinaryIO) -> list[bytes]:
    head = stream.read(_NUMBER.size)
    if len(head) < _NUMBER.size:
        return []
    (count,) = _NUMBER.unpack(head)
    lengths = struct.unpack(f"<{count}I", stream.read(count * _NUMBER.size))
    return [stream.read(length) for length in lengths]


def _write(stream: BinaryIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[stream.write(rest) :]
