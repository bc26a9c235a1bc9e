"""Malformed replies, each with where it was seen: a repaired call, or a re-ask that can be met.

The files in ``tests/samples/model/replies/`` hold what a server sent. Each is heard by the client
over HTTP and goes through a turn as the harness takes it. Then a model that has understood what it
was told makes a proper call, and whatever was sent on the way must be a history that no server
would refuse.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.model.base import (
    CallFormat,
    Message,
    Reply,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from agent.model.formats import FORMATS
from agent.model.openai import OpenAIModel
from agent.model.replay_server import completion
from agent.model.retry import Patience
from agent.model.schema import fit
from agent.toolset import tool_schemas
from doubles.history import faults_of
from doubles.scripted_server import Answer, ScriptedServer, events
from prompts import render

TOOLS = tool_schemas()
SCHEMAS = {tool.name: tool.parameters for tool in TOOLS}
FOLDER = Path(__file__).parents[2] / "samples" / "model" / "replies"
START: list[Message] = [SystemMessage(content="rules"), UserMessage(content="task")]
WANTED = {"path": "understood.py"}


def written_out(value: Any) -> Any:
    """A sample with what it repeats written out."""
    if isinstance(value, list):
        return [written_out(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"repeat", "times"}:
        return value["repeat"] * value["times"]
    if set(value) == {"join"}:
        return "".join(written_out(value["join"]))
    return {key: written_out(item) for key, item in value.items()}


SAMPLES = {
    f"{file.stem}: {sample['name']}": sample
    for file in sorted(FOLDER.glob("*.json"))
    for sample in json.loads(file.read_text())
}


def answer_of(sample: dict[str, Any]) -> Answer:
    if "chunks" in sample:
        stream = events(*sample["chunks"]) + b"data: [DONE]\n\n"
        return Answer(stream, headers={"Content-Type": "text/event-stream"})
    return Answer(sample["body"], sample.get("status", 200))


def understood(call_format: CallFormat) -> dict[str, Any]:
    """What a model says that has understood."""
    call = ToolCall(id="understood", name="read", arguments=WANTED)
    message = {"calls": [call.model_dump()], "call_format": call_format}
    return completion(Reply.model_validate({"message": message}))


def taken(reply: Reply) -> list[Message]:
    """What a turn adds to the conversation, as ``act`` does it."""
    made = reply.message.calls
    results = [ToolMessage(call_id=call.id, name=call.name, content="ok") for call in made]
    conversation: list[Message] = [reply.message, *results]
    if reply.malformed or reply.cut_off or not made:
        told = render("no_call", malformed=reply.malformed, cut_off=reply.cut_off)
        conversation.append(UserMessage(content=told))
    return conversation


@pytest.mark.parametrize("name", SAMPLES)
def test_a_malformed_reply_is_survived(name: str) -> None:
    sample = written_out(SAMPLES[name])
    call_format: CallFormat = sample["format"]
    with (
        ScriptedServer([answer_of(sample), understood(call_format)]) as server,
        OpenAIModel(
            server.url, calls=call_format, patience=Patience(sleep=lambda _: None)
        ) as model,
    ):
        first = model.reply(START, TOOLS)
        again = model.reply([*START, *taken(first)], TOOLS)
    expect(first, sample["expect"])
    assert [call.arguments for call in again.message.calls] == [WANTED]
    assert (again.malformed, again.repaired) == ([], [])
    sent = [faults_of(body["messages"]) for body in server.posts]
    assert sent == [[], []]
    Reply.model_validate_json(first.model_dump_json())


def expect(reply: Reply, expected: dict[str, Any]) -> None:
    found = [[call.name, call.arguments] for call in reply.message.calls]
    assert found == expected.get("calls", [])
    assert all(fit(SCHEMAS[name], arguments).faults == () for name, arguments in found)
    assert reply.cut_off == expected.get("cut_off", False)
    if "again" in expected:
        assert any(expected["again"] in line for line in reply.malformed), reply.malformed
        assert all(len(line) < 510 and "\n" not in line for line in reply.malformed)
    else:
        assert reply.malformed == []
    if "content" in expected:
        assert reply.message.content == expected["content"]
    assert reply.message.failed == ("again" in expected and not found)


def test_the_corpus_is_large_and_most_of_its_kinds_were_seen_in_the_wild() -> None:
    assert len(SAMPLES) >= 200
    sources = {sample["source"] for sample in SAMPLES.values()}
    assert sum(source.startswith("https://") for source in sources) >= 30


@pytest.mark.parametrize("name", FORMATS)
def test_every_rung_has_samples(name: str) -> None:
    assert any(sample["format"] == name for sample in SAMPLES.values())
