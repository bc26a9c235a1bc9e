"""What lines cost before anybody has counted: an estimate in units of its own, made in one pass.

A unit is about 0.29 tokens of a byte-level BPE vocabulary trained on code. On pieces of 25 lines
in eight languages the estimate is off by 14 % on average (indentation, which such vocabularies
swallow in one token, does not count; each line has a constant share): as good as counting words
and signs, at a tenth of the time. How many tokens a unit really has is measured while packing.
"""

from collections.abc import Sequence
from itertools import accumulate

TOKENS_PER_UNIT = 0.29
"""Before anything has been counted."""

UNITS_PER_LINE = 4
"""Line break and indentation."""


class Weights:
    """Weights of the spans of a file's lines, each in constant time."""

    __slots__ = ("_running",)

    def __init__(self, lines: Sequence[str]) -> None:
        self._running = list(accumulate(map(_length, lines), initial=0))

    def between(self, first: int, last: int) -> int:
        """Units of lines ``first`` to ``last``, counted from 1, which must be there."""
        return self._running[last] - self._running[first - 1] + UNITS_PER_LINE * (last + 1 - first)


def weigh(text: str) -> int:
    """The weight of a text in units."""
    lines = text.split("\n")
    return sum(map(_length, lines)) + UNITS_PER_LINE * len(lines) if text else 0


def _length(line: str) -> int:
    line = line.strip()
    return len(line) if line.isascii() else len(line.encode(errors="replace"))
