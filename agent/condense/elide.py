"""The first rung: old outputs are cut to their first and last lines."""

from collections.abc import Callable, Sequence

from agent.model.base import Message, ToolMessage
from prompts import render
from tools.actions.base import excerpt

SHOWN = 800
"""Characters that stay of an output."""
RECENT = 6
"""Messages at the end that are cut only when nothing else helps."""


def elide(message: Message, characters: int = SHOWN) -> Message:
    """The message, its output cut where that makes it shorter; a call keeps its result."""
    if not isinstance(message, ToolMessage) or len(message.content) <= 2 * characters:
        return message
    cut = excerpt(message.content, characters)
    text = render("elided", cut=cut, call_id=message.call_id)
    return message.model_copy(update={"content": text})


def elide_until(
    messages: Sequence[Message], first: int, fits: Callable[[Sequence[Message]], bool]
) -> list[Message]:
    """The messages with as few outputs cut as it takes, the oldest first.

    Args:
        messages: Of a conversation.
        first: The place from which on outputs may be cut.
        fits: Whether that is enough; asked some ten times.

    Returns:
        What fits, or else everything that can be cut, cut.
    """
    last = max(first, len(messages) - RECENT)
    places = [place for place in range(first, last) if elide(messages[place]) != messages[place]]
    if not fits(_cut(messages, places)):
        return [*messages[:first], *(elide(message) for message in messages[first:])]
    least, most = 0, len(places)
    while least < most:
        middle = (least + most) // 2
        if fits(_cut(messages, places[:middle])):
            most = middle
        else:
            least = middle + 1
    return _cut(messages, places[:most])


def _cut(messages: Sequence[Message], places: Sequence[int]) -> list[Message]:
    chosen = set(places)
    return [
        elide(message) if place in chosen else message for place, message in enumerate(messages)
    ]
