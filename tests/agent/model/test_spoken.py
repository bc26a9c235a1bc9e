import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.model.base import Usage
from agent.model.clean import clean_text
from agent.model.spoken import Unreadable, read_answer
from doubles.scripted_server import completion


def test_an_answer_is_read() -> None:
    usage = {
        "prompt_tokens": 7,
        "completion_tokens": 3,
        "prompt_tokens_details": {"cached_tokens": 4},
    }
    spoken = read_answer(completion("hm", ("read", {"path": "a"}), usage=usage))
    assert spoken.content == "hm"
    [call] = spoken.calls
    assert (call.id, call.name, call.arguments) == ("given_0", "read", '{"path": "a"}')
    assert spoken.usage == Usage(prompt=7, cached=4, completion=3)
    assert spoken.claims_calls
    assert not spoken.cut_off


@pytest.mark.parametrize(
    "details", [None, {}, {"cached_tokens": None}, {"cached_tokens": -1}, {"cached_tokens": True}]
)
def test_a_server_need_not_say_what_it_had_cached(details: Any) -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": details}
    assert read_answer(completion("x", usage=usage)).usage == Usage(prompt=7, completion=3)


@pytest.mark.parametrize(
    ("reason", "cut_off", "gave_up"),
    [
        ("length", True, False),
        ("stop", False, False),
        ("abort", False, True),
        (None, False, False),
    ],
)
def test_why_it_stopped(reason: Any, cut_off: bool, gave_up: bool) -> None:
    body = completion("x")
    body["choices"][0]["finish_reason"] = reason
    spoken = read_answer(body)
    assert (spoken.cut_off, spoken.gave_up) == (cut_off, gave_up)


@pytest.mark.parametrize(
    ("content", "thought", "said"),
    [
        ("<think>hm</think>\n\nyes", "hm", "yes"),
        ("\n<thinking>hm</thinking> yes", "hm", "yes"),
        ("hm</think>yes", "hm", "yes"),
        ("<think>hm", "hm", ""),
        ("<think></think>yes", "", "yes"),
        ("a <think>b</think>", "a <think>b", ""),
        ("yes", "", "yes"),
    ],
)
def test_thought_that_the_server_left_in_the_text(content: str, thought: str, said: str) -> None:
    spoken = read_answer(completion(content))
    assert (spoken.reasoning, spoken.content) == (thought, said)


def test_a_call_in_the_form_of_old() -> None:
    body = completion(None)
    body["choices"][0]["message"]["function_call"] = {"name": "read", "arguments": "{}"}
    [call] = read_answer(body).calls
    assert (call.name, call.arguments) == ("read", "{}")


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
        read_answer(body)


@pytest.mark.parametrize(
    ("content", "read"),
    [(None, ""), (3, ""), ([{"type": "text", "text": "a"}, {"text": "b"}, 3, {}], "ab")],
)
def test_content_of_other_kinds(content: Any, read: str) -> None:
    assert read_answer(completion(content)).content == read


def test_text_is_made_fit_for_every_store() -> None:
    assert read_answer(completion("a\ud800\0")).content == "a\ufffd\ufffd"


@given(st.text(st.characters()))
def test_clean_text_can_be_encoded_and_stays(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert "\0" not in once
    once.encode()


def test_pairs_of_surrogates_become_one_character() -> None:
    assert clean_text("\ud83d\ude00x\ude00") == "\U0001f600x\ufffd"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(json_values, json_values, json_values, json_values, json_values)
def test_whatever_a_server_says_is_read(
    content: Any, calls: Any, usage: Any, reason: Any, ids: Any
) -> None:
    message = {"content": content, "tool_calls": calls, "reasoning": content}
    choice = {"message": message, "finish_reason": reason, "token_ids": ids}
    spoken = read_answer({"choices": [choice], "usage": usage})
    json.dumps([spoken.content, spoken.reasoning, spoken.usage.model_dump()]).encode()
