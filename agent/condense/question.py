"""Asks a model for its notes on a conversation, in as much of it as that model can read."""

from bisect import bisect_left
from collections.abc import Sequence

from agent.condense.elide import elide
from agent.condense.notes import read_notes
from agent.condense.openings import Openings
from agent.condense.parts import joined, take_apart
from agent.condense.room import measure
from agent.consult import consult
from agent.conversation import Conversation
from agent.kit import Kit
from agent.model.base import ContextOverflow, Message, Model, ToolSchema, UserMessage
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
    messages = readable(conversation, openings, render("condense_now"), model, tools)
    if messages is None:
        return None
    try:
        return read_notes(consult(kit, key, "notes", model, messages, tools))
    except ContextOverflow:
        return None


def readable(
    conversation: Conversation,
    openings: Openings,
    question: str,
    model: Model,
    tools: Sequence[ToolSchema],
) -> list[Message] | None:
    """The conversation and a question, less what there is no room for, the oldest first.

    None where not even rules, issue and task fit.
    """
    last = UserMessage(content=question)
    asked = [*conversation.messages, last]
    room = measure(model, tools)
    if room is None or room.count(asked) <= room.most:
        return asked
    parts = take_apart(conversation.messages, conversation.opening)
    turns = [list(map(elide, turn)) for turn in parts.turns]
    opening = [*openings.bare(), *parts.between]

    def with_turns(first: int) -> list[Message]:
        return [*opening, *joined(turns[first:]), last]

    if room.count(with_turns(len(turns))) > room.most:
        return None
    # The more turns are left out, the shorter it is.
    first = bisect_left(
        range(len(turns)), True, key=lambda n: room.count(with_turns(n)) <= room.most
    )
    return with_turns(first)
