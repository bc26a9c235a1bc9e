"""Ask the model for its next message, once for each turn, however often the step is carried out."""

from typing import Any

from agent.budget import exhausted, spent
from agent.conversation import fold
from agent.events import Replied
from agent.kit import Kit
from agent.model.base import ContextOverflow, ToolSchema
from agent.state import Repair
from prompts import render
from tools.actions.catalogue import ACTIONS

_SILENT_REPLIES = 3


def ask(state: Repair, kit: Kit) -> dict[str, Any]:
    """Get one reply, or say why the model is not asked any more."""
    turn = state.replies + 1
    reason = _halted(kit)
    if reason:
        return {"halted": reason}
    try:
        kit.journal.once(f"replied-{turn}", lambda: _replied(kit, turn))
    except ContextOverflow as error:
        return {"halted": f"the conversation no longer fits the model's window: {error}"}
    return {"replies": turn}


def _replied(kit: Kit, turn: int) -> Replied:
    messages = fold(kit.journal.entries).messages
    return Replied(turn=turn, reply=kit.model.reply(messages, tool_schemas()))


def _halted(kit: Kit) -> str:
    entries = kit.journal.entries
    reason = exhausted(kit.settings.budget, spent(entries, kit.journal.elapsed))
    if not reason and fold(entries).silent >= _SILENT_REPLIES:
        reason = f"the model stopped using its tools ({_SILENT_REPLIES} replies without a call)"
    return reason


def tool_schemas() -> list[ToolSchema]:
    """The tools as a model is told of them."""
    return [
        ToolSchema(
            name=action.name,
            description=render(f"tools/{action.name}"),
            parameters=_without_titles(action.arguments.model_json_schema()),
        )
        for action in ACTIONS.values()
    ]


def _without_titles(schema: Any) -> Any:
    """Drop what pydantic adds for documentation: class names and docstrings are not prompts."""
    if isinstance(schema, dict):
        dropped = ("title", "description")
        return {k: _without_titles(v) for k, v in schema.items() if k not in dropped}
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    return schema
