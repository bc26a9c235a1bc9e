"""What a pack tells of itself: the pieces it is made of, and what it leaves out."""

from collections.abc import Iterator, Mapping, Sequence

from tools.code.pack.candidates import LINE_WEIGHT, Tree
from tools.code.pack.contents import LeftOut, PackedFile, Piece, Section, Signals, Tier
from tools.code.pack.offers import Offer, Shown
from tools.code.pack.weight import TOKENS_PER_UNIT
from tools.code.ranking import Ranking, Suspect

Key = tuple[str, int]
"""A path and a definition's position, -1 for the file."""


def signals_of(ranking: Ranking) -> dict[Key, Signals]:
    """What chose each suspect."""
    found: dict[Key, Signals] = {}
    for suspect in (*ranking.files, *ranking.definitions, *ranking.tests):
        found.setdefault((suspect.path, suspect.definition), suspect.signals)
    return found


def packed_file(shown: Shown, signals: Mapping[Key, Signals], rate: float) -> PackedFile:
    """One file of the pack; ``rate`` is in tokens per unit of cost."""
    file, lines = shown.file, len(shown.sheet.lines)
    kept: dict[tuple[int, bool], tuple[Offer, int]] = {}
    for offer, cost in shown.taken:
        # A later tier of a definition takes the place of an earlier one.
        key = offer.definition, offer.tier is Tier.IMPORTS
        kept[key] = offer, cost + (kept[key][1] if key in kept else 0)
    if shown.sheet.shows((1, lines)):
        whole = Offer(file, Tier.FILE, -1, ((1, lines),))
        kept = {(-1, False): (whole, sum(cost for _, cost in kept.values()))}
    pieces = [_piece(offer, round(cost * rate), signals) for offer, cost in kept.values()]
    return PackedFile(
        path=file.path,
        section=Section.TESTS if file.test else Section.CODE,
        lines=lines,
        runs=tuple(shown.sheet.runs()),
        pieces=tuple(sorted(pieces, key=lambda piece: (piece.first, -piece.last))),
    )


def _piece(offer: Offer, tokens: int, signals: Mapping[Key, Signals]) -> Piece:
    file, position = offer.file, offer.definition
    name, chance = "", file.chance
    first, last = offer.spans[0][0], offer.spans[-1][1]
    why = signals.get((file.path, position), ())
    if position >= 0:
        definition = file.definitions[position]
        name, chance = definition.qualified, file.chances[position]
        first = definition.start
    elif not why:
        why = signals.get((file.path, file.likeliest), ())
    return Piece(offer.tier, name, first, last, tokens, chance, why)


def left_out(ranking: Ranking, tree: Tree, files: Sequence[Shown]) -> Iterator[LeftOut]:
    """Definitions, then files, that were ranked and are not shown whole, or not at all."""
    sheets = {shown.file.path: shown.sheet for shown in files}
    for suspect in ranking.definitions:
        outline = tree.outlines.get(suspect.path)
        if outline is None or suspect.definition < 0:
            continue
        definition = outline.definitions[suspect.definition]
        sheet = sheets.get(suspect.path)
        if sheet is None or not sheet.shows((definition.start, definition.end)):
            yield _left_out(suspect, definition.qualified, definition.start, definition.end)
    for suspect in ranking.files:
        outline = tree.outlines.get(suspect.path)
        if suspect.path not in sheets:
            yield _left_out(suspect, "", 1 if outline else 0, outline.lines if outline else 0)


def _left_out(suspect: Suspect, name: str, first: int, last: int) -> LeftOut:
    lines = last + 1 - first if last else 0
    tokens = round(lines * LINE_WEIGHT * TOKENS_PER_UNIT)
    return LeftOut(suspect.path, name, first, last, tokens, suspect.probability)


def shares(weights: Mapping[Section, int], tokens: int) -> dict[Section, int]:
    """Tokens divided by weight, in whole numbers that add up."""
    total = sum(weights.values()) or 1
    found = {section: tokens * weight // total for section, weight in weights.items()}
    largest = max(weights, key=lambda section: weights[section])
    found[largest] += tokens - sum(found.values())
    return found
