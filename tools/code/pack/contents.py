"""A pack: the text, and what it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tools.code.pack.sheet import Span

Signals = tuple[tuple[str, float], ...]
"""What chose something, with its share, the largest first."""


class Tier(StrEnum):
    """How much of a file or of a definition is shown."""

    FILE = "file"
    """The whole file."""
    DEFINITION = "definition"
    """The whole definition."""
    OWN_LINES = "own lines"
    """A class without what is defined in it."""
    SIGNATURE = "signature"
    BEGINNING = "beginning"
    """The first lines of a text: what it is, and where changelogs grow."""
    IMPORTS = "imports"


class Section(StrEnum):
    """The parts of the text, in their order."""

    SKELETON = "skeleton"
    CODE = "code"
    TESTS = "tests"
    FIXES = "fixes"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Piece:
    """One tier of one definition, or of a file as a whole."""

    tier: Tier
    name: str
    """The definition's dotted path in its file; empty for the file's own tiers."""
    first: int
    last: int
    tokens: int
    """Estimated share of the pack's tokens, of the lines that no piece before it shows."""
    probability: float
    signals: Signals


@dataclass(frozen=True, slots=True)
class PackedFile:
    """What is shown of one file."""

    path: str
    section: Section
    lines: int
    """How many the file has."""
    runs: tuple[Span, ...]
    """The spans of its lines that are shown, in order; a gap is between any two of them."""
    pieces: tuple[Piece, ...]
    """What was chosen, in file order."""

    @property
    def whole(self) -> bool:
        """Whether every line is shown."""
        return self.shows(1, self.lines)

    def shows(self, first: int, last: int) -> bool:
        """Whether all of these lines are shown."""
        return any(run[0] <= first and last <= run[1] for run in self.runs)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file or a definition that was ranked and is not shown whole."""

    path: str
    name: str
    """The definition's dotted path in its file; empty for a file."""
    first: int
    last: int
    """Zero for a file that was not read."""
    tokens: int
    """Estimated."""
    probability: float


@dataclass(frozen=True, slots=True)
class Pack:
    """What the model is shown of a repository before it asks for more."""

    text: str
    """Empty where nothing fits."""
    tokens: int
    """Of ``text``, as the counter counted it; never more than ``budget``."""
    budget: int
    sections: Mapping[Section, int]
    """Estimated tokens of each part; their sum is ``tokens``."""
    files: tuple[PackedFile, ...]
    """In the order of the text."""
    fixes: tuple[str, ...]
    """Commit ids of the past fixes that are shown."""
    left_out: tuple[LeftOut, ...]
    """What was ranked and is not shown, likeliest first."""

    def shows(self, path: str, first: int = 1, last: int = 0) -> bool:
        """Whether these lines of a file are shown; without lines, whether any code of it is."""
        return any(
            file.path == path and (bool(file.runs) if last < first else file.shows(first, last))
            for file in self.files
        )
