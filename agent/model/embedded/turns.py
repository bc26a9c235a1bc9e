"""The words that the search and its harness exchange: turns out, answers in."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

Call = tuple[str, dict[str, Any]]
"""A tool's name and its arguments."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What the search says and wants done next."""

    text: str
    calls: tuple[Call, ...]


Talk = Generator[Turn, list[str], Any]
"""Yields turns; is sent the answer to each call of the turn, in order."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far the search goes."""

    candidates: int = 3000
    """Changes tried before it gives up."""
    seconds: float = 600.0
    """Seconds that trying them may take; the run's own budget may be less."""
    turn_seconds: float = 8.0
    """Seconds that the changes of one turn may take, so that budgets are kept in time."""
    batch: int = 10
    """Changes tried in one turn where each takes a run of its own; the first turns try fewer."""
    large_batch: int = 120
    """Changes tried in one turn where one run takes many."""
    sample: int = 250
    """After so many changes one that failed is run by itself, to see whether that is the same."""
    files: int = 6
    """Files read, the most suspicious first."""
    sites: int = 120
    """Statements changed, the most suspicious first."""
    first_seconds: float = 1.0
    """Seconds per test of the first run; a test that needs more is asked again."""
    patience: float = 5.0
    """Seconds a test gets to show that it is slow and not endless."""
