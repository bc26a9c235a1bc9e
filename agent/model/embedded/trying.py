"""Tries changes on the failing tests: many in one run where that can be had, else one run each.

That many are tried in one run is a matter of speed alone. A verdict that counts is reached by a run
of its own, and some of those that do not are sampled: when one differs, each change gets its own.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from agent.model.embedded import say
from agent.model.embedded.candidates import Candidate
from agent.model.embedded.desk import Desk
from agent.model.embedded.look import Findings
from agent.model.embedded.observe import Attempt, Attempts, attempts, edited, test_run
from agent.model.embedded.turns import Bounds, Call, Turn

_FAILED = Attempt(0, 1)
_FIRST_FEW = (4, 6)
_FIRST_MANY = (24, 60)
_SECOND_CHANCES, _LONGER = 8, 4.0
"""The best changes that were stopped soon get so many times longer after the first batches."""

Tried = Generator[Turn, list[str], list[Candidate]]
"""Turns that try a batch; returns the changes that the failing tests pass with."""


@dataclass(slots=True)
class Trier:
    """Goes through a pool of changes, batch by batch."""

    desk: Desk
    found: Findings
    bounds: Bounds
    together: bool = True
    """Many changes are tried in one run."""
    doubt: str = ""
    """Why they are not; told once."""
    tried: int = 0
    unchanged: Attempt = _FAILED
    """The tests that changes are tried on, with no change."""
    seconds: float = 0.0
    """What trying took."""
    outcomes: list[tuple[Candidate, Attempt]] = field(default_factory=list)
    """What became of each change, where more is known than that it failed."""
    slow: list[Candidate] = field(default_factory=list)
    """Changes that were stopped in the little time that tests have at first."""
    patient: bool = False
    """Tests have all their time now."""
    _back: list[Candidate] = field(default_factory=list)
    _second_chance: bool = False
    """The batch at hand consists of changes that were stopped before."""
    _batches: int = 0
    _sampled: int = 0

    def batch(self, pool: Iterator[Candidate]) -> list[Candidate]:
        """The next changes to try: few at first, as the best are often right."""
        self._second_chance = self._is_time_for_second_chances()
        if self._second_chance:
            self._batches += 1
            return sorted(self.slow, key=lambda c: -c.priority)[:_SECOND_CHANCES]
        size = self.bounds.large_batch if self.together else self._affordable()
        first = _FIRST_MANY if self.together else _FIRST_FEW
        if self._batches < len(first):
            size = min(size, first[self._batches])
        size = min(size, self.bounds.candidates - self.tried)
        if size <= 0 or self.seconds >= self.bounds.seconds:
            return []
        self._batches += 1
        taken, self._back = self._back[:size], self._back[size:]
        return [*taken, *islice(pool, size - len(taken))]

    def _is_time_for_second_chances(self) -> bool:
        due = self.together and not self.patient and self._batches == len(_FIRST_MANY)
        return due and bool(self.slow) and self.seconds < self.bounds.seconds

    def _affordable(self) -> int:
        """How many runs of their own fit into a turn, as far as the last ones tell."""
        each = max(0.1, self.found.probe_seconds)
        return max(1, min(self.bounds.batch, int(self.bounds.turn_seconds / each)))

    def attempt(self, batch: list[Candidate]) -> Tried:
        """Run the failing tests on each change of a batch."""
        if self.together:
            return (yield from self._in_one_run(batch))
        return (yield from self._one_by_one(batch))

    def _in_one_run(self, batch: list[Candidate]) -> Tried:
        fit, told = yield from self.run_together(
            say.trying(batch, self.tried), batch, self.found.probes, self._seconds_per_test()
        )
        if told.problem or told.unchanged is None or told.unchanged.good:
            self._doubt(told.problem or "the unchanged files pass there", batch)
            return []
        if not told.changes:
            self._doubt("one change takes longer than a turn may", batch)
            return []
        self.unchanged = told.unchanged
        self.tried += len(told.changes)
        pairs = [(fit[number - 1], attempt) for number, attempt in told.changes.items()]
        self.outcomes += pairs
        if not self.patient and not self._second_chance:
            self.slow += [candidate for candidate, attempt in pairs if attempt.stopped]
        self._back += [c for number, c in enumerate(fit, 1) if number not in told.changes]
        good = [candidate for candidate, attempt in pairs if attempt.good]
        if not good and self.tried >= self._sampled:
            self._sampled = self.tried + self.bounds.sample
            if not (yield from self._same_alone(pairs[0][0])):
                self._doubt(say.DISAGREED, batch)
        return good

    def run_together(
        self, text: str, batch: Sequence[Candidate], tests: Sequence[str], seconds_per_test: float
    ) -> Generator[Turn, list[str], tuple[list[Candidate], Attempts]]:
        """Run tests on each change of a batch in one run.

        Returns the changes that could be put into words, and what became of each by its place
        among them, from 1.
        """
        changes = [self.desk.change(candidate.path, candidate.text) for candidate in batch]
        fit = [c for c, change in zip(batch, changes, strict=True) if change is not None]
        asked = {
            "changes": [change for change in changes if change is not None],
            "tests": list(tests),
            "seconds": self.bounds.turn_seconds,
            "seconds_per_test": seconds_per_test,
        }
        answers = yield Turn(text, (*self.desk.go(), ("try_changes", asked)))
        told = attempts(answers[-1])
        self.seconds += told.seconds
        return fit, told

    def _seconds_per_test(self) -> float:
        if self._second_chance:
            return min(self.found.seconds, _LONGER * self.found.quick_seconds)
        return self.found.seconds if self.patient else self.found.quick_seconds

    def _doubt(self, reason: str, batch: list[Candidate]) -> None:
        self.together, self.doubt = False, reason
        self._batches = 0
        self._back += batch

    def _same_alone(self, failed: Candidate) -> Generator[Turn, list[str], bool]:
        """Whether a change that failed beside others fails by itself too."""
        calls = [*self.desk.go(failed.path, failed.text), ("run_tests", self._asked())]
        answers = yield Turn(say.sampling(failed), tuple(calls))
        after = test_run(answers[-1])
        self.seconds += after.seconds
        return not after.good

    def _asked(self) -> dict[str, object]:
        return {
            "tests": self.found.probes,
            "stop_early": True,
            "seconds_per_test": self.found.seconds,
        }

    def _one_by_one(self, batch: list[Candidate]) -> Tried:
        calls: list[Call] = []
        spans: list[slice] = []
        for candidate in batch:
            first = len(calls)
            edits = self.desk.go(candidate.path, candidate.text)
            calls += [*edits, ("run_tests", self._asked())]
            spans.append(slice(first, len(calls)))
        text = say.trying(batch, self.tried)
        if self.doubt:
            text, self.doubt = f"{say.one_by_one(self.doubt)} {text}", ""
        answers = yield Turn(text, tuple(calls))
        self.tried += len(batch)
        passing = []
        for candidate, span in zip(batch, spans, strict=True):
            *changed, result = answers[span]
            if not all(edited(answer) for answer in changed):
                yield from self.desk.recover()
                break
            after = test_run(result)
            self.seconds += after.seconds
            self.found.probe_seconds = 0.5 * (self.found.probe_seconds + after.seconds)
            self.outcomes.append((candidate, Attempt(after.passed, len(after.broken))))
            if after.good:
                passing.append(candidate)
        return passing
