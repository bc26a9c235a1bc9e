"""Questions to a model besides the conversation; each is paid once and kept in the journal."""

from collections.abc import Sequence
from typing import Literal

from agent.events import Consulted
from agent.kit import Kit
from agent.model.base import Message, Model, Reply, ToolSchema


def consult(
    kit: Kit,
    key: str,
    purpose: Literal["notes", "document", "opinion"],
    model: Model,
    messages: Sequence[Message],
    tools: Sequence[ToolSchema],
) -> Reply:
    """The reply to a question; the one of the first time, however often it is asked."""
    return kit.journal.once(
        key,
        lambda: Consulted(
            purpose=purpose, asked=list(messages), reply=model.reply(messages, tools)
        ),
    ).reply
