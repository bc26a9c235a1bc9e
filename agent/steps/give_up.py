"""End a run without a proven patch: hand over the best attempt and say why."""

from typing import Any

from agent.conversation import fold
from agent.events import Ended, Judged
from agent.kit import Kit
from agent.state import Outcome, Repair


def give_up(state: Repair, kit: Kit) -> dict[str, Any]:
    """Keep the last attempt as a patch, marked as unproven by the outcome, with the reason."""
    ended = kit.journal.once("ended", lambda: _ended(state, kit))
    return {"outcome": ended.outcome, "reason": ended.reason}


def _ended(state: Repair, kit: Kit) -> Ended:
    tree = _best_tree(kit)
    diff = kit.store.diff(state.base, tree) if tree else b""
    if diff:
        kit.folder.patch.write_bytes(diff)
    return Ended(
        outcome=Outcome.NONE,
        reason=_reason(state, kit),
        patch=str(kit.folder.patch) if diff else "",
    )


def _best_tree(kit: Kit) -> str:
    """The judged tree with the fewest objections, the latest of several; else the work as it is."""
    verdicts = [e.event.verdict for e in kit.journal.entries if isinstance(e.event, Judged)]
    if not verdicts:
        return fold(kit.journal.entries).tree
    return min(reversed(verdicts), key=lambda verdict: len(verdict.objections)).tree


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
