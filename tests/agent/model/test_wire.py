"""What is sent is sound, and what has grown is sent as before, with more at its end."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from agent.model.wire import Shape, make_sound, write
from agent.toolset import tool_schemas
from doubles.history import faults_of

TOOLS = tool_schemas()[:2]
CALL = ToolCall(id="c1", name="read", arguments={"path": "é", "first": 2})
SYSTEM, USER = SystemMessage(content="rules"), UserMessage(content="task")
FORMAT_NAMES: list[CallFormat] = list(FORMATS)


def wire(*messages: Message, **options: Any) -> list[dict[str, Any]]:
    return write(messages, TOOLS, options.pop("current", "native"), **options).messages


def replied(identity: str = "c1", **fields: Any) -> list[Message]:
    call = CALL.model_copy(update={"id": identity})
    return [
        AssistantMessage(calls=[call], **fields),
        ToolMessage(call_id=identity, name="read", content=f"text {identity}"),
    ]


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        (SYSTEM, {"role": "system", "content": "rules"}),
        (UserMessage(content="a\0b\ud800"), {"role": "user", "content": "a\ufffdb\ufffd"}),
        (AssistantMessage(content="yes"), {"role": "assistant", "content": "yes"}),
    ],
)
def test_messages(message: Message, sent: dict[str, Any]) -> None:
    assert wire(message) == [sent]


def test_calls_and_their_results() -> None:
    assert wire(USER, *replied()) == [
        {"role": "user", "content": "task"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "read", "arguments": '{"path": "é", "first": 2}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "text c1"},
    ]


def test_a_reply_that_says_nothing_is_left_out_and_users_that_meet_are_one() -> None:
    failed = AssistantMessage(failed=True)
    told = UserMessage(content="again")
    assert wire(USER, failed, told) == [{"role": "user", "content": "task\n\nagain"}]


def test_without_tools_nothing_is_said_of_them() -> None:
    written = write([SYSTEM, USER], [], "xml")
    assert [entry["content"] for entry in written.messages] == ["rules", "task"]
    assert write([USER], [], "native").fields == {}


@pytest.mark.parametrize("name", ["json", "xml", "fenced"])
def test_a_conversation_that_begins_on_a_rung_is_told_in_the_system_prompt(
    name: CallFormat,
) -> None:
    written = write([SYSTEM, USER], TOOLS, name)
    system, user = written.messages
    assert system["content"].startswith("rules\n\n# How to call tools")
    assert user["content"] == "task"
    assert "tools" not in written.fields


@pytest.mark.parametrize("name", ["json", "xml", "fenced"])
def test_a_step_down_leaves_all_as_it_was_and_tells_at_the_end(name: CallFormat) -> None:
    before = write([SYSTEM, USER, *replied()], TOOLS, "native")
    after = write([SYSTEM, USER, *replied()], TOOLS, name)
    assert after.messages[:-1] == before.messages
    assert after.messages[-1]["content"].startswith("# How to call tools")
    assert after.fields["tools"] == before.fields["tools"]
    assert after.fields["tool_choice"] == "none"


def test_shapes() -> None:
    several = AssistantMessage(calls=[CALL, CALL.model_copy(update={"id": "c2"})])
    results = [ToolMessage(call_id=i, name="read", content=i) for i in ("c1", "c2")]
    messages = [SYSTEM, USER, several, *results, UserMessage(content="told")]
    roles = [entry["role"] for entry in wire(*messages, shape=Shape(single_calls=True))]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "tool", "user"]
    alternating = wire(*messages, shape=Shape(alternate=True))
    assert alternating[-1] == {"role": "tool", "tool_call_id": "c2", "content": "c2\n\ntold"}
    merged = wire(*messages, shape=Shape(no_system=True))
    assert merged[0] == {"role": "user", "content": "rules\n\ntask"}


def test_what_nobody_answered_or_asked_for_is_left_out() -> None:
    orphan = ToolMessage(call_id="x", name="read", content="whose?")
    unanswered = AssistantMessage(content="I read.", calls=[CALL])
    assert make_sound([USER, orphan, unanswered, USER]) == [
        USER,
        AssistantMessage(content="I read."),
        USER,
    ]


ids = st.sampled_from(["a", "b", "c"])
short = st.text(st.characters(), max_size=4)
call_lists = st.lists(
    st.builds(
        ToolCall, id=ids, name=st.just("read"), arguments=st.dictionaries(short, short, max_size=2)
    ),
    max_size=3,
)
messages = st.one_of(
    st.builds(SystemMessage, content=short),
    st.builds(UserMessage, content=short),
    st.builds(AssistantMessage, content=short, calls=call_lists,
              call_format=st.sampled_from(FORMAT_NAMES), failed=st.booleans()),
    st.builds(ToolMessage, call_id=ids, name=st.just("read"), content=short),
)  # fmt: skip
shapes = st.builds(Shape, st.booleans(), st.booleans(), st.booleans())


@settings(max_examples=300)
@given(st.lists(messages, max_size=10), st.sampled_from(FORMAT_NAMES), shapes)
def test_no_conversation_whatsoever_is_sent_unsound(
    conversation: list[Message], current: CallFormat, shape: Shape
) -> None:
    written = write(conversation, TOOLS, current, shape)
    assert faults_of(written.messages) == []
    json.dumps([written.messages, written.fields]).encode()


def turns(formats: Sequence[CallFormat]) -> list[list[Message]]:
    """One turn for each format: a reply that failed, one with calls, or one that only talks."""
    made: list[list[Message]] = []
    for number, name in enumerate(formats):
        if number % 3 == 0:
            failed = AssistantMessage(failed=True, call_format=name)
            made.append([failed, UserMessage(content=f"told {number}")])
        elif number % 3 == 1:
            made.append(replied(f"c{number}", call_format=name))
        else:
            talk = AssistantMessage(content=f"hm {number}", call_format=name)
            made.append([talk, UserMessage(content="call!")])
    return made


@given(st.lists(st.integers(0, 1), max_size=12), st.integers(0, 3), shapes)
def test_every_prompt_is_the_beginning_of_the_next(
    steps: list[int], start: int, shape: Shape
) -> None:
    """Rendered as by a plain template: a text that only grows, steps down the ladder included."""
    rung = start
    formats: list[CallFormat] = []
    for step in steps:
        rung = min(rung + step, 3)
        formats.append(FORMAT_NAMES[rung])
    conversation: list[Message] = [SYSTEM, USER]
    last = ""
    for name, turn in zip(formats, turns(formats), strict=True):
        prompt = rendered(write(conversation, TOOLS, name, shape).messages)
        # Between two user's texts that are sent as one there is no end of a message.
        assert prompt.startswith(last), (prompt, last)
        last = prompt
        conversation += turn


def rendered(entries: list[dict[str, Any]]) -> str:
    parts = []
    for entry in entries:
        calls = json.dumps(entry.get("tool_calls", ""))
        parts.append(f"\n\n[{entry['role']}]{entry['content']}{calls}")
    return "".join(parts).replace("\n\n[user]", "\n\n").replace('""', "")


def test_two_writings_of_one_conversation_are_the_same_bytes() -> None:
    conversation = [SYSTEM, USER, *replied(), *replied("c2")]
    once, again = (json.dumps(write(conversation, TOOLS, "native").messages) for _ in range(2))
    assert once == again


def test_thoughts_go_back_only_to_models_that_want_them() -> None:
    thought = AssistantMessage(content="yes", reasoning="hm")
    assert wire(USER, thought)[1] == {"role": "assistant", "content": "yes"}
    sent = wire(USER, thought, shape=Shape(reasoning=True))[1]
    assert (sent["reasoning"], sent["reasoning_content"]) == ("hm", "hm")
