import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model.base import ToolCall
from agent.model.calls import MOST_CALLS, RawCall, sort_out
from agent.model.schema import fit
from agent.model.tolerant import DEEPEST
from agent.toolset import tool_schemas

TOOLS = tool_schemas()
SCHEMAS = {tool.name: tool.parameters for tool in TOOLS}


def one(name: Any, arguments: Any = None, **fields: Any) -> tuple[ToolCall, list[str]]:
    found = sort_out([RawCall(name, arguments, **fields)], TOOLS, 1)
    assert found.malformed == []
    [call] = found.calls
    return call, found.repaired


def complaint(name: Any, arguments: Any = None) -> str:
    found = sort_out([RawCall(name, arguments)], TOOLS, 1)
    assert found.calls == []
    [line] = found.malformed
    assert "\n" not in line
    assert len(line) < 510
    return line


def test_a_good_call_is_taken_as_it_is() -> None:
    assert one("read", '{"path": "a"}', id="x") == (
        ToolCall(id="x", name="read", arguments={"path": "a"}),
        [],
    )


@pytest.mark.parametrize("nothing", [None, "", "  ", "{}", {}])
def test_nothing_stands_for_no_arguments(nothing: Any) -> None:
    assert one("run_tests", nothing)[0].arguments == {}


@pytest.mark.parametrize(
    "name",
    ["Read", "functions.read", "read()", "READ ", "read<|channel|>commentary", "read</tool_call>"],
)
def test_names_that_are_meant_for_a_tool(name: str) -> None:
    call, repaired = one(name, {"path": "a"})
    assert call.name == "read"
    assert len(repaired) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        '"{\\"path\\": \\"a\\"}"',
        '[{"path": "a"}]',
        [{"path": "a"}],
        '{"name": "read", "arguments": {"path": "a"}}',
        '{"arguments": "{\\"path\\": \\"a\\"}"}',
        '{"parameters": {"path": "a"}}',
        "{'path': 'a',}",
        '```json\n{"path": "a"}\n```',
    ],
)
def test_arguments_in_wrappings(arguments: Any) -> None:
    call, repaired = one("read", arguments)
    assert call.arguments == {"path": "a"}
    assert repaired


def test_a_wrapping_of_another_tool_is_none() -> None:
    line = complaint("read", '{"name": "edit", "arguments": {"path": "a"}}')
    assert "`name` is no argument of this tool" in line


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        (None, None, "it names no tool. The tools are: shell, read,"),
        ("", None, "it names no tool"),
        (3, None, "it names no tool"),
        ("fly", {}, "call 1 (fly): there is no such tool. The tools are: shell, read,"),
        ("read", "{", "not one valid JSON object: it ends too early, at line 1 column 2"),
        ("read", "a.py", "not one valid JSON object: no value"),
        ("read", "[1]", "no JSON object with names and values"),
        ("read", "3", "no JSON object"),
        ("read", '"text"', "not one valid JSON object: no value"),
        ("read", '{"path": NaN}', "NaN is no JSON"),
        ("read", {}, "`path` is missing."),
        ("read", {"file": "a"}, "`file` is no argument of this tool. Its arguments are: path,"),
        ("read", {"path": "a", "first": "x"}, "`first` must be of the type integer."),
        ("edit", {"operation": "move", "path": "a"}, "`operation` must be one of: replace, ins"),
        ("read", {"path": "a", "first": 0}, "`first` must be at least 1."),
        ("read", "[" * 100_000, "nested too deeply"),
        ("read", {"path": "a", "x" * 10_000: 1}, "call 1 (read): `xxxx"),
    ],
)
def test_what_goes_back_to_the_model(name: Any, arguments: Any, said: str) -> None:
    assert said in complaint(name, arguments)


def test_good_and_bad_calls_are_told_apart() -> None:
    raw = [RawCall("read", "{"), RawCall("read", {"path": "a"}), RawCall("fly")]
    found = sort_out(raw, TOOLS, 1)
    assert [call.arguments for call in found.calls] == [{"path": "a"}]
    assert [line[:6] for line in found.malformed] == ["call 1", "call 3"]


def test_ids_are_made_up_the_same_each_time_and_as_mistral_wants_them() -> None:
    raw = [RawCall("read", {"path": str(n)}, given) for n, given in enumerate([None, "", "x", "x"])]
    ids = [call.id for call in sort_out(raw, TOOLS, 7).calls]
    assert ids == ["c00007000", "c00007001", "x", "c00007003"]
    assert all(len(identity) == 9 and identity.isalnum() for identity in ids if identity != "x")


def test_the_same_call_twice_in_a_row_is_one() -> None:
    raw = [RawCall("read", {"path": "a"})] * 3 + [RawCall("read", {"path": "b"})]
    found = sort_out(raw, TOOLS, 1)
    assert [call.arguments["path"] for call in found.calls] == ["a", "b"]
    assert len(found.repaired) == 2


def test_a_flood_of_calls_is_stemmed() -> None:
    raw = [RawCall("read", {"path": str(number)}) for number in range(1000)]
    found = sort_out(raw, TOOLS, 1)
    assert len(found.calls) == MOST_CALLS
    [line] = found.malformed
    assert "too many calls for one reply" in line


def test_texts_that_stand_for_numbers_are_no_repair_where_everything_is_text() -> None:
    assert one("read", {"path": "a", "first": "3"}, texts=True) == (
        ToolCall(id="c00001000", name="read", arguments={"path": "a", "first": 3}),
        [],
    )


def test_characters_that_no_text_can_hold() -> None:
    call, repaired = one("read", '{"path": "a\\u0000b\\ud800"}')
    assert call.arguments == {"path": "a\ufffdb\ufffd"}
    assert repaired == ["read: characters that no text can hold were replaced"]


def test_depth() -> None:
    assert "nested too deeply" in complaint("read", '{"path":' * (DEEPEST + 2) + "1")


arguments = st.dictionaries(
    st.sampled_from(["path", "first", "command", "operation", "x"]),
    st.none() | st.integers() | st.text() | st.lists(st.text(), max_size=2),
    max_size=3,
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | arguments.map(json.dumps),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.tuples(st.sampled_from([*SCHEMAS, "Read", "fly"]) | anything,
                          arguments | anything), max_size=4))  # fmt: skip
def test_whatever_arrives_only_valid_calls_come_out(raw: list[tuple[Any, Any]]) -> None:
    found = sort_out([RawCall(*call) for call in raw], TOOLS, 1)
    assert len(found.calls) + len(found.malformed) <= len(raw)
    for call in found.calls:
        assert fit(SCHEMAS[call.name], call.arguments).faults == ()
        json.dumps(call.arguments, allow_nan=False).encode()
    for line in found.malformed:
        line.encode()
        assert "\n" not in line
