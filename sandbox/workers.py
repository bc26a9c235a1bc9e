"""A few Python processes of our own, for work whose input may crash or hang the library used.

A process gets no variable of the environment, no file but its three pipes, an amount of processor
time for each item and an amount of memory. One that dies is replaced, and the items that it was at
are tried alone. An item that ends a process then as well is given up, one that crashed it at the
second time only; the caller sees None for it.
"""

import contextlib
import itertools
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from sandbox.base import MIB
from sandbox.process import ProcessFailed
from sandbox.worker import frame, unframe

_CHUNK = 256 * 1024
_BATCH_BYTES = 128 * 1024
_BATCH_ITEMS = 64
_IN_HAND = 2
"""Batches that a process has at a time: one to work at, one so that it need not wait."""
_PARTING = 0.2
_MESSAGE_LIMIT = 2_000
_PROGRAM = """\
import sys
sys.path.append(sys.argv[1])
from sandbox.worker import serve
serve(sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
"""


@dataclass(slots=True)
class _Item:
    number: int
    body: bytes
    tried: bool = False


@dataclass(slots=True)
class _Worker:
    """One process and what it was given."""

    process: subprocess.Popen[bytes]
    complaints: IO[bytes]
    batches: deque[list[_Item]] = field(default_factory=deque)
    outgoing: deque[memoryview] = field(default_factory=deque)
    incoming: bytearray = field(default_factory=bytearray)
    since: float = 0.0
    """When it began with the first of its batches, as far as can be seen from here."""

    @property
    def descriptors(self) -> tuple[int, int]:
        """The pipe that it reads and the pipe that it writes."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        return self.process.stdin.fileno(), self.process.stdout.fileno()


class Workers:
    """Maps a function over items in several processes. Processes start when there is work.

    Args:
        function: ``package.module:name`` of a function from bytes to bytes.
        count: How many processes at most.
        cpu_seconds: Processor time that one item may take.
        wall_seconds: How long a batch may take by the clock; for what waits without working.
        memory: Bytes of address space of each process.
    """

    def __init__(
        self,
        function: str,
        *,
        count: int,
        cpu_seconds: float = 2.5,
        wall_seconds: float = 60.0,
        memory: int = 2048 * MIB,
    ) -> None:
        self._arguments = (function, str(cpu_seconds), str(memory))
        self._count = count
        self._wall_seconds = wall_seconds
        self._workers: list[_Worker] = []
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the processes, whatever they are at."""
        for worker in list(self._workers):
            self._end(worker)
        self._selector.close()

    def map(self, items: Iterable[bytes]) -> Iterator[tuple[int, bytes | None]]:
        """Yield each item's number and its answer, as they come; None for one given up.

        Items are taken as processes can take them, so a source may be larger than the memory. When
        the iterator is closed early, the processes that still work for it are ended.

        Raises:
            ProcessFailed: A process cannot be started.
        """
        source = _batches(_Item(number, body) for number, body in enumerate(items))
        again: deque[list[_Item]] = deque()
        try:
            while True:
                self._hand_out(itertools.chain(_drain(again), source))
                if not any(worker.batches for worker in self._workers):
                    if again:
                        continue
                    return
                yield from self._turn(again)
        finally:
            for worker in [worker for worker in self._workers if worker.batches]:
                self._end(worker)

    def _hand_out(self, source: Iterator[list[_Item]]) -> None:
        while self._has_room():
            batch = next(source, None)
            if batch is None:
                return
            worker = self._choose()
            if not worker.batches:
                worker.since = time.monotonic()
            worker.batches.append(batch)
            if not worker.outgoing:
                self._selector.register(worker.descriptors[0], selectors.EVENT_WRITE, worker)
            worker.outgoing.append(memoryview(frame([item.body for item in batch])))

    def _has_room(self) -> bool:
        few = any(len(worker.batches) < _IN_HAND for worker in self._workers)
        return few or len(self._workers) < self._count

    def _choose(self) -> _Worker:
        """An idle process, else a new one, else the one with the least to do."""
        least = min(self._workers, key=lambda worker: len(worker.batches), default=None)
        if least is None or (least.batches and len(self._workers) < self._count):
            return self._start()
        return least

    def _start(self) -> _Worker:
        complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by _end
        root = str(Path(__file__).resolve().parent.parent)
        try:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own program
                [sys.executable, "-I", "-c", _PROGRAM, root, *self._arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                bufsize=0,
                env={},
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise ProcessFailed(f"cannot start {sys.executable}: {error}", 126) from error
        worker = _Worker(process, complaints)
        for descriptor in worker.descriptors:
            os.set_blocking(descriptor, False)
        self._selector.register(worker.descriptors[1], selectors.EVENT_READ, worker)
        self._workers.append(worker)
        return worker

    def _turn(self, again: deque[list[_Item]]) -> Iterator[tuple[int, bytes | None]]:
        """Wait until something moves, and yield what it gave."""
        busy = [worker for worker in self._workers if worker.batches]
        left = min(worker.since for worker in busy) + self._wall_seconds - time.monotonic()
        for key, _ in self._selector.select(max(0.0, left)):
            worker: _Worker = key.data
            if worker not in self._workers:
                continue
            if key.fd == worker.descriptors[0]:
                self._send(worker)
            elif self._receive(worker):
                yield from self._answers(worker)
            else:
                # Its pipe is closed a moment before it can be waited for.
                yield from self._lost(worker, again, _PARTING)
        now = time.monotonic()
        for worker in [worker for worker in self._workers if worker.batches]:
            if now - worker.since > self._wall_seconds:
                yield from self._lost(worker, again)

    def _send(self, worker: _Worker) -> None:
        rest = worker.outgoing.popleft()
        # Who has died is found when its answers are read.
        with contextlib.suppress(BrokenPipeError):
            rest = rest[os.write(worker.descriptors[0], rest[:_CHUNK]) :]
            if rest:
                worker.outgoing.appendleft(rest)
        if not worker.outgoing:
            self._selector.unregister(worker.descriptors[0])

    def _receive(self, worker: _Worker) -> bool:
        chunk = os.read(worker.descriptors[1], _CHUNK)
        worker.incoming += chunk
        return bool(chunk)

    def _answers(self, worker: _Worker) -> Iterator[tuple[int, bytes | None]]:
        while (bodies := unframe(worker.incoming)) is not None:
            batch = worker.batches.popleft()
            worker.since = time.monotonic()
            yield from ((item.number, body) for item, body in zip(batch, bodies, strict=True))

    def _lost(
        self, worker: _Worker, again: deque[list[_Item]], grace: float = 0.0
    ) -> Iterator[tuple[int, bytes | None]]:
        """A process died or hangs: what it was at is tried alone, the rest goes to others."""
        code, complaint = self._end(worker, grace)
        if code > 0:
            raise ProcessFailed(f"{self._arguments[0]}: exit {code}: {complaint}", code)
        if not worker.batches:
            return
        batch, *waiting = worker.batches
        again.extend(waiting)
        if len(batch) > 1:
            again.extend([item] for item in batch)
        elif batch[0].tried or code == -signal.SIGPROF:
            yield batch[0].number, None
        else:
            batch[0].tried = True
            again.append(batch)

    def _end(self, worker: _Worker, grace: float = 0.0) -> tuple[int, str]:
        """Kill and reap; the exit code (negative for a signal) and the end of what it said."""
        self._workers.remove(worker)
        if worker.outgoing:
            self._selector.unregister(worker.descriptors[0])
        self._selector.unregister(worker.descriptors[1])
        if grace:
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.process.wait(grace)
        worker.process.kill()  # does nothing to one that was waited for
        code = worker.process.wait()
        with worker.complaints as said, worker.process:
            said.seek(max(0, said.seek(0, os.SEEK_END) - _MESSAGE_LIMIT))
            return code, said.read().decode(errors="replace").strip()


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    batch: list[_Item] = []
    size = 0
    for item in items:
        if batch and (size + len(item.body) > _BATCH_BYTES or len(batch) == _BATCH_ITEMS):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item.body)
    if batch:
        yield batch


def _drain(batches: deque[list[_Item]]) -> Iterator[list[_Item]]:
    while batches:
        yield batches.popleft()
