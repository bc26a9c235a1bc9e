"""Broken JSON is mended to what was meant or not at all."""

import json
import math
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from agent.model.tolerant import DEEPEST, NotJSON, parse

WORDS = "Python's words for true, false and null"


@pytest.mark.parametrize(
    ("text", "value", "mended"),
    [
        ('{"a": [1, 2.5, "x", true, null]}', {"a": [1, 2.5, "x", True, None]}, []),
        ('{"a": 1,}', {"a": 1}, ["a comma too many"]),
        ("[1, 2, ]", [1, 2], ["a comma too many"]),
        ("{'a': 'b'}", {"a": "b"}, ["single quotes"]),
        ("{'a': 'say \"hi\"'}", {"a": 'say "hi"'}, ["single quotes"]),
        (r"{'a': 'it\'s'}", {"a": "it's"}, ["single quotes"]),
        ('{a: 1, b-c: "d"}', {"a": 1, "b-c": "d"}, ["keys without quotes"]),
        ('{"a": True, "b": None}', {"a": True, "b": None}, [WORDS]),
        ('{"a": [1, {"b": 2', {"a": [1, {"b": 2}]}, ["brackets missing at its end"]),
        ('{"a": "x"', {"a": "x"}, ["brackets missing at its end"]),
        ('{"a": 1}}]', {"a": 1}, ["brackets too many at its end"]),
        ('{"a": 1}{"a": 1}\n{"a": 1}', {"a": 1}, ["the same value twice"]),
        ('{"a": "x\ny\tz"}', {"a": "x\ny\tz"}, ["line breaks or control characters in a string"]),
        (r'{"a": "\d+\.\w"}', {"a": r"\d+\.\w"}, ["single backslashes in a string"]),
        (r'{"a": "C:\\x\"y\/"}', {"a": 'C:\\x"y/'}, []),
        ('```json\n{"a": 1}\n```', {"a": 1}, ["a code fence around it"]),
        ('"\\ud83d\\ude00"', "😀", []),
        ("{'a': '\\ud83d\\ude00\\n'}", {"a": "😀\n"}, ["single quotes"]),
        ("  {}  ", {}, []),
        ('"a": 1}', {"a": 1}, ["its first bracket missing"]),
        (
            r'{"a": \n[1, 2]\n\n}',
            {"a": [1, 2]},
            ["line breaks written as backslash and letter between values"],
        ),
    ],
)  # fmt: skip
def test_what_is_mended(text: str, value: Any, mended: list[str]) -> None:
    assert parse(text) == (value, mended)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no value"),
        ("read a.py", "no value"),
        ('{"a": "x', "it ends inside a string"),
        ('{"a": "x\\', "it ends inside a string"),
        ('{"a": 1,', "it ends too early"),
        ("{", "it ends too early"),
        ('{"a"', "no colon after a key"),
        ('{"a":', "no value"),
        ('{"a": 1 "b": 2}', "no comma"),
        ('{"a": "say "hi" now"}', "no comma"),
        ("{'a': 'it's'}", "no comma"),
        ('{"a": 1} and so on', "something follows the value"),
        ('{"a": 1}{"a": 2}', "two different values"),
        ('{"a": 1, "a": 2}', "occurs twice"),
        (r'{"a": "\d+\n"}', "write two for one"),
        (r'{"a": "\u12"}', "character number"),
        ('{"a": NaN}', "NaN is no JSON"),
        ('{"a": -Infinity}', "Infinity is no JSON"),
        ('{"a": 1e999}', "too large"),
        ('{"a": ' + "9" * 5000 + "}", "too large"),
        ("[" * 100_000, "too deeply"),
        ('{"a":' * (DEEPEST + 2) + "1" + "}" * (DEEPEST + 2), "too deeply"),
        ("{'a': 1e999}", "too large"),
    ],
)
def test_what_is_refused_and_why(text: str, reason: str) -> None:
    with pytest.raises(NotJSON, match=reason) as caught:
        parse(text)
    assert len(str(caught.value)) < 200


def test_equal_values_under_one_key_are_no_contradiction() -> None:
    assert parse('{"a": 1, "a": 1}') == ({"a": 1}, [])


def test_the_same_value_a_thousand_times_is_still_one() -> None:
    assert parse('{"a": 1}' * 1000)[0] == {"a": 1}


characters = st.characters(exclude_categories=["Cs"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.text(characters, max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(characters, max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)  # fmt: skip
objects = st.dictionaries(st.text(characters, max_size=6), values, max_size=4)


@given(values, st.booleans(), st.sampled_from([None, 2]))
def test_json_is_read_as_it_is(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert parse(text) == (value, [])


def corruptions(value: dict[str, Any]) -> dict[str, str]:
    """The same object as it is written wrongly."""
    text = json.dumps(value)
    return {
        "closers": text.rstrip("]}") if not text.endswith("{}") else text,
        "more closers": text + "}]}",
        "python": repr(value),
        "comma": text[:-1] + ",}" if value else text,
        "raw": json.dumps(value, ensure_ascii=False).replace("\\n", "\n").replace("\\t", "\t"),
        "fence": f"```json\n{text}\n```",
        "twice": text + text,
    }


@settings(max_examples=300)
@given(objects, st.data())
@example({"a": "x]"}, None)
@example({"a": ["\\n"]}, None)
def test_mended_means_meant(value: dict[str, Any], data: Any) -> None:
    """Whatever was done to it: the object comes out as it was, or not at all."""
    made = corruptions(value)
    for name in [data.draw(st.sampled_from(sorted(made)))] if data else made:
        try:
            found, _ = parse(made[name])
        except NotJSON:
            continue
        assert found == value, name


@settings(max_examples=200)
@given(objects, st.integers(1, 60))
def test_a_cut_is_never_taken_for_the_whole(value: dict[str, Any], length: int) -> None:
    """Of a text that was cut, what is read has only keys and values of the whole, or it is none."""
    text = json.dumps(value)
    assume(length < len(text))
    try:
        found, mended = parse(text[:length])
    except NotJSON:
        return
    assert mended == ["brackets missing at its end"]
    assert isinstance(found, dict)
    assert set(found) <= set(value)


@settings(max_examples=300)
@given(st.text(st.sampled_from("{}[]\"',:\\ntu019aT-. \n`"), max_size=40) | st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found, _ = parse(text)
    except NotJSON:
        return
    json.loads(json.dumps(found, allow_nan=False))
    assert not (isinstance(found, float) and math.isinf(found))
