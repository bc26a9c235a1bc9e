"""A model that says what a test wrote down for it, and keeps what it was asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.model.base import AssistantMessage, Message, Reply, ToolCall, ToolSchema, Usage

Line = Reply | Callable[[Sequence[Message]], Reply] | Exception


def calls(*wanted: tuple[str, dict[str, Any]], text: str = "") -> Reply:
    """A reply that makes these calls, each a tool's name and its arguments."""
    made = [
        ToolCall(id=f"call-{number}", name=name, arguments=arguments)
        for number, (name, arguments) in enumerate(wanted, 1)
    ]
    message = AssistantMessage(content=text, calls=made)
    return Reply(message=message, usage=Usage(prompt=100, completion=10))


def says(text: str) -> Reply:
    """A reply without a call."""
    return Reply(message=AssistantMessage(content=text), usage=Usage(prompt=100, completion=10))


def submit(summary: str = "done", *, solved: bool = True) -> Reply:
    """A reply that hands the work over."""
    return calls(("submit", {"summary": summary, "solved": solved}))


@dataclass
class ScriptedModel:
    """Says its lines in order; asked for more than it has, it fails the test."""

    lines: list[Line]
    by_history: bool = False
    """Which line comes next is told by the replies in the conversation, not by how often it was
    asked: what a server would do that is asked again after its answer was lost."""
    name: str = "scripted"
    window: int = 32_000
    asked: list[list[Message]] = field(default_factory=list)
    tools: list[ToolSchema] = field(default_factory=list)

    def check(self) -> None:
        """Always there."""

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """The next line."""
        self.asked.append(list(messages))
        self.tools = list(tools)
        replies = sum(isinstance(message, AssistantMessage) for message in messages)
        number = replies if self.by_history else len(self.asked) - 1
        if number >= len(self.lines):
            raise AssertionError(f"asked once more than written: {messages[-1]}")
        line = self.lines[number]
        if isinstance(line, Exception):
            raise line
        return line(messages) if callable(line) else line

    def count_tokens(self, text: str) -> int:
        """A rough count."""
        return len(text) // 4 + 1
