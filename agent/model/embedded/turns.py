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

    candidates: int = 800
    """Changes tried before it gives up."""
    batch: int = 10
    """Changes tried in one turn; the first turns try fewer."""
    files: int = 6
    """Files read, the most suspicious first."""
    sites: int = 120
    """Statements changed, the most suspicious first."""
    first_seconds: float = 1.0
    """Seconds per test of the first run; a test that needs more is asked again."""
    patience: float = 5.0
    """Seconds a test gets to show that it is slow and not endless."""
