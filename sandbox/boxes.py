"""Boxes for one task after another, each used once, so that no task waits for another's to go.

A box that is done with is closed beside the next task. While tasks are known to follow each other
closely, the next one's box is started beside the last one too; whoever comes first has it. Neither
changes what a box is: it is started by its provider, tried from inside, and nobody has used it.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from sandbox.base import Closing, Sandbox


class Boxes(Closing):
    """Gives out boxes of one kind; several threads may ask.

    Args:
        start: Starts one.
    """

    def __init__(self, start: Callable[[], Sandbox]) -> None:
        self._start = start
        # One may start while others are closing.
        self._beside = ThreadPoolExecutor(3, thread_name_prefix="boxes")
        self._lock = threading.Lock()
        self._closing: list[Future[None]] = []
        self._spare: Future[Sandbox] | None = None
        self._hurrying = 0

    def take(self) -> Sandbox:
        """A box that nobody has used; who takes it hands it, or what owns it, to :meth:`end`.

        Raises:
            SandboxError: It did not start, or one before it could not be closed.
        """
        self._note_closed()
        spare = self._take_spare()
        box = self._start() if spare is None else spare.result()
        with self._lock:
            if self._hurrying and self._spare is None:
                self._spare = self._beside.submit(self._start)
        return box

    def end(self, box: Sandbox | Closing) -> None:
        """Close a box beside what comes next."""
        with self._lock:
            self._closing.append(self._beside.submit(box.close))

    @contextmanager
    def fresh(self) -> Iterator[Sandbox]:
        """A box that nobody has used, for the time of a ``with`` block; raises as :meth:`take`."""
        box = self.take()
        try:
            yield box
        finally:
            self.end(box)

    @contextmanager
    def hurrying(self) -> Iterator[None]:
        """For the time of a ``with`` block, start the next box while one is used."""
        with self._lock:
            self._hurrying += 1
        try:
            yield
        finally:
            with self._lock:
                self._hurrying -= 1
            if not self._hurrying:
                self._drop_spare()

    def close(self) -> None:
        """Return when all that were given out are closed.

        Raises:
            SandboxLost: One could not be.
        """
        self._drop_spare()
        self._beside.shutdown()
        self._note_closed()

    def _take_spare(self) -> Future[Sandbox] | None:
        with self._lock:
            spare, self._spare = self._spare, None
        return spare

    def _drop_spare(self) -> None:
        spare = self._take_spare()
        if spare is not None and not spare.cancel():
            with self._lock:
                self._closing.append(self._beside.submit(_close_started, spare))

    def _note_closed(self) -> None:
        """Forget those that are closed; what failed is raised here."""
        with self._lock:
            ended = [future for future in self._closing if future.done()]
            self._closing = [future for future in self._closing if future not in ended]
        for future in ended:
            future.result()


def _close_started(spare: Future[Sandbox]) -> None:
    # One that did not start leaves nothing, and nobody waits for it.
    if spare.exception() is None:
        spare.result().close()
