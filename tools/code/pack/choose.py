"""Which offers to take: always the one that is worth most for its cost, while there is room.

Each definition is a class of the multiple-choice knapsack problem (its tiers exclude each other).
Taking increments by worth per cost solves its linear relaxation where tiers lie on their convex
hull (Sinha and Zoltners, "The Multiple-Choice Knapsack Problem", Operations Research 27(3), 1979);
a tier that is not on the hull is never the densest. Costs fall as files are opened and spans are
covered, so an offer's density is looked at again when its turn comes ("lazy" greedy: Minoux,
"Accelerated greedy algorithms for maximizing submodular set functions", 1978).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from tools.code.pack.offers import Candidate, Offer, Shown

_MISFITS = 200
"""Offers in a row that no longer fit, after which there is no more room worth looking for."""

_Entry = tuple[float, int, Offer]


@dataclass(frozen=True, slots=True)
class Market:
    """All offers of all candidates, in the order in which they are looked at first."""

    entries: Sequence[_Entry]
    """As a heap: least first, with densities as negative numbers."""
    _imports: dict[str, Offer] = field(default_factory=dict)

    @classmethod
    def open(cls, candidates: Sequence[Candidate], room: int, floor: float) -> "Market":
        """Collect the offers that fit the room, less definitions worth less than the floor.

        Ties go to the candidate that comes first.
        """
        entries: list[_Entry] = []
        for file in candidates:
            untouched = Shown(file, file.sheet)
            for offer in file.offers(floor):
                cost = max(1, file.sheet.weight(offer.spans[-1]))
                if cost > room:
                    continue
                entries.append((-untouched.worth(offer) / cost, len(entries), offer))
        heapify(entries)
        return cls(entries)

    def imports(self, file: Candidate) -> Offer:
        """The imports of a file that is opened; found once, however often it is."""
        if file.path not in self._imports:
            self._imports[file.path] = file.imports()
        return self._imports[file.path]


def choose(market: Market, room: int, room_for_tests: int) -> list[Shown]:
    """Fill the room, in units; files in the order in which they were opened."""
    heap = list(market.entries)
    shown: dict[str, Shown] = {}
    misfits, serial = 0, len(heap)
    while heap and misfits < _MISFITS:
        _, number, offer = heappop(heap)
        state = shown.get(offer.file.path) or Shown(offer.file, offer.file.sheet.blank())
        cost, worth = state.cost(offer), state.worth(offer)
        if not cost or not worth:
            continue
        density = -worth / cost
        if heap and density > heap[0][0]:
            heappush(heap, (density, number, offer))
            continue
        left = min(room, room_for_tests) if offer.file.test else room
        if cost > left:
            misfits += 1
            continue
        if not state.taken:
            shown[offer.file.path] = state
            heappush(heap, (density, serial, market.imports(offer.file)))
            serial += 1
        state.take(offer)
        room -= cost
        room_for_tests -= cost if offer.file.test else 0
        misfits = 0
    return list(shown.values())
