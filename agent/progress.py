"""Whether a conversation still gets anywhere, told by what it has done and not by what it says.

A turn is known by the repository it leaves, the outcome of the tests it ran, and its calls. One
that was there before has brought nothing: not a file read, not a change, not a result. Several of
them in a row are a loop, however long its period: first the model is warned, then it is shown what
it has tried, then the run ends and says why.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from agent.events import Acted, Condensed, Opened, Replied
from agent.journal import Entry
from agent.model.base import ToolCall
from agent.narration import call_in_words


class Loop(IntEnum):
    """How far a conversation is in its loop."""

    NONE = 0
    WARN = 3
    """So many turns in a row that were there before."""
    NUDGE = 5
    STOP = 8


@dataclass(frozen=True, slots=True)
class Progress:
    """What a conversation's turns come to."""

    repeated: int = 0
    """Turns at its end, one after the other, that were there before."""
    tried: tuple[str, ...] = ()
    """Its calls, each once and in order, with how often it was made and what the tests said."""

    @property
    def loop(self) -> Loop:
        """What is due now; each is due once in a loop, stopping for as long as it lasts."""
        if self.repeated >= Loop.STOP:
            return Loop.STOP
        return Loop(self.repeated) if self.repeated in (Loop.WARN, Loop.NUDGE) else Loop.NONE


def progress(entries: Iterable[Entry]) -> Progress:
    """How the conversation that was opened last is getting on."""
    seen: set[str] = set()
    counts: dict[str, int] = {}
    repeated, calls = 0, list[ToolCall]()
    for entry in entries:
        match entry.event:
            case Opened():
                seen, counts, repeated = set(), {}, 0
            case Condensed():
                seen, repeated = set(), 0  # what is no longer in view may be looked at again
            case Replied(reply=reply):
                calls = reply.message.calls
            case Acted() as acted:
                name = _name(acted, calls)
                repeated = repeated + 1 if name in seen else 0
                seen.add(name)
                for line in _lines(acted, calls):
                    counts[line] = counts.get(line, 0) + 1
    tried = (f"{line} ({count} times)" if count > 1 else line for line, count in counts.items())
    return Progress(repeated, tuple(tried))


def _name(acted: Acted, calls: list[ToolCall]) -> str:
    made = [(call.name, call.arguments) for call in calls]
    return json.dumps([acted.tree, acted.tests, made], sort_keys=True)


def _lines(acted: Acted, calls: list[ToolCall]) -> list[str]:
    outcome = f": {acted.tests}" if acted.tests else ""
    return [
        call_in_words(call.name, call.arguments) + (outcome if call.name == "run_tests" else "")
        for call in calls
    ]
