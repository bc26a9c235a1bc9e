"""Which model a turn of the conversation goes to, where there is a small one beside the main one.

The small one repairs as long as the task is simple, the prompt short and nothing has gone wrong;
from then on the main one goes on with the same conversation, and keeps it.
"""

import re
from collections.abc import Sequence
from typing import Literal

from agent.condense.room import measure
from agent.conversation import fold
from agent.events import Event, Judged, Opened, Replied
from agent.kit import Kit
from agent.model.base import Model, ToolSchema
from agent.progress import Loop, progress

Role = Literal["main", "small"]

_DESIGN = re.compile(
    r"\b(re-?factor|re-?design|re-?write|architect|migrat|deprecat|concurren|deadlock"
    r"|race condition|thread.?safe|performance|api design|backwards?.compatib)",
    re.IGNORECASE,
)
_LONG_ISSUE = 6_000
"""Characters from which on an issue counts as no simple one."""


def choose(kit: Kit, tools: Sequence[ToolSchema]) -> tuple[Role, Model]:
    """Who gives the next reply."""
    if kit.small is None or kit.settings.route == "main" or not _small_will_do(kit, tools):
        return "main", kit.model
    return "small", kit.small


def simple(issue: str) -> bool:
    """Whether an issue asks for a repair, as far as its words tell, and for no design."""
    return len(issue) < _LONG_ISSUE and _DESIGN.search(issue) is None


def _small_will_do(kit: Kit, tools: Sequence[ToolSchema]) -> bool:
    assert kit.small is not None
    events = _of_conversation([entry.event for entry in kit.journal.entries])
    handed_over = any(isinstance(e, Replied) and e.role == "main" for e in events)
    refused = any(isinstance(e, Judged) and not e.verdict.proven for e in events)
    looping = progress(kit.journal.entries).repeated >= Loop.WARN
    if handed_over or refused or looping or not simple(kit.issue):
        return False
    conversation = fold(kit.journal.entries)
    room = measure(kit.small, tools)
    if conversation.silent or room is None:
        return False
    return room.count(conversation.messages) < min(kit.settings.route_tokens, room.pressed)


def _of_conversation(events: Sequence[Event]) -> Sequence[Event]:
    """The events since the conversation was opened."""
    opened = (n for n in range(len(events) - 1, -1, -1) if isinstance(events[n], Opened))
    return events[next(opened, 0) :]
