"""Tries again what may succeed later: a few times, with growing, random pauses, not for long."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from agent.model.base import ModelError

Answer = TypeVar("Answer")


class TryAgain(Exception):
    """This try failed; the next may not.

    Args:
        error: What to raise when there is no next.
        wait: Seconds to wait at least, where the server has said so.
    """

    def __init__(self, error: ModelError, wait: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long to try.

    Pauses have full jitter, so that clients spread out:
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
    """

    tries: int = 5
    seconds: float = 60.0
    """From the first try's start to the last one's."""
    first_pause: float = 1.0
    longest_pause: float = 20.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    def keep_trying(self, attempt: Callable[[], Answer]) -> Answer:
        """The first answer that comes.

        Raises:
            ModelError: That of the last try.
        """
        started = self.clock()
        for number in range(1, self.tries + 1):
            try:
                return attempt()
            except TryAgain as failure:
                pause = self._pause(number, failure.wait)
                spent = self.clock() - started
                if number == self.tries or spent + pause > self.seconds:
                    raise failure.error from None
                self.sleep(pause)
        raise AssertionError("a patience without tries")

    def _pause(self, number: int, wait: float | None) -> float:
        longest = min(self.longest_pause, self.first_pause * 2.0 ** (number - 1))
        return max(wait or 0.0, self.chance() * longest)
