"""The second rung: notes of what was said and done take the place of the turns."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from agent.condense.elide import elide
from agent.condense.parts import Parts, joined
from agent.conversation import Conversation
from agent.kit import Kit
from agent.model.base import AssistantMessage, Message, Reply, ToolCall, ToolMessage, UserMessage
from agent.narration import call_in_words
from prompts import render
from tools.actions.base import excerpt
from tools.actions.condense import CONDENSE, CondenseArguments

_JOTTED = 30
"""Calls that the harness lists where the model has taken no notes."""
_LINE = 2_000
"""Characters of one note."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Characters that each part of a memory may have."""

    notes: int = 12_000
    diff: int = 16_000
    tests: int = 1_500

    @classmethod
    def within(cls, tokens: int) -> "Sizes":
        """Sizes for a prompt that may have so many tokens; about three characters make one."""
        most = cls()
        return cls(
            min(most.notes, tokens // 2),
            min(most.diff, tokens // 2),
            min(most.tests, tokens // 8),
        )


def read_notes(reply: Reply) -> CondenseArguments | None:
    """The notes in a reply: those of its call, or else its text; None where there are none."""
    for call in reply.message.calls:
        if call.name == CONDENSE.name:
            try:
                return CondenseArguments.model_validate(call.arguments)
            except ValidationError:
                continue
    text = reply.message.content.strip()
    if not text or reply.message.calls:
        return None
    return CondenseArguments(goal="", facts=[line for line in text.splitlines() if line.strip()])


def memory(
    kit: Kit,
    conversation: Conversation,
    parts: Parts,
    notes: CondenseArguments | None,
    sizes: Sizes,
) -> UserMessage:
    """What stands in for the turns of a conversation: the notes, and what the harness knows."""
    diff = kit.store.diff(conversation.start_tree, conversation.tree).decode(errors="replace")
    text = render(
        "memory",
        notes=_within(notes, sizes.notes) if notes else None,
        jotted=[] if notes else _jotted(parts),
        diff=excerpt(diff, sizes.diff),
        tests=_last_tests(parts, sizes.tests),
    )
    return UserMessage(content=text)


def recent(parts: Parts, characters: int) -> list[Message]:
    """The last turns that have no more than so many characters, their outputs cut if need be."""
    kept: list[list[Message]] = []
    for turn in reversed(_without_condense(parts.turns)):
        fitting = (v for v in (turn, list(map(elide, turn))) if _size(v) <= characters)
        version = next(fitting, None)
        if version is None:
            break
        kept.insert(0, version)
        characters -= _size(version)
    return joined(kept)


def _within(notes: CondenseArguments, characters: int) -> CondenseArguments:
    """The notes less their oldest lines, as many as are too much."""
    lists = {
        name: [line[:_LINE] for line in getattr(notes, name)]
        for name in ("next", "facts", "failed", "done")
    }
    goal = notes.goal[: min(_LINE, characters)]
    left = characters - len(goal)
    for name, lines in lists.items():
        while lines and sum(map(len, lines)) > left:
            lines.pop(0)
        left -= sum(map(len, lines))
        lists[name] = lines
    return CondenseArguments(goal=goal, **lists)


def _without_condense(turns: Sequence[list[Message]]) -> list[list[Message]]:
    """The turns less the calls that condensed: their notes are in the memory."""
    kept = []
    for reply, *rest in turns:
        ids = {call.id for call in _calls([reply]) if call.name == CONDENSE.name}
        others = [m for m in rest if not (isinstance(m, ToolMessage) and m.call_id in ids)]
        calls = [call for call in _calls([reply]) if call.id not in ids]
        if calls or not ids:
            kept.append([reply.model_copy(update={"calls": calls}) if ids else reply, *others])
    return kept


def _size(messages: Sequence[Message]) -> int:
    arguments = sum(len(str(call.arguments)) for call in _calls(messages))
    return arguments + sum(len(message.content) for message in messages)


def _jotted(parts: Parts) -> list[str]:
    lines = []
    for turn in parts.turns:
        results = {m.call_id: m for m in turn if isinstance(m, ToolMessage)}
        lines += [_jot(call, results.get(call.id)) for call in _calls(turn)]
    return lines[-_JOTTED:]


def _jot(call: ToolCall, result: ToolMessage | None) -> str:
    first = result.content.splitlines()[0][:100] if result and result.content.strip() else ""
    words = call_in_words(call.name, call.arguments)
    return f"{words}: {first}" if first else words


def _calls(messages: Sequence[Message]) -> list[ToolCall]:
    return [call for m in messages if isinstance(m, AssistantMessage) for call in m.calls]


def _last_tests(parts: Parts, characters: int) -> str:
    for message in reversed(joined(parts.turns)):
        if isinstance(message, ToolMessage) and message.name == "run_tests":
            cut = excerpt(message.content, characters)
            return "\n".join(part.rstrip() for part in (cut.head, cut.tail) if part)
    return ""
