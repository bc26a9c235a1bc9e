"""The last word on the budget: what is handed out has been counted, as a whole, and fits.

The tokens of two texts do not add up to the tokens of both (merges of a vocabulary cross the seam),
and counting may be a request to a server. So pieces are chosen by estimate, and whole texts are
counted, a few times, with more or less in them.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from tools.code.pack.weight import TOKENS_PER_UNIT

MOST_COUNTS = 10
"""Texts that are counted at most in search of the fullest."""

_AIM = 0.985
"""Of the budget; aiming at all of it would overrun it every other time."""
_ENOUGH = 0.97
"""Of the budget, with which the search ends."""
_MOST_GROWTH = 4
"""How many times larger the next text may be, so that a strange counter costs no endless one."""


class Draft(Protocol):
    """Something that has a text."""

    @property
    def text(self) -> str:
        """What is counted."""
        ...


AnyDraft = TypeVar("AnyDraft", bound=Draft)


def fullest(
    compose: Callable[[int], AnyDraft],
    count_tokens: Callable[[str], int],
    *,
    budget: int,
    frame: int,
) -> tuple[AnyDraft, int] | None:
    """The draft with the most tokens that fits the budget, and its tokens; None where none fits.

    ``compose`` makes a draft of about so many units of :mod:`tools.code.pack.weight`; a draft of
    none has ``frame`` tokens. Works, if less closely, with any counter: the answer has been
    counted.
    """
    best: tuple[AnyDraft, int] | None = None
    fits, overruns, last = 0, 0, None
    units = int((budget - frame) * _AIM / TOKENS_PER_UNIT)
    for _ in range(MOST_COUNTS):
        draft = compose(units) if units > 0 else None
        if draft is None or draft.text == last:
            break
        last, tokens = draft.text, count_tokens(draft.text)
        if tokens > budget:
            overruns = units
            fits = fits if fits < units else 0
        else:
            best = max(best or (draft, tokens), (draft, tokens), key=lambda found: found[1])
            fits = units
            overruns = overruns if overruns > units else 0
        if best is not None and best[1] >= budget * _ENOUGH:
            break
        units = _next(units, max(1, tokens - frame), budget * _AIM - frame, fits, overruns)
    return best


def _next(units: int, tokens: int, wanted: float, fits: int, overruns: int) -> int:
    """By the tokens that a unit had; halfway where that is beyond what is known already."""
    guess = min(int(units * wanted / tokens), units * _MOST_GROWTH)
    if overruns and not fits < guess < overruns:
        return (fits + overruns) // 2
    return guess
