"""A conversation taken apart: what opened it, what was noted since, and its turns."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.model.base import AssistantMessage, Message


@dataclass(frozen=True, slots=True)
class Parts:
    """Put one after the other, these are the conversation's messages."""

    opening: list[Message]
    """Rules, code, issue and task: never lost."""
    between: list[Message]
    """What was said before the first reply that is still there: the notes of a condense."""
    turns: list[list[Message]]
    """A reply each, with the results of its calls and what the harness said to it."""


def take_apart(messages: Sequence[Message], opening: int) -> Parts:
    """The parts of a conversation whose first ``opening`` messages opened it."""
    between: list[Message] = []
    turns: list[list[Message]] = []
    for message in messages[opening:]:
        if isinstance(message, AssistantMessage):
            turns.append([message])
        else:
            (turns[-1] if turns else between).append(message)
    return Parts(list(messages[:opening]), between, turns)


def joined(turns: Sequence[Sequence[Message]]) -> list[Message]:
    """The messages of these turns."""
    return [message for turn in turns for message in turn]
