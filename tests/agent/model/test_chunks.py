"""A reply that was streamed is the reply that would have come whole."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model.chunks import Assembly
from agent.model.spoken import read_answer
from doubles.scripted_server import completion, streamed


def assemble(*chunks: Any) -> Assembly:
    assembly = Assembly()
    for chunk in chunks:
        assembly.add(chunk)
    return assembly


def deltas(*found: dict[str, Any], finish: str | None = "stop") -> list[dict[str, Any]]:
    chunks: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": d}]} for d in found]
    return [*chunks, {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}]


def calls_in(assembly: Assembly) -> list[tuple[Any, Any]]:
    message = assembly.completion()["choices"][0]["message"]
    functions = [call["function"] for call in message.get("tool_calls", [])]
    return [(function["name"], function["arguments"]) for function in functions]


def piece(name: str | None = None, arguments: Any = None, **fields: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    held = {key: value for key, value in function.items() if value is not None}
    return {"tool_calls": [fields | {"function": held}]}


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
bodies = st.builds(
    lambda content, calls: completion(content, *calls),
    st.none() | texts,
    st.lists(st.tuples(st.sampled_from(["read", "edit"]), texts.map(json.dumps)), max_size=3),
)


@given(bodies, st.integers(1, 9))
def test_streamed_or_not_a_reply_is_the_same(body: dict[str, Any], size: int) -> None:
    lines = streamed(body, piece=size).data.split(b"\n\n")
    chunks = [json.loads(line.removeprefix(b"data: ")) for line in lines[:-2]]
    assert read_answer(assemble(*chunks).completion()) == read_answer(body)


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_reasoning_under_either_name(field: str) -> None:
    assembly = assemble(*deltas({field: "I th"}, {field: "ink"}, {"content": "so"}))
    spoken = read_answer(assembly.completion())
    assert (spoken.reasoning, spoken.content) == ("I think", "so")


def test_reasoning_under_both_names_is_told_once() -> None:
    assembly = assemble(*deltas({"reasoning": "a", "reasoning_content": "a"}))
    assert read_answer(assembly.completion()).reasoning == "a"


@pytest.mark.parametrize(
    ("pieces", "calls"),
    [
        ([piece("read", index=0, id="a"), piece(None, "{}", index=0)], [("read", "{}")]),
        ([piece("read", "{"), piece(None, "}")], [("read", "{}")]),
        ([piece("read", "{", index=0), piece("read", "}", index=0)], [("read", "{}")]),
        ([piece("re", index=0), piece("ad", "{}", index=0)], [("read", "{}")]),
        ([piece("read", {"path": "a"}, index=0)], [("read", {"path": "a"})]),
        (
            [piece("read", "{}", index=0, id="a"), piece("read", "{}", index=0, id="b")],
            [("read", "{}"), ("read", "{}")],
        ),
        (
            [piece("read", '{"a": "}'), piece("read", '"}'), piece("read", "{}")],
            [("read", '{"a": "}"}'), ("read", "{}")],
        ),
        (
            [piece("read", "{}", index=0), piece("edit", "{}", index=0)],
            [("read", "{}"), ("edit", "{}")],
        ),
        (
            [piece("read", index=0), piece("edit", index=1), piece(None, "1", index=0),
             piece(None, "2", index=1)],
            [("read", "1"), ("edit", "2")],
        ),
        ([{"function_call": {"name": "read", "arguments": "{}"}}], [("read", "{}")]),
        ([{"tool_calls": [None, 3, {}]}], [("", "")]),
    ],
)  # fmt: skip
def test_calls_in_the_pieces_that_servers_send(
    pieces: list[dict[str, Any]], calls: list[tuple[Any, Any]]
) -> None:
    assert calls_in(assemble(*deltas(*pieces))) == calls


def test_usage_in_every_chunk_counts_once_and_the_last_one_is_right() -> None:
    chunks = deltas({"content": "a"}, {"content": "b"})
    for number, chunk in enumerate(chunks):
        chunk["usage"] = {"prompt_tokens": 7, "completion_tokens": number}
    spoken = read_answer(assemble(*chunks).completion())
    assert (spoken.usage.prompt, spoken.usage.completion) == (7, 2)


def test_only_the_first_of_several_choices_is_listened_to() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "other"}, "finish_reason": "length"}]}
    assembly = assemble(*deltas({"content": "one"})[:1], other)
    assert assembly.completion()["choices"][0]["message"]["content"] == "one"
    assert assembly.finish_reason is None


@pytest.mark.parametrize(
    "chunk",
    [
        {"error": {"message": "EngineCore encountered an issue", "code": 500}},
        {"object": "error", "message": "gone", "code": 500},
        {"message": "gone"},
        None,
        3,
        "text",
    ],
)
def test_what_is_no_chunk_is_an_error(chunk: Any) -> None:
    assert assemble(chunk).error is not None


def test_tokens_are_kept_where_the_server_tells_them() -> None:
    chunks = deltas({"content": "a"}, {})
    for number, chunk in enumerate(chunks):
        chunk["choices"][0]["token_ids"] = [number, number + 10]
    assembly = assemble(*chunks)
    assert assembly.started
    assert read_answer(assembly.completion()).token_ids == (0, 10, 1, 11, 2, 12)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "delta", "tool_calls", "function", "name", "arguments",
                             "content", "index", "id", "usage", "error"]),
            inner, max_size=4,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(json_values, max_size=6))
def test_any_chunks_at_all_make_something_that_can_be_read(chunks: list[Any]) -> None:
    assembly = assemble(*chunks)
    read_answer(json.loads(json.dumps(assembly.completion())))
