"""How much room a prompt has, and how full it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.model.base import Message, Model, ToolSchema, Windowed

_TIGHTER = 0.75
"""What is left of the room each time that a server says a prompt which we let pass is too long."""


@dataclass(frozen=True, slots=True)
class Room:
    """Tokens of a prompt, and how they are counted."""

    window: int
    most: int
    """So many a prompt may have: the window less what is kept free for the reply."""
    count: Callable[[Sequence[Message]], int]

    @property
    def pressed(self) -> int:
        """From here on the conversation is condensed, while there is room to ask for notes."""
        return self.most * 7 // 8

    @property
    def aim(self) -> int:
        """Where a condense should come to; each one costs the server its cache, so few do much."""
        return self.most // 2

    @property
    def enough(self) -> int:
        """Where a rung of the ladder has done enough for the next to be left out."""
        return self.most * 5 // 8


def measure(model: Model, tools: Sequence[ToolSchema], tighter: int = 0) -> Room | None:
    """The room that a model's window gives; None where the model has none to outgrow.

    Args:
        model: Who is asked.
        tools: What it may call; they are part of each prompt.
        tighter: How often its server has refused a prompt for its length all the same.
    """
    if not isinstance(model, Windowed):
        return None
    most = int((model.window - model.reserve) * _TIGHTER**tighter)
    return Room(model.window, most, lambda messages: model.count_conversation(messages, tools))
