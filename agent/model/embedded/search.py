"""The search: a deterministic generator that asks for tool calls and is sent their answers."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from agent.model.embedded import say
from agent.model.embedded.candidates import Candidate, candidates
from agent.model.embedded.look import Findings, look, read, texts_of
from agent.model.embedded.observe import edited, symptoms, test_run
from agent.model.embedded.spans import step
from agent.model.embedded.templates.table import TEMPLATES
from agent.model.embedded.turns import Bounds, Call, Talk, Turn

_FIRST_BATCHES = (4, 6)


@dataclass(slots=True)
class Desk:
    """The files as they were and as they are now."""

    originals: dict[str, str]
    now: dict[str, str]

    def go(self, path: str = "", text: str = "") -> list[Call]:
        """The edits that leave this one file changed, to this text; without a path, none."""
        wanted = self.originals | ({path: text} if path else {})
        calls: list[Call] = []
        for name, after in wanted.items():
            change = step(self.now[name], after)
            if change:
                old, new = change
                arguments = {"operation": "replace", "path": name, "old": old, "new": new}
                calls.append(("edit", arguments))
                self.now[name] = after
        return calls


def search(task: str, bounds: Bounds) -> Talk:
    """Localise, try changes, submit the first that passes everything; or say that none did."""
    found = yield from look(task, bounds)
    if isinstance(found, str):
        yield from _give_up(found)
        return
    yield from read(found, task, bounds)
    if not found.sites:
        yield from _give_up(say.NO_PLACE)
        return
    desk = Desk(dict(found.texts), dict(found.texts))
    tried = 0
    for batch in _batches(_pool(found, bounds), bounds.batch):
        tried += len(batch)
        for candidate in (yield from _try(batch, desk, found, tried)):
            if (yield from _holds(candidate, desk, found)):
                yield _submission(candidate, tried)
    yield from _restore(desk)
    yield from _give_up(say.exhausted(tried, found.sites))


def _pool(found: Findings, bounds: Bounds) -> Iterator[Candidate]:
    kinds = frozenset(kind for test in found.targets for kind in symptoms(test.message))
    return islice(candidates(found.sites, TEMPLATES, kinds), bounds.candidates)


def _batches(pool: Iterator[Candidate], size: int) -> Iterator[list[Candidate]]:
    """The candidates in groups, small ones first: the best are often right."""
    for wanted in _FIRST_BATCHES:
        if batch := list(islice(pool, min(wanted, size))):
            yield batch
    while batch := list(islice(pool, size)):
        yield batch


def _submission(candidate: Candidate, tried: int) -> Turn:
    arguments = {"summary": say.summary(candidate, tried), "solved": True}
    return Turn(say.submitting(candidate), (("submit", arguments),))


def _give_up(reason: str) -> Talk:
    while True:
        yield Turn(reason, (("submit", {"summary": reason, "solved": False}),))


def _restore(desk: Desk) -> Talk:
    calls = desk.go()
    if calls:
        yield Turn(say.RESTORING, tuple(calls))


def _try(
    batch: Sequence[Candidate], desk: Desk, found: Findings, tried: int
) -> Generator[Turn, list[str], list[Candidate]]:
    """Run the failing tests on each change of a batch; which changes pass them."""
    calls: list[Call] = []
    spans: list[slice] = []
    asked = {"tests": found.probes, "stop_early": True, "seconds_per_test": found.seconds}
    for candidate in batch:
        first = len(calls)
        calls += [*desk.go(candidate.path, candidate.text), ("run_tests", asked)]
        spans.append(slice(first, len(calls)))
    answers = yield Turn(say.trying(batch, tried), tuple(calls))
    passing = []
    for candidate, span in zip(batch, spans, strict=True):
        *edits, result = answers[span]
        if not all(edited(answer) for answer in edits):
            yield from _recover(desk)
            break
        if test_run(result).good:
            passing.append(candidate)
    return passing


def _recover(desk: Desk) -> Talk:
    """Something else changed a file: see what is there, and put the original back."""
    texts = yield from texts_of(say.RECOVERING, list(desk.originals))
    desk.now.update(texts)
    yield from _restore(desk)


def _holds(candidate: Candidate, desk: Desk, found: Findings) -> Generator[Turn, list[str], bool]:
    """Run everything on a change that the failing tests pass."""
    alone = len(found.targets) == len(found.base.broken)
    asked = {"stop_early": alone, "seconds_per_test": 2 * found.seconds}
    calls = [*desk.go(candidate.path, candidate.text), ("run_tests", asked)]
    answers = yield Turn(say.verifying(candidate), tuple(calls))
    after = test_run(answers[-1])
    if not after.counted or not all(edited(answer) for answer in answers[:-1]):
        return False
    others = found.base.names - {test.name for test in found.targets}
    return after.names <= others and after.passed >= found.base.passed + len(found.targets)
