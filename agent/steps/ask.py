"""Ask the model for its next message, once for each turn, however often the step is carried out."""

from typing import Any

from agent.budget import exhausted, spent
from agent.condense.ladder import Remembering, make_room, recall
from agent.condense.room import measure
from agent.conversation import fold
from agent.events import Replied
from agent.kit import Kit
from agent.model.base import ContextOverflow
from agent.progress import Loop, progress
from agent.routing import choose
from agent.state import Repair
from agent.toolset import tool_schemas

_SILENT_REPLIES = 3
_TRIES = 5
"""A server that finds a prompt too long, whatever we have counted, gets a shorter one so often."""


def ask(state: Repair, kit: Kit) -> dict[str, Any]:
    """Get one reply, or say why the model is not asked any more."""
    turn = state.replies + 1
    reason = _halted(kit)
    if reason:
        return {"halted": reason}
    try:
        kit.journal.once(f"replied-{turn}", lambda: _replied(state, kit, turn))
    except ContextOverflow as error:
        return {"halted": f"the conversation no longer fits the model's window: {error}"}
    return {"replies": turn}


def _replied(state: Repair, kit: Kit, turn: int) -> Replied:
    """The reply to a conversation that fits, by our count and by the server's."""
    tools = tool_schemas()
    role, model = choose(kit, tools)
    if isinstance(model, Remembering):
        recall(kit, f"condensed-{turn}-0", model)
    for tighter in range(_TRIES):
        room = measure(model, tools, tighter)
        if room is not None:
            make_room(state, kit, f"condensed-{turn}-{tighter}", room)
        try:
            messages = fold(kit.journal.entries).messages
            return Replied(turn=turn, reply=model.reply(messages, tools), role=role)
        except ContextOverflow:
            if room is None or tighter + 1 == _TRIES:
                raise
    raise AssertionError("the last try returns or raises")


def _halted(kit: Kit) -> str:
    entries = kit.journal.entries
    budget = kit.settings.budget
    reason = exhausted(budget, spent(entries, kit.journal.elapsed, budget))
    if not reason and progress(entries).loop is Loop.STOP:
        reason = f"the model goes in circles ({Loop.STOP} turns in a row brought nothing new)"
    if not reason and fold(entries).silent >= _SILENT_REPLIES:
        reason = f"the model stopped using its tools ({_SILENT_REPLIES} replies without a call)"
    return reason
