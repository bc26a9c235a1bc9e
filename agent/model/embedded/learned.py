"""What a search has learned, for whoever goes on after it."""

from dataclasses import dataclass

from agent.model.embedded.candidates import Candidate
from agent.model.embedded.spans import step
from agent.model.embedded.trying import Trier

_SUSPECTS, _KINDS, _NEARER = 12, 12, 3


@dataclass(frozen=True, slots=True)
class Learned:
    """The end of a search in facts; all texts are those of the repository."""

    tried: int
    """Changes that were tried and that the failing tests do not pass with."""
    suspects: list[tuple[str, int, str]]
    """Path, line and text of the most suspicious statements, the first one first."""
    kinds: list[tuple[str, int]]
    """Kinds of changes, and how many of each were tried, the most first."""
    nearer: list[tuple[str, int, str, int]]
    """Path, line, new text of changes with which more tests passed than without, and how many."""


def learned(trier: Trier) -> Learned:
    """What a search knows so far."""
    kinds: dict[str, int] = {}
    for candidate, _ in trier.outcomes:
        kinds[candidate.template] = kinds.get(candidate.template, 0) + 1
    return Learned(
        trier.tried,
        _suspects(trier),
        sorted(kinds.items(), key=lambda kind: -kind[1])[:_KINDS],
        _nearer(trier),
    )


def _suspects(trier: Trier) -> list[tuple[str, int, str]]:
    places = []
    for site in trier.found.sites[:_SUSPECTS]:
        line = site.line
        places.append((site.source.path, line, site.source.lines[line - 1].strip()))
    return places


def _nearer(trier: Trier) -> list[tuple[str, int, str, int]]:
    better = [(c, a) for c, a in trier.outcomes if a.passed > trier.unchanged.passed and not a.good]
    better.sort(key=lambda pair: (-pair[1].passed, -pair[0].priority))
    return [
        (candidate.path, candidate.line, _new_text(trier, candidate), attempt.passed)
        for candidate, attempt in better[:_NEARER]
    ]


def _new_text(trier: Trier, candidate: Candidate) -> str:
    change = step(trier.found.texts[candidate.path], candidate.text)
    return change[1] if change else ""
