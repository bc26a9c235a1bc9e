"""The search: a deterministic generator that asks for tool calls and is sent their answers."""

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from agent.model.embedded import say
from agent.model.embedded.candidates import Candidate, candidates
from agent.model.embedded.comparing import Comparison, compare
from agent.model.embedded.desk import Desk
from agent.model.embedded.keeping import Keeper
from agent.model.embedded.languages import accused_of, symptoms_of
from agent.model.embedded.look import Findings, look, read
from agent.model.embedded.pairs import pairs
from agent.model.embedded.past import Past, past_edits
from agent.model.embedded.spans import step
from agent.model.embedded.trying import Trier
from agent.model.embedded.turns import Bounds, Talk, Turn

_WORD = re.compile(r"\w+|[^\w\s]")
_BULK = 0.02
"""How much each word or sign of the lines that a change writes or takes away costs it."""


@dataclass(slots=True)
class Progress:
    """How far a search is, for whoever looks on."""

    trier: Trier | None = None


def search(task: str, bounds: Bounds, progress: Progress) -> Talk:
    """Localise, try changes, submit the first that passes everything; or say that none did."""
    found = yield from look(task, bounds)
    if isinstance(found, str):
        yield from _give_up(found)
        return
    yield from read(found, task, bounds)
    if not found.sites:
        yield from _give_up(say.NO_PLACE)
        return
    past = yield from _remember(list(found.texts))
    trier = Trier(Desk(dict(found.texts), dict(found.texts)), found, bounds)
    progress.trier = trier
    pool = chain(_pool(found, past), _slow(trier), _pairs(trier))
    keeper = Keeper(trier)
    while batch := trier.batch(pool):
        passing = yield from trier.attempt(batch)
        yield from _submit(passing, keeper)
    yield from trier.desk.restore()
    yield from _give_up(say.exhausted(trier.tried, found.sites))


def _submit(passing: Sequence[Candidate], keeper: Keeper) -> Generator[Turn, list[str], None]:
    """Submit those that break nothing else, best first, until one is not refused."""
    trier = keeper.trier
    rest = sorted(passing, key=lambda c: -_appeal(c, trier.found))
    rest = yield from keeper.spared(rest)
    seen = yield from compare(rest, trier)
    rest.sort(key=lambda c: -seen.kept(c))
    while rest := (yield from keeper.spared(rest)):
        candidate = rest.pop(0)
        if (yield from keeper.holds(candidate)):
            others = [other for other in passing if other is not candidate]
            yield _submission(candidate, trier.tried, others, seen)


def _remember(paths: Sequence[str]) -> Generator[Turn, list[str], Past]:
    """Ask for the small edits that earlier commits made to files and those beside them."""
    answers = yield Turn(say.REMEMBERING, (("past_changes", {"paths": paths}),))
    return Past(past_edits(answers[0]))


def _appeal(candidate: Candidate, found: Findings) -> float:
    """How much a change that passes is liked: usual ones in suspicious places, and small ones."""
    change = step(found.texts[candidate.path], candidate.text)
    written = sum(len(_WORD.findall(part)) for part in change) if change else 0
    return candidate.priority / (1 + _BULK * written)


def _pool(found: Findings, past: Past) -> Iterator[Candidate]:
    symptoms = symptoms_of(test.message for test in found.targets)
    accused = accused_of(test.message for test in found.targets)
    return candidates(found.sites, symptoms, past, accused)


def _slow(trier: Trier) -> Iterator[Candidate]:
    """Changes that may only have been too slow, tried again when none of the others is good."""
    trier.patient = True
    if trier.found.quick_seconds < trier.found.seconds:
        yield from trier.slow


def _pairs(trier: Trier) -> Iterator[Candidate]:
    """Begun when all single changes have been tried, by what came of them."""
    if trier.together:  # at a run of its own for each, they would take too long
        yield from pairs(trier.outcomes, trier.unchanged, trier.found.texts)


def _submission(
    candidate: Candidate, tried: int, others: Sequence[Candidate], seen: Comparison
) -> Turn:
    compared = say.compared(seen.inputs, seen.alike(candidate), seen.differing(candidate))
    summary = say.summary(candidate, tried, others, compared)
    arguments = {"summary": summary, "solved": True}
    return Turn(say.submitting(candidate), (("submit", arguments),))


def _give_up(reason: str) -> Talk:
    while True:
        yield Turn(reason, (("submit", {"summary": reason, "solved": False}),))
