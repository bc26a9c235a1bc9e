"""Tries again what may succeed later, with growing, random pauses.

Two things fail differently. A server that answers with an error will mostly do so again, so a few
tries are enough. A server that is not there, is full or is still loading comes back as it was: a
restart of a large model takes minutes, and a run that has waited has lost nothing.
"""

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
        away: The server is not there, full or loading, as opposed to failing.
    """

    def __init__(self, error: ModelError, wait: float | None = None, *, away: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait
        self.away = away


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long to try.

    Pauses have full jitter, so that clients spread out:
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
    """

    tries: int = 5
    """How often a server may fail that is there."""
    seconds: float = 900.0
    """How long a server may be away."""
    first_pause: float = 1.0
    longest_pause: float = 20.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    def keep_trying(
        self, attempt: Callable[[], Answer], waiting: Callable[[str, float], None] | None = None
    ) -> Answer:
        """The first answer that comes; ``waiting`` is told why and for how many seconds.

        Raises:
            ModelError: That of the last try.
        """
        failures, away_since, slept = 0, None, 0.0
        number = 0
        while True:
            number += 1
            try:
                return attempt()
            except TryAgain as failure:
                pause = self._pause(number, failure.wait)
                if failure.away:
                    # Pauses count too: a clock may stand still, as on a machine that was asleep.
                    now = self.clock()
                    away_since = now if away_since is None else away_since
                    spent = max(now - away_since, slept)
                    over = spent + pause > self.seconds
                else:
                    failures += 1
                    away_since, slept = None, 0.0
                    over = failures >= self.tries or pause > self.seconds
                if over:
                    raise failure.error from None
                if waiting is not None:
                    waiting(str(failure.error), pause)
                self.sleep(pause)
                slept += pause

    def _pause(self, number: int, wait: float | None) -> float:
        longest = min(self.longest_pause, self.first_pause * 2.0 ** min(number - 1, 30))
        return max(wait or 0.0, self.chance() * longest)
