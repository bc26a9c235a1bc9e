"""A scripted model whose window is small, and counted exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.model.base import AssistantMessage, ContextOverflow, Message, Reply, ToolSchema, Usage
from doubles.scripted_model import ScriptedModel


@dataclass
class SmallWindow(ScriptedModel):
    """Refuses what does not fit, as a server does; four characters are a token."""

    reserve: int = 1_000
    refused: int = 0
    """How many prompts were too long."""
    lengths: list[int] = field(default_factory=list)
    """Tokens of each prompt that was not."""
    hidden: int = 0
    """Tokens that the server counts and the client does not know of."""

    def count_conversation(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> int:
        """The prompt's tokens."""
        shown = sum(len(tool.model_dump_json()) for tool in tools)
        return (shown + sum(map(_characters, messages))) // 4

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """The next line, if there is room for it."""
        length = self.count_conversation(messages, tools) + self.hidden
        if length + self.reserve > self.window:
            self.refused += 1
            raise ContextOverflow(f"{length} tokens are too many", length, self.window)
        self.lengths.append(length)
        reply = ScriptedModel.reply(self, messages, tools)
        return reply.model_copy(update={"usage": Usage(prompt=length, completion=10)})


def _characters(message: Message) -> int:
    calls = message.calls if isinstance(message, AssistantMessage) else []
    return len(message.content) + sum(len(call.model_dump_json()) for call in calls)
