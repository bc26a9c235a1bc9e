"""A recorded run served as a model: its replies again, each for the conversation that led to it.

Nothing is asked of any server and nothing is made up. What comes back is the recorded reply, usage
and times included, so that a run can be looked at again, or carried out again through the tools.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from agent.conversation import fold
from agent.events import Consulted, Replied
from agent.journal import Entry, read_journal
from agent.model.base import AssistantMessage, Message, ModelRefused, Reply, ToolSchema
from agent.model.estimate import Estimate

_WINDOW = 100_000_000
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Recorded:
    """One reply, and the conversation that it was given to."""

    messages: list[Message]
    reply: Reply


def recordings(entries: Iterable[Entry]) -> list[Recorded]:
    """The replies that a journal tells of, oldest first."""
    seen: list[Entry] = []
    found = []
    for entry in entries:
        if isinstance(entry.event, Replied):
            found.append(Recorded(fold(seen).messages, entry.event.reply))
        elif isinstance(entry.event, Consulted):
            found.append(Recorded(entry.event.asked, entry.event.reply))
        seen.append(entry)
    return found


class Replay:
    """A model that says what was recorded.

    Args:
        recorded: What it says, and to what.
        by_place: Take the reply that has as many before it and the most messages in common, where
            no conversation was the same. The times that observations tell differ from run to run.
        name: What the model is called.
    """

    window = _WINDOW

    def __init__(
        self, recorded: Sequence[Recorded], *, by_place: bool = False, name: str = "replay"
    ) -> None:
        self.name = name
        self._recorded = list(recorded)
        self._by_place = by_place
        self._estimate = Estimate()

    @classmethod
    def of(cls, journal: Path, *, by_place: bool = False) -> Self:
        """The replay of a run's journal.

        Raises:
            ModelRefused: It cannot be read.
            JournalError: It holds a line that this version cannot read.
        """
        try:
            entries = read_journal(journal)
        except OSError as error:
            raise ModelRefused(f"cannot read the recording {journal}: {error.strerror}") from None
        return cls(recordings(entries), by_place=by_place, name=f"replay of {journal.parent.name}")

    def check(self) -> None:
        """Return when there is anything to replay.

        Raises:
            ModelRefused: There is not.
        """
        if not self._recorded:
            raise ModelRefused("the recording holds no reply")

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:  # noqa: ARG002 - it was told before
        """The recorded reply to this conversation.

        Raises:
            ModelRefused: The conversation was never had; the message says where it differs.
        """
        now = list(messages)
        for recorded in self._recorded:
            if recorded.messages == now:
                return recorded.reply
        place = _replies_in(now)
        at_place = [found for found in self._recorded if _replies_in(found.messages) == place]
        if not at_place:
            raise ModelRefused(f"the recording has no reply number {place + 1} of a conversation")
        nearest = max(at_place, key=lambda found: _shared(found.messages, now))
        if self._by_place:
            return nearest.reply
        raise ModelRefused(_difference(nearest.messages, now))

    def count_tokens(self, text: str) -> int:
        """A high estimate; nothing is paid by it."""
        return self._estimate.text(text)


def _replies_in(messages: Sequence[Message]) -> int:
    return sum(isinstance(message, AssistantMessage) for message in messages)


def _shared(one: Sequence[Message], other: Sequence[Message]) -> int:
    """How many messages are the same, from the first on."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _difference(recorded: Sequence[Message], now: Sequence[Message]) -> str:
    place = _shared(recorded, now)
    shown = [_shown(messages, place) for messages in (recorded, now)]
    return (
        f"the recording has no reply to this conversation; from message {place + 1} on it differs:"
        f" recorded was {shown[0]}, now it is {shown[1]}"
    )


def _shown(messages: Sequence[Message], place: int) -> str:
    if place >= len(messages):
        return "nothing"
    message = messages[place]
    return f"{message.role} {message.content[:_SHOWN]!r}"
