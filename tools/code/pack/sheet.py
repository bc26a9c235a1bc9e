"""One file, and which of its lines are shown."""

from collections.abc import Iterator, Sequence

from tools.code.pack.weight import Weights

Span = tuple[int, int]
"""First and last line, counted from 1."""

ELISION_WEIGHT = 30
"""Units of the line that stands for lines left out."""


class Sheet:
    """The lines of one file; each is shown or not.

    Spans may reach beyond the file; such lines are not there. All costs are in units of
    :mod:`tools.code.pack.weight`.
    """

    __slots__ = ("_shown", "_weights", "lines")

    def __init__(self, lines: Sequence[str], weights: Weights | None = None) -> None:
        self.lines = lines
        self._weights = weights or Weights(lines)
        # A guard on either side, so that a neighbour can always be asked for.
        self._shown = bytearray(len(lines) + 2)

    def blank(self) -> "Sheet":
        """The same file with nothing shown."""
        return Sheet(self.lines, self._weights)

    def weight(self, span: Span) -> int:
        """Units of the lines of a span."""
        first, last = self._clip(span)
        return self._weights.between(first, last) if first <= last else 0

    def shows(self, span: Span) -> bool:
        """Whether all lines of a span are shown."""
        first, last = self._clip(span)
        return first > last or self._shown.find(0, first, last + 1) < 0

    def cost(self, spans: Sequence[Span]) -> int:
        """Units of showing these spans: their hidden lines, and elisions more or fewer."""
        return sum(self._cost(*self._clip(span)) for span in spans)

    def show(self, spans: Sequence[Span]) -> None:
        """Show the lines of these spans."""
        for span in spans:
            first, last = self._clip(span)
            if first <= last:
                self._shown[first : last + 1] = b"\1" * (last + 1 - first)

    def close_gaps(self) -> None:
        """Show what is hidden where it costs no more than the line that stands for it."""
        if self.runs():
            self.show([gap for gap in self.gaps() if self.weight(gap) <= ELISION_WEIGHT])

    def runs(self) -> list[Span]:
        """Spans of shown lines, as long as they can be, in order."""
        return list(self._stretches(1, 1, len(self.lines)))

    def gaps(self) -> list[Span]:
        """Spans of hidden lines, as long as they can be, in order."""
        return list(self._stretches(0, 1, len(self.lines)))

    def _clip(self, span: Span) -> Span:
        return max(span[0], 1), min(span[1], len(self.lines))

    def _cost(self, first: int, last: int) -> int:
        hidden = sum(self._weights.between(*gap) for gap in self._stretches(0, first, last))
        if not hidden:
            return 0
        # Next to a shown line a gap shrinks; elsewhere it is split.
        neighbours = self._shown[first - 1] + self._shown[last + 1]
        return max(1, hidden + ELISION_WEIGHT * (1 - neighbours))

    def _stretches(self, value: int, position: int, last: int) -> Iterator[Span]:
        """Spans in which every line is shown (1) or hidden (0), between two lines."""
        while position <= last:
            first = self._shown.find(value, position, last + 1)
            if first < 0:
                return
            end = self._shown.find(1 - value, first, last + 1)
            position = last + 1 if end < 0 else end
            yield first, position - 1
