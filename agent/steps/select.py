"""Choose among several judged candidates, by evidence first."""

from functools import partial
from typing import Any

from agent.events import Judged
from agent.evidence.gate import Verdict
from agent.evidence.selection import Judged as Candidate
from agent.evidence.selection import ranked
from agent.kit import Kit
from agent.state import Attempt, Repair


def select(state: Repair, kit: Kit) -> dict[str, Any]:
    """Write every verdict down, the best one last, and go on with that."""
    attempts = {str(a.candidate): a for a in sorted(state.attempts, key=lambda a: a.candidate)}
    candidates = [
        _candidate(state, kit, attempt) for attempt in attempts.values() if attempt.verdict
    ]
    best_first = ranked(candidates)
    for candidate in reversed(best_first):
        judged = _judged(candidate, attempts[candidate.name])
        kit.journal.once(f"judged-candidate-{candidate.name}", partial(_same, judged))
    proven = bool(best_first) and best_first[0].verdict.proven
    halted = "" if proven else f"none of {state.candidates} candidates is proven"
    return {"verdicts": len(candidates), "proven": proven, "halted": halted}


def _candidate(state: Repair, kit: Kit, attempt: Attempt) -> Candidate:
    verdict = Verdict.model_validate_json(kit.store.get(attempt.verdict))
    return Candidate(str(attempt.candidate), kit.store.diff(state.base, verdict.tree), verdict)


def _judged(candidate: Candidate, attempt: Attempt) -> Judged:
    return Judged(
        verdict=candidate.verdict,
        candidate=attempt.candidate,
        tokens=attempt.tokens,
        summary=attempt.summary,
    )


def _same(judged: Judged) -> Judged:
    return judged
