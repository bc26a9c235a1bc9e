"""How many failing and passing tests ran each line, written out in pieces that add up."""

LINES = 5000
"""Lines of one file that one test counts for."""


class Tally:
    """Counts since the last piece was taken."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[int, list[int]]] = {}

    def add(self, seen: "dict[str, set[int]]", failed: bool) -> None:
        """Count the lines of one test."""
        column = 0 if failed else 1
        for path, lines in seen.items():
            counts = self._counts.setdefault(path, {})
            for line in sorted(lines)[:LINES]:
                counts.setdefault(line, [0, 0])[column] += 1

    def take(self) -> "dict[str, list[list[int]]]":
        """The counts since the last time, as runs of lines: first, last, failing, passing."""
        taken = {path: _runs(counts) for path, counts in self._counts.items() if counts}
        self._counts = {}
        return taken


def _runs(counts: "dict[int, list[int]]") -> "list[list[int]]":
    runs: list[list[int]] = []
    for line in sorted(counts):
        if runs and runs[-1][1] == line - 1 and runs[-1][2:] == counts[line]:
            runs[-1][1] = line
        else:
            runs.append([line, line, *counts[line]])
    return runs
