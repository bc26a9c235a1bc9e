"""Asks a model for its notes on a conversation, in as much of it as that model can read."""

from collections.abc import Callable, Sequence

from agent.condense.elide import elide
from agent.condense.notes import read_notes
from agent.condense.openings import Openings
from agent.condense.parts import joined, take_apart
from agent.condense.room import measure
from agent.consult import consult
from agent.conversation import Conversation
from agent.kit import Kit
from agent.model.base import ContextOverflow, Message, UserMessage
from agent.toolset import tool_schema, tool_schemas
from prompts import render
from tools.actions.condense import CONDENSE, CondenseArguments


def ask_for_notes(
    kit: Kit, key: str, conversation: Conversation, openings: Openings
) -> CondenseArguments | None:
    """The model's notes; None where it gives none.

    The model of the conversation is asked with all the tools it knows, so that its server has the
    prompt in its cache; a small model, where there is one, with the one tool that it needs.
    """
    own = kit.small is None
    model = kit.small or kit.model
    tools = tool_schemas() if own else [tool_schema(CONDENSE)]
    room = measure(model, tools)
    messages = _readable(
        conversation, openings, lambda asked: room is None or room.count(asked) <= room.most
    )
    if messages is None:
        return None
    try:
        return read_notes(consult(kit, key, "notes", model, messages, tools))
    except ContextOverflow:
        return None


def _readable(
    conversation: Conversation, openings: Openings, fits: Callable[[Sequence[Message]], bool]
) -> list[Message] | None:
    """The conversation and the question, less what there is no room for, the oldest first."""
    question = UserMessage(content=render("condense_now"))
    asked = [*conversation.messages, question]
    if fits(asked):
        return asked
    parts = take_apart(conversation.messages, conversation.opening)
    turns = [list(map(elide, turn)) for turn in parts.turns]
    least, most = 0, len(turns)
    opening = [*openings.bare(), *parts.between]
    if not fits([*opening, question]):
        return None
    while least < most:
        middle = (least + most) // 2
        if fits([*opening, *joined(turns[middle:]), question]):
            most = middle
        else:
            least = middle + 1
    return [*opening, *joined(turns[most:]), question]
