"""Changes that the failing tests pass with, told apart by what else they do."""

import json
import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from agent.model.embedded import say
from agent.model.embedded.candidates import Candidate
from agent.model.embedded.trying import Trier
from agent.model.embedded.turns import Turn

_MOST = 8
"""Changes that are compared, the best first."""
_SECONDS = 1.0
"""Seconds for the inputs of one change."""
_WHOLE_SUITE = 10.0
"""A suite that takes longer is not run for this; the failing tests are."""
_INPUTS = re.compile(r"^Compared on (\d+) inputs\.$")
_KEPT = re.compile(r"^(\d+): keeps ([\d.]+)$")
_DIFFER = re.compile(r"^(\d+) and (\d+): (\[.*\])$")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is known of some changes beside each other."""

    changes: Sequence[Candidate] = ()
    """Those that could be compared."""
    inputs: int = 0
    _kept: dict[int, float] = field(default_factory=dict)
    _differ: dict[tuple[int, int], say.Texts] = field(default_factory=dict)

    def kept(self, change: Candidate) -> float:
        """The part of the passing tests' calls whose value a change keeps; all if unknown."""
        return self._kept.get(self._number(change), 1.0)

    def differing(self, change: Candidate) -> list[tuple[Candidate, say.Texts]]:
        """The changes that do something else, each with a call that shows it."""
        mine = self._number(change)
        found = []
        for (one, other), (call, first, second) in self._differ.items():
            if mine == one:
                found.append((self.changes[other - 1], (call, first, second)))
            elif mine == other:
                found.append((self.changes[one - 1], (call, second, first)))
        return found

    def alike(self, change: Candidate) -> int:
        """How many of the others did the same on all inputs."""
        if self._number(change) not in self._kept:
            return 0
        return len(self._kept) - 1 - len(self.differing(change))

    def _number(self, change: Candidate) -> int:
        return next((n for n, one in enumerate(self.changes, 1) if one is change), 0)


def compare(passing: Sequence[Candidate], trier: Trier) -> Generator[Turn, list[str], Comparison]:
    """Have the changes compared, where there are several and the harness can."""
    steps = [(c, trier.desk.change(c.path, c.text)) for c in passing[:_MOST]]
    fit = [(candidate, change) for candidate, change in steps if change is not None]
    if len(fit) < 2 or not trier.together:
        return Comparison()
    found = trier.found
    asked = {
        "changes": [change for _, change in fit],
        "tests": [] if found.base.seconds <= _WHOLE_SUITE else found.probes,
        "failing": sorted(found.base.names),
        "seconds": _SECONDS,
        "seconds_per_test": found.quick_seconds,
    }
    answers = yield Turn(
        say.comparing([candidate for candidate, _ in fit]),
        (*trier.desk.go(), ("compare_changes", asked)),
    )
    return read(answers[-1], [candidate for candidate, _ in fit])


def read(text: str, changes: Sequence[Candidate]) -> Comparison:
    """Read an answer of ``compare_changes``; one that is none knows nothing."""
    head, _, rest = text.partition("\n")
    inputs = _INPUTS.match(head)
    if inputs is None:
        return Comparison()
    kept: dict[int, float] = {}
    differ: dict[tuple[int, int], say.Texts] = {}
    for line in rest.split("\n"):
        if told := _KEPT.match(line):
            kept[int(told[1])] = float(told[2])
        elif told := _DIFFER.match(line):
            call, one, other = json.loads(told[3])
            differ[int(told[1]), int(told[2])] = call, one, other
    return Comparison(changes, int(inputs[1]), kept, differ)
