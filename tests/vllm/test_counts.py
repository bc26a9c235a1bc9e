"""Tokens are counted before they are sent exactly as the server counts them afterwards."""

import random
from pathlib import Path

import pytest

from agent.model.base import (
    AssistantMessage,
    CallFormat,
    Message,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from agent.model.formats import FORMATS
from agent.model.openai import OpenAIModel
from agent.toolset import tool_schemas
from doubles.vllm_server import VLLM

CONVERSATIONS = 200
TOOLS = tool_schemas()
WORDS = ["def", "return", "größe", "文件", "x=1", "\n", "    ", "<tool_call>", "</tool_call>", "😀",
         "\\d+", "{}", '"', "<|im_end|>", "isinstance(value, dict)", "12345678", "\t", "\x1b[31m",
         "null", "e\u0301", "\u202e", "=" * 40, "\u017f", "&lt;"]  # fmt: skip


def text(chance: random.Random, most: int) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(1, most)))


def calls(chance: random.Random, turn: int) -> list[ToolCall]:
    made = []
    for number in range(chance.randint(0, 3)):
        arguments = {"path": text(chance, 3), "first": chance.randint(1, 10**6), "last": None}
        made.append(ToolCall(id=f"c{turn}x{number}", name="read", arguments=arguments))
    return made


def conversation(chance: random.Random) -> list[Message]:
    """Some turns of a repair, in one format or stepping down through several."""
    messages: list[Message] = [UserMessage(content=text(chance, 200))]
    if chance.random() < 0.8:
        messages.insert(0, SystemMessage(content=text(chance, 50)))
    names: list[CallFormat] = list(FORMATS)
    rung = chance.randrange(4) if chance.random() < 0.5 else 0
    for turn in range(chance.randint(0, 5)):
        rung = min(rung + (chance.random() < 0.1), 3)
        made = calls(chance, turn)
        said = text(chance, 20) if chance.random() < 0.7 else ""
        messages.append(AssistantMessage(content=said, calls=made, call_format=names[rung]))
        messages += [ToolMessage(call_id=c.id, name=c.name, content=text(chance, 60)) for c in made]
        if not made:
            messages.append(UserMessage(content=text(chance, 10)))
    return messages


@pytest.fixture(scope="module")
def conversations() -> list[tuple[list[Message], int]]:
    """Messages, and how many of the tools are sent with them."""
    chance = random.Random(4)
    return [(conversation(chance), chance.randint(0, len(TOOLS))) for _ in range(CONVERSATIONS)]


def test_the_servers_count_is_the_usage(
    server: VLLM, conversations: list[tuple[list[Message], int]]
) -> None:
    with OpenAIModel(server.url, calls="native", max_tokens=1) as model:
        for messages, tools in conversations:
            counted = model.count_conversation(messages, TOOLS[:tools])
            assert model.reply(messages, TOOLS[:tools]).usage.prompt == counted


def test_the_files_count_is_the_servers(
    server: VLLM, tiny_model: Path, conversations: list[tuple[list[Message], int]]
) -> None:
    pytest.importorskip("tokenizers", reason="the extra tokenizers is not installed")
    with (
        OpenAIModel(server.url, calls="native") as asked,
        OpenAIModel(server.url, calls="native", tokenizer=tiny_model) as alone,
    ):
        for messages, tools in conversations:
            counts = [m.count_conversation(messages, TOOLS[:tools]) for m in (asked, alone)]
            assert counts[0] == counts[1]
        for word in WORDS:
            assert alone.count_tokens(word * 300) == asked.count_tokens(word * 300)
