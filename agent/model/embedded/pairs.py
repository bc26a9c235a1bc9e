"""Two changes at once, for bugs that one change does not repair.

Trying all pairs is out of the question, so one of a pair has to have shown an effect: it made more
tests pass, or made the first failing test fail in another way. The other is among the most usual
changes at another place of the same file. GenProg (Le Goues et al. 2012) and Hercules (Saha et al.
2019) build repairs of several edits from ones that help by themselves, too.
"""

from collections.abc import Iterator, Sequence

from agent.model.embedded.candidates import Candidate
from agent.model.embedded.languages import parts_of
from agent.model.embedded.observe import Attempt
from agent.model.embedded.spans import Edit, apply

_HELPFUL, _USUAL, _MOST = 16, 80, 1000
_MORE_PASS = 3.0
"""How much more an effect is worth that lets tests pass."""


def pairs(
    outcomes: Sequence[tuple[Candidate, Attempt]], unchanged: Attempt, texts: dict[str, str]
) -> Iterator[Candidate]:
    """Changes of two places, best first, each once."""
    effective = [
        (candidate, candidate.priority * (_MORE_PASS if more else 1.0))
        for candidate, attempt in outcomes
        for more in (attempt.passed > unchanged.passed,)
        if candidate.edits and (more or (attempt.why and attempt.why != unchanged.why))
    ]
    helpful = sorted(effective, key=lambda pair: -pair[1])[:_HELPFUL]
    singles = sorted((c for c, _ in outcomes if c.edits), key=lambda c: -c.priority)[:_USUAL]
    drafts = [
        (weight * other.priority, one, other)
        for one, weight in helpful
        for other in singles
        if other.path == one.path and other.line != one.line and _apart(one.edits, other.edits)
    ]
    drafts.sort(key=lambda draft: -draft[0])
    yield from _built(drafts[:_MOST], texts)


def _built(
    drafts: Sequence[tuple[float, Candidate, Candidate]], texts: dict[str, str]
) -> Iterator[Candidate]:
    parts = {one.path: parts_of(one.path, texts[one.path]) for _, one, _ in drafts}
    seen: set[tuple[str, str]] = set()
    for priority, one, other in drafts:
        edits = (*one.edits, *other.edits)
        key = parts[one.path].key(edits)
        if key is not None and key not in seen:
            seen.add(key)
            text = apply(texts[one.path], edits)
            name = f"{one.template} and, in line {other.line}, {other.template}"
            yield Candidate(one.path, one.line, name, priority, text, key, edits)


def _apart(some: Sequence[Edit], others: Sequence[Edit]) -> bool:
    """Whether no edit of one change touches what one of the other does."""
    return all(a.end < b.start or b.end < a.start for a in some for b in others)
