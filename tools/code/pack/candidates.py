"""The files that are worth reading for a budget, by what their suspects would cost by the line.

A file's text is read only when something of it may well be shown: a ranking names thousands.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tools.code.outline import Outline
from tools.code.pack.offers import OPENING_WEIGHT, TEST_SHARE, Candidate
from tools.code.pack.sheet import Sheet
from tools.code.ranking import Ranking, Suspect

LINE_WEIGHT = 34
"""Units of a line of code, on average."""

_PRESENCE_LINES = 3
"""Lines that show that a file is there."""

_MARGIN = 2.0
"""How much more than fits is looked at, since lines differ."""

_MOST_LINES = 10.0
"""Lines that are read at most, in budgets."""

_FEWEST_LINES = 30_000
"""Lines that are read however small the budget is."""


class Tree(Protocol):
    """What packing asks of an index."""

    @property
    def paths(self) -> Sequence[str]:
        """All files, in git's order."""
        ...

    @property
    def kept_out(self) -> Mapping[str, str]:
        """Files that are not looked into, with the reason."""
        ...

    @property
    def outlines(self) -> Mapping[str, Outline]:
        """What is known of the others."""
        ...

    def texts(self, paths: Sequence[str]) -> Iterator[str]:
        """The texts of these files, in order."""
        ...


@dataclass(slots=True)
class _Chances:
    """What the ranking says of one file."""

    file: float = 0.0
    definitions: dict[int, float] = field(default_factory=dict)
    test: bool = True

    def add(self, suspect: Suspect, *, test: bool) -> None:
        self.test = self.test and test
        if suspect.definition < 0:
            self.file = max(self.file, suspect.probability)
        else:
            known = self.definitions.get(suspect.definition, 0.0)
            self.definitions[suspect.definition] = max(known, suspect.probability)


def candidates(ranking: Ranking, tree: Tree, room: int) -> tuple[list[Candidate], float]:
    """The files to choose from for a room in units, the most promising first.

    And how much chance a unit must bring to be of interest there.
    """
    chances = _chances(ranking, tree)
    chosen, floor = _worth_reading(ranking, tree, room)
    found = [
        _candidate(path, tree.outlines[path], chances[path], text)
        for path, text in zip(chosen, tree.texts(chosen), strict=True)
    ]
    return found, floor


def _chances(ranking: Ranking, tree: Tree) -> dict[str, _Chances]:
    chances: dict[str, _Chances] = {}
    for suspects, test in (
        (ranking.files, False),
        (ranking.definitions, False),
        (ranking.tests, True),
    ):
        for suspect in suspects:
            if _shown_at_all(tree, suspect):
                chances.setdefault(suspect.path, _Chances()).add(suspect, test=test)
    return chances


def _worth_reading(ranking: Ranking, tree: Tree, room: int) -> tuple[list[str], float]:
    """Paths by the density of their best suspect, until more than enough has been looked at."""
    weighed = [
        *_weighed(ranking.files, tree, 1.0),
        *_weighed(ranking.definitions, tree, 1.0),
        *_weighed(ranking.tests, tree, TEST_SHARE),
    ]
    weighed.sort(key=lambda entry: -entry[0])
    chosen: dict[str, None] = {}
    left, lines = room * _MARGIN, max(_FEWEST_LINES, room * _MOST_LINES / LINE_WEIGHT)
    for density, weight, path in weighed:
        length = 0 if path in chosen else tree.outlines[path].lines
        if weight > room or length > lines:
            continue
        chosen[path] = None
        lines -= length
        left -= weight
        if left < 0:
            return list(chosen), density
    return list(chosen), 0.0


def _weighed(
    suspects: Iterable[Suspect], tree: Tree, share: float
) -> Iterator[tuple[float, int, str]]:
    """Density, weight and path of each suspect that can be shown."""
    for suspect in suspects:
        if not _shown_at_all(tree, suspect):
            continue
        lines = _PRESENCE_LINES
        if suspect.definition >= 0:
            definition = tree.outlines[suspect.path].definitions[suspect.definition]
            lines = definition.end + 1 - definition.start
        weight = OPENING_WEIGHT + LINE_WEIGHT * lines
        yield suspect.probability * share / weight, weight, suspect.path


def _shown_at_all(tree: Tree, suspect: Suspect) -> bool:
    outline = tree.outlines.get(suspect.path)
    return outline is not None and outline.lines > 0 and suspect.probability > 0


def _candidate(path: str, outline: Outline, chances: _Chances, text: str) -> Candidate:
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return Candidate.of(
        path, outline, chances.file, chances.definitions, Sheet(lines), test=chances.test
    )
