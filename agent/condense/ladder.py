"""What is done when a conversation outgrows its room, rung by rung.

.. code-block:: text

    elided      old outputs are cut to their first and last lines
    summarised  the turns give way to notes, the diff and the last turns
    repacked    so does the code in the opening, chosen anew

A rung is tried when the one above it does not make enough room, for each costs the server its cache
from the place of the first change on. Rules, issue, reproduction and diff are never lost. What
comes of it is one journal event, from which the same messages can be had again.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from agent.condense.elide import elide_until
from agent.condense.notes import Sizes, memory, recent
from agent.condense.openings import Openings
from agent.condense.parts import take_apart
from agent.condense.question import ask_for_notes
from agent.condense.room import Room, measure
from agent.conversation import Conversation, fold
from agent.events import Condensed
from agent.kit import Kit
from agent.model.base import ContextOverflow, Message
from agent.state import Repair
from agent.toolset import tool_schemas
from tools.actions.condense import CondenseArguments

_RECENT = (3, 6)
"""One part in so many of the room's tokens, as characters for the last turns; then none."""


def make_room(state: Repair, kit: Kit, key: str, room: Room) -> None:
    """Condense the conversation if it presses on its room.

    Raises:
        ContextOverflow: Rules, issue, reproduction and diff alone are more than there is room for.
        ModelError: The model cannot be asked for its notes.
    """
    conversation = fold(kit.journal.entries)
    before = room.count(conversation.messages)
    if before > room.pressed:
        condensing = _Condensing(state, kit, conversation, room, before)
        kit.journal.once(key, lambda: condensing.carry_out(f"{key}-notes"))


@runtime_checkable
class Remembering(Protocol):
    """What a model can do besides, that was recorded: tell how its conversation was condensed."""

    def condensed(self, messages: Sequence[Message]) -> Condensed | None:
        """What the harness made of a conversation, if it did."""
        ...


def recall(kit: Kit, key: str, model: Remembering) -> None:
    """Condense the conversation as it was when it was recorded, if it was."""
    condensed = model.condensed(fold(kit.journal.entries).messages)
    if condensed is not None:
        kit.journal.once(key, lambda: condensed)


def milestone(kit: Kit, notes: CondenseArguments) -> Condensed:
    """The conversation condensed to notes that the model has taken by itself."""
    conversation = fold(kit.journal.entries)
    parts = take_apart(conversation.messages, conversation.opening)
    room = measure(kit.model, tool_schemas())
    sizes = Sizes.within(room.most) if room else Sizes()
    noted = memory(kit, conversation, parts, notes, sizes)
    messages = [noted, *recent(parts, sizes.notes)]
    return Condensed(how="milestone", kept=conversation.opening, messages=messages)


class _Condensing:
    """One condense: a conversation, and how it is made to fit its room."""

    def __init__(
        self, state: Repair, kit: Kit, conversation: Conversation, room: Room, before: int
    ) -> None:
        self._kit = kit
        self._conversation = conversation
        self._room = room
        self._before = before
        self._parts = take_apart(conversation.messages, conversation.opening)
        self._openings = Openings(state, kit, conversation)

    def carry_out(self, key: str) -> Condensed:
        """The first rung that makes enough room, or else the last."""
        if not self._parts.turns:
            return self._repacked(None, self._parts.between)
        elided = self._elided()
        if elided.after <= self._room.enough:
            return elided
        notes = ask_for_notes(self._kit, key, self._conversation, self._openings)
        summarised = self._summarised(notes)
        if summarised.after <= self._room.enough and not self._conversation.summarised:
            return summarised
        return self._repacked(notes, summarised.messages)

    def _elided(self) -> Condensed:
        messages, opening = self._conversation.messages, self._conversation.opening
        shorter = elide_until(
            messages, opening, lambda cut: self._room.count(cut) <= self._room.aim
        )
        pairs = zip(messages, shorter, strict=True)
        kept = next((n for n, (old, new) in enumerate(pairs) if old != new), len(messages))
        return self._told("elided", kept, shorter)

    def _summarised(self, notes: CondenseArguments | None) -> Condensed:
        opening = self._conversation.messages[: self._conversation.opening]
        noted = self._memory(notes)
        for share in _RECENT:
            last = recent(self._parts, self._room.most // share)
            told = self._told("summarised", len(opening), [*opening, noted, *last])
            if told.after <= self._room.enough:
                return told
        return self._told("summarised", len(opening), [*opening, noted])

    def _repacked(self, notes: CondenseArguments | None, follow: Sequence[Message]) -> Condensed:
        """The same after another opening; where that does not fit, less and less of all."""
        bare = self._openings.bare()
        tokens = self._room.aim - self._room.count([*bare, *follow])
        for opening, after in (
            (self._openings.packed(self._parts, notes, tokens), follow),
            (bare, follow),
            (bare, follow[:1]),
        ):
            told = self._told("repacked", 1, [*opening, *after])
            if told.after <= self._room.pressed:
                return told
        raise ContextOverflow(
            f"rules, issue, tests and changes alone have {told.after} tokens; the model's window"
            f" of {self._room.window} leaves room for {self._room.most}",
            told.after,
            self._room.window,
        )

    def _memory(self, notes: CondenseArguments | None) -> Message:
        sizes = Sizes.within(self._room.most)
        return memory(self._kit, self._conversation, self._parts, notes, sizes)

    def _told(self, how: str, kept: int, messages: Sequence[Message]) -> Condensed:
        return Condensed.model_validate(
            {
                "how": how,
                "kept": kept,
                "messages": list(messages[kept:]),
                "before": self._before,
                "after": self._room.count(messages),
                "window": self._room.window,
                "most": self._room.most,
            }
        )
