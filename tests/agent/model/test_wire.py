import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.model.base import (
    AssistantMessage,
    SystemMessage,
    ToolCall,
    ToolMessage,
    ToolSchema,
    Usage,
    UserMessage,
)
from agent.model.wire import DEEPEST, Unreadable, clean_text, message_to_wire, read_reply
from agent.model.wire import request_body as make_body
from doubles.scripted_server import completion


def test_a_request_says_it_all() -> None:
    tool = ToolSchema(name="read", description="Reads.", parameters={"type": "object"})
    body = make_body("m", [UserMessage(content="go")], [tool], max_tokens=5, temperature=0.0)
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "go"}],
        "max_tokens": 5,
        "temperature": 0.0,
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "read",
                    "description": "Reads.",
                    "parameters": {"type": "object"},
                },
            }
        ],
    }


def test_no_tools_are_not_a_list_of_none() -> None:
    assert "tools" not in make_body("m", [], [], max_tokens=5, temperature=0.0)


CALL = ToolCall(id="c1", name="read", arguments={"path": "é", "lines": [1, 2]})


@pytest.mark.parametrize(
    ("message", "wire"),
    [
        (SystemMessage(content="rules"), {"role": "system", "content": "rules"}),
        (UserMessage(content="a\0b\ud800"), {"role": "user", "content": "a\ufffdb\ufffd"}),
        (AssistantMessage(content="yes"), {"role": "assistant", "content": "yes"}),
        (AssistantMessage(), {"role": "assistant", "content": ""}),
        (
            ToolMessage(call_id="c1", name="read", content="text"),
            {"role": "tool", "tool_call_id": "c1", "content": "text"},
        ),
    ],
)
def test_messages(message: Any, wire: dict[str, Any]) -> None:
    assert message_to_wire(message) == wire


@pytest.mark.parametrize(("content", "sent"), [("", None), ("I read.", "I read.")])
def test_calls_carry_their_arguments_as_text(content: str, sent: str | None) -> None:
    wire = message_to_wire(AssistantMessage(content=content, calls=[CALL]))
    assert wire == {
        "role": "assistant",
        "content": sent,
        "tool_calls": [
            {
                "id": "c1",
                "type": "function",
                "function": {"name": "read", "arguments": '{"path": "é", "lines": [1, 2]}'},
            }
        ],
    }


def test_a_reply_is_read() -> None:
    usage = {
        "prompt_tokens": 7,
        "completion_tokens": 3,
        "prompt_tokens_details": {"cached_tokens": 4},
    }
    reply = read_reply(completion("hm", ("read", {"path": "a"}), usage=usage), turn=1)
    assert reply.message == AssistantMessage(
        content="hm", calls=[ToolCall(id="given_0", name="read", arguments={"path": "a"})]
    )
    assert reply.usage == Usage(prompt=7, cached=4, completion=3)
    assert not reply.cut_off
    assert reply.malformed == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ("{", "not JSON"),
        ("read a.py", "not JSON"),
        ("[1]", "not a JSON object"),
        ('"text"', "not a JSON object"),
        ('{"a": NaN}', "NaN is no JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * DEEPEST + "1" + "}" * DEEPEST, None),
        ('{"a":' * (DEEPEST + 1) + "1" + "}" * (DEEPEST + 1), "nested too deeply"),
        ("9" * 5000, "not JSON"),
    ],
)
def test_a_call_that_cannot_be_parsed_is_no_call(arguments: str, complaint: str | None) -> None:
    reply = read_reply(completion(None, ("read", arguments), ("read", {})), turn=1)
    if complaint is None:
        assert len(reply.message.calls) == 2
        return
    [line] = reply.malformed
    assert line.startswith("call 1: read: ")
    assert complaint in line
    assert len(line) < 500
    assert [call.id for call in reply.message.calls] == ["given_1"]


@pytest.mark.parametrize("arguments", ["", "  ", "{}"])
def test_no_arguments_are_empty_ones(arguments: str) -> None:
    reply = read_reply(completion(None, ("submit", arguments)), turn=1)
    assert reply.message.calls[0].arguments == {}


@pytest.mark.parametrize(
    "call",
    [None, 3, {}, {"function": None}, {"function": {"name": ""}}, {"function": {"name": 3}}],
)
def test_a_call_that_names_no_tool_is_no_call(call: Any) -> None:
    body = completion("x")
    body["choices"][0]["message"]["tool_calls"] = [call]
    assert read_reply(body, turn=1).malformed == ["call 1: it names no tool"]


def test_arguments_may_be_an_object_already() -> None:
    body = completion(None, ("read", {}))
    body["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"] = {"path": "a"}
    assert read_reply(body, turn=1).message.calls[0].arguments == {"path": "a"}


def test_missing_and_repeated_ids_are_made_up_the_same_each_time() -> None:
    body = completion(None, *[("read", {"path": str(number)}) for number in range(4)])
    calls = body["choices"][0]["message"]["tool_calls"]
    del calls[0]["id"]
    calls[1]["id"] = ""
    calls[3]["id"] = calls[2]["id"]
    ids = [call.id for call in read_reply(body, turn=7).message.calls]
    assert ids == ["call_7_0", "call_7_1", "given_2", "call_7_3"]


def test_a_reply_that_was_cut_off_has_no_calls() -> None:
    body = completion("I wi", ("read", '{"pa'), ("read", {}), finish_reason="length")
    reply = read_reply(body, turn=1)
    assert reply.cut_off
    assert reply.message == AssistantMessage(content="I wi")
    assert reply.malformed == []


def test_text_is_made_fit_for_every_store() -> None:
    body = completion("a\ud800\0", ("re\0ad", '{"p\\ud800": ["\\u0000", {"q": "\\udc00"}]}'))
    reply = read_reply(body, turn=1)
    assert reply.message.content == "a\ufffd\ufffd"
    [call] = reply.message.calls
    assert call.name == "re\ufffdad"
    assert call.arguments == {"p\ufffd": ["\ufffd", {"q": "\ufffd"}]}


@given(st.text(st.characters()))
def test_clean_text_can_be_encoded_and_stays(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert "\0" not in once
    once.encode()


def test_pairs_of_surrogates_become_one_character() -> None:
    assert clean_text("\ud83d\ude00x\ude00") == "\U0001f600x\ufffd"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        {"choices": []},
        {"choices": None},
        {"choices": [None]},
        {"choices": [{}]},
        {"choices": [{"message": None}]},
        {"choices": [{"message": "text"}]},
    ],
)
def test_an_answer_without_a_message_is_unreadable(body: Any) -> None:
    with pytest.raises(Unreadable, match="no choice with a message"):
        read_reply(body, turn=1)


@pytest.mark.parametrize(
    ("content", "read"),
    [(None, ""), (3, ""), ([{"type": "text", "text": "a"}, {"text": "b"}, 3, {}], "ab")],
)
def test_content_of_other_kinds(content: Any, read: str) -> None:
    assert read_reply(completion(content), turn=1).message.content == read


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
calls = st.fixed_dictionaries(
    {}, optional={"id": json_values, "function": st.fixed_dictionaries(
        {}, optional={"name": json_values, "arguments": json_values | st.text()})}
)  # fmt: skip


@settings(max_examples=60)
@given(json_values, st.lists(calls | json_values) | json_values, json_values, json_values)
def test_whatever_a_server_says_is_read_or_refused(
    content: Any, made: Any, usage: Any, reason: Any
) -> None:
    message = {"content": content, "tool_calls": made}
    body = {"choices": [{"message": message, "finish_reason": reason}], "usage": usage}
    reply = read_reply(body, turn=1)
    json.dumps(message_to_wire(reply.message)).encode()
