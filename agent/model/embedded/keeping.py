"""Whether a change that the failing tests pass with keeps what passed before.

Failing tests that ask for little let many changes pass, most of which break something else, and
often the same. What one of them broke is therefore run first on the next, many in one run, and the
whole suite on those that are left: Y. Qi, X. Mao and Y. Lei, "Efficient Automated Program Repair
through Fault-Recorded Testing Prioritization", ICSM 2013.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from agent.model.embedded import say
from agent.model.embedded.candidates import Candidate
from agent.model.embedded.observe import TestRun, edited, test_run
from agent.model.embedded.trying import Tried, Trier
from agent.model.embedded.turns import Turn

_MOST = 4
"""How many of the tests that one change broke are run on the next."""
_WORTH = 2.0
"""Seconds of whole runs that it takes for a run of a few tests before them to pay."""


@dataclass(slots=True)
class Keeper:
    """Runs what passed before on changes that the failing tests pass with."""

    trier: Trier
    witnesses: list[str] = field(default_factory=list)
    """The tests that such changes broke, in the order in which this was seen."""
    _faced: dict[tuple[str, str], int] = field(default_factory=dict)
    """How many of the witnesses each change has passed."""

    def spared(self, candidates: Sequence[Candidate]) -> Tried:
        """The changes that break none of the tests that others are known to have broken."""
        kept = list(candidates)
        least = min((self._faced.get(c.key, 0) for c in kept), default=0)
        tests = self.witnesses[least:]
        worth = len(kept) * self.trier.found.base.seconds >= _WORTH
        if not (tests and worth and self.trier.together):
            return kept
        limit = self._seconds_per_test()
        text = say.sparing(kept, tests)
        fit, told = yield from self.trier.run_together(text, kept, tests, limit)
        for candidate in kept:
            self._faced[candidate.key] = len(self.witnesses)
        if told.problem or told.unchanged is None or not told.unchanged.good:
            return kept
        broke = {fit[number - 1].key for number, one in told.changes.items() if not one.good}
        return [candidate for candidate in kept if candidate.key not in broke]

    def holds(self, candidate: Candidate) -> Generator[Turn, list[str], bool]:
        """Run everything on a change that the failing tests pass with."""
        found = self.trier.found
        alone = len(found.targets) == len(found.base.broken)
        asked = {"stop_early": alone, "seconds_per_test": self._seconds_per_test()}
        calls = [*self.trier.desk.go(candidate.path, candidate.text), ("run_tests", asked)]
        answers = yield Turn(say.verifying(candidate), tuple(calls))
        after = test_run(answers[-1])
        if not after.counted or not all(edited(answer) for answer in answers[:-1]):
            return False
        self._learn(after)
        others = found.base.names - {test.name for test in found.targets}
        return after.names <= others and after.passed >= found.base.passed + len(found.targets)

    def _learn(self, after: TestRun) -> None:
        before = self.trier.found.base.names | set(self.witnesses)
        new = [test.name for test in after.broken if test.name not in before]
        self.witnesses += new[:_MOST]

    def _seconds_per_test(self) -> float:
        return 2 * self.trier.found.seconds
