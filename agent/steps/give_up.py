"""End a run without a proven patch: hand over the best attempt and say why."""

from typing import Any

from agent.conversation import fold
from agent.events import Ended, Judged
from agent.evidence.gate import Verdict
from agent.evidence.report import write
from agent.kit import Kit
from agent.reporting import dossier_of
from agent.state import Outcome, Repair


def give_up(state: Repair, kit: Kit) -> dict[str, Any]:
    """Keep the last attempt as a patch, marked as unproven by the outcome, with the reason."""
    ended = kit.journal.once("ended", lambda: _ended(state, kit))
    return {"outcome": ended.outcome, "reason": ended.reason}


def _ended(state: Repair, kit: Kit) -> Ended:
    best = _best(kit)
    tree = best.tree if best else fold(kit.journal.entries).tree
    diff = kit.store.diff(state.base, tree) if tree else b""
    if diff:
        kit.folder.patch.write_bytes(diff)
    if best:
        write(dossier_of(state, kit, best, diff), kit.folder.path)
    return Ended(
        outcome=Outcome.NONE,
        reason=_reason(state, kit),
        patch=str(kit.folder.patch) if diff else "",
    )


def _best(kit: Kit) -> Verdict | None:
    """The verdict with the fewest objections, the latest of several; None where there is none."""
    verdicts = [e.event.verdict for e in kit.journal.entries if isinstance(e.event, Judged)]
    return min(reversed(verdicts), key=lambda verdict: len(verdict.objections), default=None)


def _reason(state: Repair, kit: Kit) -> str:
    last = fold(kit.journal.entries).last
    verdicts = [e.event.verdict for e in kit.journal.entries if isinstance(e.event, Judged)]
    refused = f"; the last candidate was refused: {verdicts[-1].objections[0]}" if verdicts else ""
    if state.halted:
        return state.halted + refused
    said = f": {last.summary}" if last and last.summary else ""
    if state.reproduction is None:
        return f"no test that fails on the base could be had{said}"
    return f"the model gave up{said}{refused}"
