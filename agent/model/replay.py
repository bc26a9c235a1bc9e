"""A recorded run served as a model: its replies again, each for the conversation that led to it.

Nothing is asked of any server and nothing is made up. What comes back is the recorded reply, usage
and times included, so that a run can be looked at again, or carried out again through the tools.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self, TypeVar

from agent.conversation import fold
from agent.events import Condensed, Consulted, Located, Replied
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


@dataclass(frozen=True, slots=True)
class Shortened:
    """One condense that the harness carried out, and the conversation as it was before."""

    messages: list[Message]
    condensed: Condensed


@dataclass(frozen=True, slots=True)
class Recording:
    """What of a journal is played again, oldest first."""

    replies: list[Recorded] = field(default_factory=list)
    shortened: list[Shortened] = field(default_factory=list)
    window: int = _WINDOW
    """Tokens of the window that the recorded model had."""


def recordings(entries: Iterable[Entry]) -> Recording:
    """What a journal tells of its models."""
    seen: list[Entry] = []
    found = Recording()
    for entry in entries:
        match entry.event:
            case Replied(reply=reply):
                found.replies.append(Recorded(fold(seen).messages, reply))
            case Consulted(asked=asked, reply=reply):
                found.replies.append(Recorded(asked, reply))
            case Condensed(how=how) as condensed if how != "milestone":
                found.shortened.append(Shortened(fold(seen).messages, condensed))
            case Located(window=window) if window:
                found = replace(found, window=window)
        seen.append(entry)
    return found


class Replay:
    """A model that says what was recorded.

    Args:
        recording: What it says, and to what.
        by_place: Take the reply that has the same ones before it and the most messages in common,
            where no conversation was the same. The times that observations tell differ from run to
            run.
        name: What the model is called.
    """

    def __init__(
        self, recording: Recording, *, by_place: bool = False, name: str = "replay"
    ) -> None:
        self.name = name
        self.window = recording.window
        self._recording = recording
        self._by_place = by_place
        self._estimate = Estimate()

    @classmethod
    def of(cls, journal: Path, *, by_place: bool = False, candidate: int = 0) -> Self:
        """The replay of a run's journal, or of the journal of one of its candidates.

        Raises:
            ModelRefused: It cannot be read.
            JournalError: It holds a line that this version cannot read.
        """
        try:
            entries = read_journal(journal)
        except OSError as error:
            raise ModelRefused(f"cannot read the recording {journal}: {error.strerror}") from None
        own = journal.parent / "candidates" / f"{candidate}.jsonl"
        if own.is_file():
            entries = read_journal(own)
        name = f"replay of {journal.parent.name}"
        return cls(recordings(entries), by_place=by_place, name=name)

    def check(self) -> None:
        """Return when there is anything to replay.

        Raises:
            ModelRefused: There is not.
        """
        if not self._recording.replies:
            raise ModelRefused("the recording holds no reply")

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:  # noqa: ARG002 - it was told before
        """The recorded reply to this conversation.

        Raises:
            ModelRefused: The conversation was never had; the message says where it differs.
        """
        now = list(messages)
        found = _find(self._recording.replies, now)
        if found is not None:
            return found.reply
        place = len(_said(now))
        at_place = [r for r in self._recording.replies if len(_said(r.messages)) == place]
        if not at_place:
            raise ModelRefused(f"the recording has no reply number {place + 1} of a conversation")
        after_same = _same_said(at_place, now) if self._by_place else []
        nearest = max(after_same or at_place, key=lambda one: _shared(one.messages, now))
        if not after_same:
            raise ModelRefused(_difference(nearest.messages, now))
        notice = f"from message {_shared(nearest.messages, now) + 1} on this is not the recording's"
        notices = [*nearest.reply.notices, f"{notice} conversation"]
        return nearest.reply.model_copy(update={"notices": notices})

    def condensed(self, messages: Sequence[Message]) -> Condensed | None:
        """What the harness made of this conversation before it asked on, if it condensed it."""
        now = list(messages)
        found = _find(self._recording.shortened, now)
        if found is None and self._by_place:
            same = _same_said(self._recording.shortened, now)
            alike = [one for one in same if len(one.messages) == len(now)]
            found = max(alike, key=lambda one: _shared(one.messages, now), default=None)
        return found.condensed if found is not None else None

    def count_tokens(self, text: str) -> int:
        """A high estimate; nothing is paid by it."""
        return self._estimate.text(text)


E = TypeVar("E", Recorded, Shortened)


def _find(recorded: Sequence[E], now: Sequence[Message]) -> E | None:
    """The one of this very conversation."""
    return next((one for one in recorded if one.messages == now), None)


def _same_said(recorded: Sequence[E], now: Sequence[Message]) -> list[E]:
    """Those of conversations in which the model has said the same so far."""
    said = _said(now)
    return [one for one in recorded if _said(one.messages) == said]


def _said(messages: Sequence[Message]) -> list[Message]:
    return [message for message in messages if isinstance(message, AssistantMessage)]


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
