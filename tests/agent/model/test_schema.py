"""The validator against pydantic, whose schemas it has to know, and what it mends."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from agent.model.schema import Fault, check, fit, nearest, strict
from agent.toolset import tool_schemas
from tools.actions.catalogue import ACTIONS

SCHEMAS = {tool.name: tool.parameters for tool in tool_schemas()}


@pytest.mark.parametrize("name", SCHEMAS)
def test_our_own_tools_are_described_in_known_words(name: str) -> None:
    check(SCHEMAS[name])
    check(strict(SCHEMAS[name]))


def test_an_unknown_word_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="patternProperties"):
        check({"type": "object", "properties": {"a": {"patternProperties": {}}}})


def parts(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [part for item in schema for part in parts(item)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(part for value in schema.values() for part in parts(value))]


@pytest.mark.parametrize("name", SCHEMAS)
def test_strict_means_everything_named_and_nothing_else(name: str) -> None:
    for part in parts(strict(SCHEMAS[name])):
        if part.get("type") == "object":
            assert part["required"] == list(part["properties"])
            assert part["additionalProperties"] is False
        assert not {"default", "title"} & set(part) or "default" in part.get("properties", {})


def test_what_was_optional_may_be_null() -> None:
    made = strict(SCHEMAS["read"])
    assert made["properties"]["path"] == {"type": "string"}
    assert {"type": "null"} in made["properties"]["first"]["anyOf"]
    assert made["properties"]["last"]["anyOf"].count({"type": "null"}) == 1


def test_null_is_taken_for_left_out() -> None:
    fitted = fit(SCHEMAS["shell"], {"command": "ls", "timeout": None})
    assert (fitted.value, fitted.mended, fitted.faults) == ({"command": "ls"}, (), ())


@pytest.mark.parametrize(
    ("tool", "given_value", "fitted_value"),
    [
        ("read", {"path": "a", "first": "3"}, {"path": "a", "first": 3}),
        ("read", {"path": "a", "first": 3.0}, {"path": "a", "first": 3}),
        ("read", {"path": 7}, {"path": "7"}),
        ("read", {"Path": "a"}, {"path": "a"}),
        ("read", {"paht": "a"}, {"path": "a"}),
        ("read", {"path": "a", "last": "null"}, {"path": "a"}),
        ("read", {"path": "a", "last": ""}, {"path": "a"}),
        ("shell", {"command": "ls", "timeout": "1.5"}, {"command": "ls", "timeout": 1.5}),
        ("shell", '{"command": "ls"}', {"command": "ls"}),
        ("shell", {"command": "ls", "why": None}, {"command": "ls"}),
        (
            "edit",
            {"operation": "Replace", "path": "a", "old": "b", "new": "c"},
            {"operation": "replace", "path": "a", "old": "b", "new": "c"},
        ),
        ("run_tests", {"tests": "a::b"}, {"tests": ["a::b"]}),
        ("run_tests", {"tests": '["a", "b"]'}, {"tests": ["a", "b"]}),
        ("run_tests", {"coverage": "True"}, {"coverage": True}),
        ("submit", {"summary": "x", "solved": "false"}, {"summary": "x", "solved": False}),
    ],
)
def test_what_is_mended(tool: str, given_value: Any, fitted_value: Any) -> None:
    fitted = fit(SCHEMAS[tool], given_value)
    assert (fitted.value, fitted.faults) == (fitted_value, ())
    assert fitted.mended


@pytest.mark.parametrize(
    ("tool", "given_value", "faults"),
    [
        ("read", {}, [Fault("path", "missing")]),
        ("read", [], [Fault("", "type", "object")]),
        (
            "read",
            {"file": "a"},
            [Fault("file", "unknown", "path, first, last"), Fault("path", "missing")],
        ),
        ("read", {"path": "a", "first": 0}, [Fault("first", "range", "at least 1")]),
        ("read", {"path": "a", "first": True}, [Fault("first", "type", "integer")]),
        ("read", {"path": "a", "first": 1.5}, [Fault("first", "type", "integer")]),
        ("read", {"path": "a", "first": 10**30}, [Fault("first", "range", "at least 1")]),
        ("read", {"path": ["a"]}, [Fault("path", "type", "string")]),
        ("read", {"path": None}, [Fault("path", "type", "string")]),
        ("shell", {"command": "x", "timeout": 9999}, [
            Fault("timeout", "range", "at most 1800 and more than 0")]),
        ("edit", {"operation": "move", "path": "a"}, [
            Fault("operation", "choice", "replace, insert, create, delete")]),
        ("run_tests", {"tests": [1, None]}, [Fault("tests.1", "type", "string")]),
        ("run_tests", {"coverage": 1}, [Fault("coverage", "type", "boolean")]),
    ],
)  # fmt: skip
def test_what_is_wrong(tool: str, given_value: Any, faults: list[Fault]) -> None:
    assert list(fit(SCHEMAS[tool], given_value).faults) == faults


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Read", "read"),
        ("run-tests", "run_tests"),
        ("runTests", "run_tests"),
        ("serch", "search"),
        ("bash", None),
        ("", None),
    ],
)
def test_names_that_can_be_meant_for_one(name: str, found: str | None) -> None:
    assert nearest(name, list(SCHEMAS)) == found


def test_a_name_that_could_be_two_is_none() -> None:
    assert nearest("test_a", ["test_b", "test_c"]) is None
    assert nearest("A", ["a", "_a"]) is None


class Inner(BaseModel):
    word: str = Field(min_length=1, max_length=3)


class Outer(BaseModel):
    model_config = {"extra": "forbid"}

    inner: Inner
    others: list[Inner] = Field(default=[], max_length=2)
    either: int | str = 0


def test_definitions_are_followed() -> None:
    schema = Outer.model_json_schema()
    check(schema)
    assert fit(schema, {"inner": {"word": "a"}, "either": "b"}).faults == ()
    faults = fit(schema, {"inner": {"word": ""}, "others": [{}] * 3}).faults
    assert [(fault.place, fault.kind) for fault in faults] == [
        ("inner.word", "size"),
        ("others.0.word", "missing"),
        ("others.1.word", "missing"),
        ("others.2.word", "missing"),
        ("others", "size"),
    ]
    assert strict(schema)["$defs"]["Inner"]["additionalProperties"] is False


loose = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "a", "3", "true", "replace", "Create", "[]", "{}", "null", "1.5"])
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=3,
)
names = st.sampled_from(
    ["command", "timeout", "path", "first", "last", "pattern", "glob", "operation", "old", "new",
     "line", "tests", "coverage", "stop_early", "seconds_per_test", "summary", "solved", "Path"]
)  # fmt: skip


@settings(max_examples=500)
@given(st.sampled_from(sorted(SCHEMAS)), st.dictionaries(names, loose, max_size=4))
def test_what_it_finds_valid_pydantic_finds_valid_and_the_other_way_round(
    name: str, value: dict[str, Any]
) -> None:
    fitted = fit(SCHEMAS[name], value)
    arguments = ACTIONS[name].arguments
    if not fitted.faults:
        arguments.model_validate(fitted.value, strict=True)
        again = fit(SCHEMAS[name], fitted.value)
        assert (again.value, again.mended) == (fitted.value, ())
    try:
        arguments.model_validate(value, strict=True)
    except ValidationError:
        return
    assert (fitted.faults, fitted.mended) == ((), ())


@given(loose)
def test_any_value_is_held_against_any_schema(value: Any) -> None:
    for schema in SCHEMAS.values():
        json.dumps(fit(schema, value).value)
