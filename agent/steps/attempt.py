"""One of several candidates: how it begins, when it is dropped, and what is kept of it."""

from collections.abc import Callable
from typing import Any

from agent.budget import spent
from agent.conversation import fold
from agent.events import Judged, Opened
from agent.kit import Kit
from agent.state import Attempt, Repair

Step = Callable[[Repair, Kit], dict[str, Any]]

_DROPPED = "another candidate is proven"


def begin(state: Repair, run: Kit, kit: Kit) -> None:
    """Open the candidate's conversation with what the run's own was opened with."""
    opened = next(
        entry.event for entry in reversed(run.journal.entries) if isinstance(entry.event, Opened)
    )
    kit.journal.once(f"opened-{state.phase}", lambda: opened)


def unless_settled(step: Step) -> Step:
    """The step, which does nothing more once another candidate is proven."""

    def unless(state: Repair, kit: Kit) -> dict[str, Any]:
        if kit.settled.is_set() and not kit.settings.every_candidate:
            # Halted with nothing changed: there is nothing left to be judged.
            return {"halted": _DROPPED, "changed": False, "submitted": False, "gave_up": True}
        done = step(state, kit)
        if done.get("proven"):
            kit.settled.set()
        return done

    unless.__name__ = step.__name__
    return unless


def attempted(number: int, kit: Kit) -> Attempt:
    """What is kept of a candidate that has ended."""
    entries = kit.journal.entries
    verdicts = [entry.event.verdict for entry in entries if isinstance(entry.event, Judged)]
    last = fold(entries).last
    blob = kit.store.put(verdicts[-1].model_dump_json().encode()) if verdicts else ""
    return Attempt(
        candidate=number,
        verdict=blob,
        tokens=spent(entries, kit.journal.elapsed, kit.settings.budget).tokens,
        summary=last.summary if last else "",
    )
