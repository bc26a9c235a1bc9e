"""Boxes for one task after another, each used once, so that no task waits for another's to go.

A box that is done with is closed beside the next task. While tasks are known to follow each other
closely, the next one's box is started beside the last one too. Neither changes what a box is: it is
started by its provider, tried from inside, and nobody has used it.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from sandbox.base import Closing, Sandbox


class Boxes(Closing):
    """Gives out boxes of one kind, to one thread.

    Args:
        start: Starts one.
    """

    def __init__(self, start: Callable[[], Sandbox]) -> None:
        self._start = start
        # One may be closing while another starts.
        self._beside = ThreadPoolExecutor(2, thread_name_prefix="boxes")
        self._closing: list[Future[None]] = []
        self._spare: Future[Sandbox] | None = None
        self._hurries = False

    @contextmanager
    def fresh(self) -> Iterator[Sandbox]:
        """A box that nobody has used, for the time of a ``with`` block.

        Raises:
            SandboxError: It did not start, or one before it could not be closed.
        """
        self._note_closed()
        box = self._next()
        try:
            if self._hurries:
                self._spare = self._beside.submit(self._start)
            yield box
        finally:
            self._closing.append(self._beside.submit(box.close))

    @contextmanager
    def hurrying(self) -> Iterator[None]:
        """For the time of a ``with`` block, start the next box while one is used."""
        self._hurries = True
        try:
            yield
        finally:
            self._hurries = False
            self._drop_spare()

    def close(self) -> None:
        """Return when all that were given out are closed.

        Raises:
            SandboxLost: One could not be.
        """
        self._drop_spare()
        self._beside.shutdown()
        self._note_closed()

    def _next(self) -> Sandbox:
        spare, self._spare = self._spare, None
        return self._start() if spare is None else spare.result()

    def _drop_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None and not spare.cancel():
            self._closing.append(self._beside.submit(_close_started, spare))

    def _note_closed(self) -> None:
        """Forget those that are closed; what failed is raised here."""
        ended = [future for future in self._closing if future.done()]
        self._closing = [future for future in self._closing if future not in ended]
        for future in ended:
            future.result()


def _close_started(spare: Future[Sandbox]) -> None:
    # One that did not start leaves nothing, and nobody waits for it.
    if spare.exception() is None:
        spare.result().close()
