"""What could be shown of one file, and what each of it is worth.

A definition can be shown in tiers: its signature; for one that holds others, its own lines; all of
it. The worth of a tier is a share of the estimated chance that the definition must be seen. What
is whole has earned all of it, and for its inner definitions too. Whatever stands for a file, the
likeliest of its definitions or a text's beginning, has earned the chance of the file besides.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tools.code.outline import Definition, Outline
from tools.code.pack.contents import Tier
from tools.code.pack.imports import import_spans
from tools.code.pack.sheet import Sheet, Span

SIGNATURE_SHARE = 0.04
"""Of a definition's chance, for its signature: that it is there, and what it takes."""
OWN_SHARE = 0.5
"""Of a class's chance, for its own lines."""
IMPORTS_SHARE = 0.04
"""Of a file's chance, for its imports."""
REST_SHARE = 0.05
"""Of a file's chance, for what no suspect covers."""
TEST_SHARE = 0.1
"""Of a test's chance to matter: it explains what is wanted, but is not what is changed."""

_FIRST_SIGNATURES = 4
"""Of a file of which nothing more is known than that it may matter."""

_BEGINNING = 12
"""Lines of a text's beginning."""

_DEEPEST = 12
"""Definitions around another; what is nested deeper is shown with what encloses it, or not. People
nest three or four; a file that nests thousands would cost their square."""

OPENING_WEIGHT = 50
"""Units of a file's heading and fence, besides its path."""


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """One tier of one definition of one file; ``definition`` is -1 for the file's own tiers."""

    file: "Candidate"
    tier: Tier
    definition: int
    spans: tuple[Span, ...]
    """What it shows, that of the definition itself last."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One file that may be shown, with the chances of its definitions."""

    path: str
    definitions: Sequence[Definition]
    chance: float
    """That the file must be seen."""
    chances: Mapping[int, float]
    """That a definition must be seen, by its position, in order; those with none are left out."""
    positions: Sequence[int]
    """Of the definitions that have a chance, in order."""
    likeliest: int
    """The definition most likely to matter, -1 where none is."""
    sheet: Sheet
    """With nothing shown."""
    test: bool

    @classmethod
    def of(
        cls,
        path: str,
        outline: Outline,
        chance: float,
        chances: Mapping[int, float],
        sheet: Sheet,
        *,
        test: bool = False,
    ) -> "Candidate":
        """A candidate; definitions without a chance do not count, nor what is nested absurdly."""
        depths = _depths(outline.definitions)
        positions = sorted(
            position
            for position, value in chances.items()
            if value > 0 and depths[position] < _DEEPEST
        )
        likeliest = max(positions, key=lambda i: (chances[i], -i), default=-1)
        return cls(
            path, outline.definitions, chance, chances, positions, likeliest, sheet, test
        )  # fmt: skip

    @property
    def best(self) -> float:
        """The greatest chance of anything in it."""
        return max(self.chance, self.chances[self.likeliest] if self.likeliest >= 0 else 0.0)

    def offers(self, floor: float) -> Iterator[Offer]:
        """Everything that could be shown, less the imports, and definitions worth too little.

        ``floor`` is in chances per unit. The likeliest definition is never worth too little: it
        stands for its file.
        """
        for position in self.positions:
            definition = self.definitions[position]
            whole, head = (definition.start, definition.end), _head(definition)
            dear = self._chance_within(position) < floor * self.sheet.weight(whole)
            if dear and position != self.likeliest:
                continue
            above = tuple(self._headers(definition.parent))
            yield Offer(self, Tier.DEFINITION, position, (*above, whole))
            if not _is_chunk(definition) and 2 * self.sheet.weight(head) < self.sheet.weight(whole):
                yield Offer(self, Tier.SIGNATURE, position, (*above, head))
                own = tuple(self._own(position))
                if own and own != (whole,):
                    yield Offer(self, Tier.OWN_LINES, position, (*above, *own))
        if self.definitions and _is_chunk(self.definitions[0]):
            last = min(_BEGINNING, len(self.sheet.lines))
            yield Offer(self, Tier.BEGINNING, -1, ((1, last),))
        elif not self.positions and self.definitions:
            # Nothing says where in the file: then its first signatures say what is there.
            first = [one for one in self.definitions if one.parent < 0][:_FIRST_SIGNATURES]
            yield Offer(self, Tier.SIGNATURE, -1, tuple(map(_head, first)))
        yield Offer(self, Tier.FILE, -1, ((1, len(self.sheet.lines)),))

    def imports(self) -> Offer:
        """The file's import statements."""
        return Offer(self, Tier.IMPORTS, -1, tuple(import_spans(self.sheet.lines)))

    def within(self, position: int) -> Sequence[int]:
        """Positions of the suspects among a definition and those inside it; all for -1."""
        if position < 0:
            return self.positions
        end = self.definitions[position].end
        first = last = bisect_left(self.positions, position)
        while last < len(self.positions) and (self.definitions[self.positions[last]].start <= end):
            last += 1
        return self.positions[first:last]

    def _chance_within(self, position: int) -> float:
        return sum(self.chances[other] for other in self.within(position))

    def _headers(self, position: int) -> Iterator[Span]:
        """Signatures of a definition and of what encloses it."""
        while position >= 0:
            yield _head(self.definitions[position])
            position = self.definitions[position].parent

    def _own(self, position: int) -> Iterator[Span]:
        """The lines of a definition that are in none inside it."""
        definition = self.definitions[position]
        line = definition.start
        for other in range(position + 1, len(self.definitions)):
            child = self.definitions[other]
            if child.start > definition.end:
                break
            if line < child.start:
                yield line, child.start - 1
            line = max(line, child.end + 1)
        if line <= definition.end:
            yield line, definition.end


@dataclass(slots=True)
class Shown:
    """What has been taken of one file, and what more of it would be worth and cost."""

    file: Candidate
    sheet: Sheet
    taken: list[tuple[Offer, int]] = field(default_factory=list)
    """With what each cost, in units."""
    _earned: dict[int, float] = field(default_factory=dict)

    def worth(self, offer: Offer) -> float:
        """What the offer adds: chances of seeing what must be seen."""
        file = self.file
        worth = sum(
            file.chances[position] * max(0.0, share - self._earned.get(position, 0.0))
            for position, share in _shares(offer)
        )
        if offer.tier is Tier.IMPORTS:
            worth += IMPORTS_SHARE * file.chance
        if offer.tier is Tier.FILE:
            worth += REST_SHARE * file.chance
        says_what_it_is = offer.definition == file.likeliest or offer.tier is Tier.BEGINNING
        if not self.taken and says_what_it_is:
            worth += file.chance
        return worth * (TEST_SHARE if file.test else 1.0)

    def cost(self, offer: Offer) -> int:
        """What the offer adds, in units."""
        opening = 0 if self.taken else OPENING_WEIGHT + len(self.file.path)
        return opening + self.sheet.cost(offer.spans)

    def take(self, offer: Offer) -> None:
        """Show it."""
        self.taken.append((offer, self.cost(offer)))
        self.sheet.show(offer.spans)
        for position, share in _shares(offer):
            self._earned[position] = max(share, self._earned.get(position, 0.0))


def _shares(offer: Offer) -> Iterator[tuple[int, float]]:
    """For each suspect that an offer shows something of, how much of its chance that earns."""
    match offer.tier:
        case Tier.SIGNATURE if offer.definition >= 0:
            yield offer.definition, SIGNATURE_SHARE
        case Tier.OWN_LINES:
            yield offer.definition, OWN_SHARE
        case Tier.DEFINITION | Tier.FILE:
            for position in offer.file.within(offer.definition):
                yield position, 1.0


def _depths(definitions: Sequence[Definition]) -> list[int]:
    """How many definitions enclose each."""
    depths: list[int] = []
    for one in definitions:
        depths.append(depths[one.parent] + 1 if one.parent >= 0 else 0)
    return depths


def _is_chunk(definition: Definition) -> bool:
    return definition.kind == "chunk"


def _head(definition: Definition) -> Span:
    return definition.start, max(definition.start, definition.body - 1)
