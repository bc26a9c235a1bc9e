"""The rungs of the ladder: what each sends, and that it reads what it has written."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model.base import AssistantMessage, CallFormat, ToolCall, ToolMessage, ToolSchema
from agent.model.formats import FORMATS, next_below
from agent.model.judge import judge
from agent.model.spoken import Spoken
from agent.toolset import tool_schemas

TOOLS = tool_schemas()
TEXTS: list[CallFormat] = ["json", "xml", "fenced"]
READ = ToolCall(id="a", name="read", arguments={"path": "a.py", "first": 3})


def heard(format_: CallFormat, text: str, **fields: Any) -> list[tuple[str, dict[str, Any]]]:
    judged = judge(Spoken(content=text, **fields), format_, TOOLS, 1)
    assert judged.malformed == []
    return [(call.name, call.arguments) for call in judged.message.calls]


def complaint(format_: CallFormat, text: str, **fields: Any) -> str:
    judged = judge(Spoken(content=text, **fields), format_, TOOLS, 1)
    assert judged.message.calls == []
    assert judged.message.failed
    [line] = judged.malformed
    return line


def test_the_ladder() -> None:
    assert list(FORMATS) == ["native", "json", "xml", "fenced"]
    assert [next_below(name) for name in FORMATS] == ["json", "xml", "fenced", None]


@pytest.mark.parametrize("name", FORMATS)
def test_only_the_first_rung_leaves_the_telling_to_the_server(name: CallFormat) -> None:
    text = FORMATS[name].instructions(TOOLS)
    assert bool(text) == (name != "native")
    for tool in TOOLS if text else []:
        assert tool.name in text
        assert tool.description in text
        for argument in tool.parameters["properties"]:
            assert argument in text


def test_what_each_asks_the_server_for() -> None:
    assert [sorted(FORMATS[name].fields(TOOLS)) for name in FORMATS] == [
        ["tools"], ["response_format"], [], [],
    ]  # fmt: skip
    assert all(tool["function"]["strict"] for tool in FORMATS["native"].fields(TOOLS)["tools"])


def test_a_guided_reply_can_call_each_tool_and_nothing_else() -> None:
    described = FORMATS["json"].fields(TOOLS)["response_format"]["json_schema"]
    options = described["schema"]["properties"]["call"]["anyOf"]
    assert [option["properties"]["name"]["enum"] for option in options] == [
        [tool.name] for tool in TOOLS
    ]
    assert "$ref" not in json.dumps(described)


def test_definitions_are_put_where_they_are_used() -> None:
    schema = {
        "$defs": {"Point": {"type": "object", "properties": {"x": {"type": "integer"}}}},
        "type": "object",
        "properties": {"at": {"$ref": "#/$defs/Point"}},
        "required": ["at"],
    }
    tool = ToolSchema(name="go", description="", parameters=schema)
    text = json.dumps(FORMATS["json"].fields([tool]))
    assert "$" not in text
    assert '"x"' in text


@pytest.mark.parametrize("name", TEXTS)
def test_results_are_what_a_user_says(name: CallFormat) -> None:
    messages = [ToolMessage(call_id=i, name="read", content=f"text {i}") for i in "ab"]
    [wire] = FORMATS[name].results(messages)
    assert wire["role"] == "user"
    assert wire["content"].count("Result of `read`:") == 2
    assert "text a" in wire["content"]


arguments = st.one_of(
    st.tuples(st.just("shell"), st.fixed_dictionaries({"command": st.text(max_size=30)},
        optional={"timeout": st.integers(1, 1800)})),
    st.tuples(st.just("edit"), st.fixed_dictionaries(
        {"operation": st.sampled_from(["replace", "create"]), "path": st.text(max_size=9)},
        optional={"old": st.text(max_size=30), "new": st.text(max_size=30),
                  "line": st.integers(0, 9)})),
    st.tuples(st.just("run_tests"), st.fixed_dictionaries({},
        optional={"tests": st.lists(st.text(max_size=5), max_size=2), "coverage": st.booleans()})),
)  # fmt: skip
PROSE = ["", "I look.", "First this,\nthen that."]


@pytest.mark.parametrize("name", TEXTS)
@given(call=arguments, prose=st.sampled_from(PROSE))
def test_what_a_rung_writes_it_reads(
    name: CallFormat, call: tuple[str, dict[str, Any]], prose: str
) -> None:
    values = [value for value in call[1].values() if isinstance(value, str)]
    if name == "xml" and any("<" in value for value in values):
        return  # a closing tag inside of a value is the one thing that XML may have to ask about
    made = ToolCall(id="a", name=call[0], arguments=call[1])
    message = AssistantMessage(content=prose, calls=[made], call_format=name)
    text = FORMATS[name].reply(message)["content"]
    judged = judge(Spoken(content=text), name, TOOLS, 1)
    assert judged.malformed == []
    [found] = judged.message.calls
    assert (found.name, found.arguments) == _cleaned(call)
    assert judged.message.content == prose


def _cleaned(call: tuple[str, dict[str, Any]]) -> tuple[str, Any]:
    text = json.dumps(call[1]).replace("\\u0000", "\\ufffd")
    return call[0], json.loads(text)


@pytest.mark.parametrize("name", TEXTS)
def test_several_calls_of_a_former_rung_can_be_written_again(name: CallFormat) -> None:
    other = READ.model_copy(update={"arguments": {"path": "b.py"}})
    wire = FORMATS[name].reply(AssistantMessage(content="I read.", calls=[READ, other]))
    assert wire["content"].count("read") >= 2
    assert "I read." in wire["content"]


class TestNative:
    def test_calls_in_the_text_are_found_when_the_server_finds_none(self) -> None:
        text = (
            "Ok.\n<tool_call>\n<function=read>\n<parameter=path>\na.py\n</parameter>\n</function>"
        )
        judged = judge(Spoken(content=text), "native", TOOLS, 1)
        assert [call.arguments for call in judged.message.calls] == [{"path": "a.py"}]
        assert judged.message.content == "Ok."
        assert judged.repaired == ["the server left calls in the text"]

    def test_text_alone_is_no_failure(self) -> None:
        judged = judge(Spoken(content="I think so."), "native", TOOLS, 1)
        assert (judged.malformed, judged.message.failed) == ([], False)

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({}, "nothing of your reply arrived"),
            ({"claims_calls": True}, "your reply was to hold a call, but none arrived"),
            ({"content": "I do.", "claims_calls": True}, "was to hold a call"),
            ({"reasoning": "hm"}, "while you were still thinking"),
            (
                {"content": "<tool_call>{"},
                "you began a call in the text of your reply (<\\tool_call>)",
            ),
        ],
    )
    def test_silence(self, fields: dict[str, Any], said: str) -> None:
        assert said in complaint("native", fields.pop("content", ""), **fields)

    def test_a_call_at_the_end_of_a_thought_counts_when_nothing_else_was_said(self) -> None:
        thought = 'I read.\n<tool_call>{"name": "read", "arguments": {"path": "a"}}</tool_call>'
        assert heard("native", "", reasoning=thought) == [("read", {"path": "a"})]
        assert heard("native", "Hello.", reasoning=thought) == []
        assert "still thinking" in complaint("native", "", reasoning=f"{thought} No, better not.")

    def test_a_reply_that_was_cut_off_has_no_call_however_whole_it_looks(self) -> None:
        text = '<tool_call>{"name": "read", "arguments": {"path": "a"}}</tool_call>'
        judged = judge(Spoken(content=f"Ok.{text}", cut_off=True), "native", TOOLS, 1)
        assert judged.message == AssistantMessage(content="Ok.")


class TestGuided:
    def test_the_object(self) -> None:
        text = '{"say": "I read.", "call": {"name": "read", "arguments": {"path": "a"}}}'
        assert heard("json", text) == [("read", {"path": "a"})]

    def test_nulls_are_what_was_left_out(self) -> None:
        call = {"name": "read", "arguments": {"path": "a", "first": None, "last": None}}
        text = json.dumps({"say": "", "call": call})
        assert heard("json", text) == [("read", {"path": "a", "last": None})]

    def test_control_characters_that_a_guide_lets_through(self) -> None:
        text = '{"say": "a\nb", "call": {"name": "read", "arguments": {"path": "a"}}}'
        assert heard("json", text) == [("read", {"path": "a"})]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('{"say": "I', "not the one JSON object that was asked for: it ends inside a string"),
            ('{"say": "I"}', "it has not the keys"),
            ('{"say": "I", "call": null}', "it has not the keys"),
            ("", "nothing of your reply arrived"),
        ],
    )
    def test_what_is_not_the_object(self, text: str, said: str) -> None:
        assert said in complaint("json", text)

    def test_any_other_format_will_do_too(self) -> None:
        text = "<function=read><parameter=path>a</parameter></function>"
        assert heard("json", text) == [("read", {"path": "a"})]


class TestFenced:
    @pytest.mark.parametrize(
        ("text", "call"),
        [
            ('Ok.\n```read\n{"path": "a"}\n```', ("read", {"path": "a"})),
            ("```read\na.py\n```", ("read", {"path": "a.py"})),
            ("```shell\nls\ncd x\n```", ("shell", {"command": "ls\ncd x"})),
            ("```bash\nls\n```", ("shell", {"command": "ls"})),
            ("````shell\necho '\n```\n'\n````", ("shell", {"command": "echo '\n```\n'"})),
            ("```run_tests\n```", ("run_tests", {})),
            ("```python\nx\n```\n```shell\nls\n```", ("shell", {"command": "ls"})),
            ('<tool_call>{"name": "read", "arguments": {"path": "a"}}</tool_call>',
             ("read", {"path": "a"})),
        ],
    )  # fmt: skip
    def test_fences(self, text: str, call: tuple[str, dict[str, Any]]) -> None:
        assert heard("fenced", text) == [call]

    def test_other_fences_stay_in_the_text(self) -> None:
        judged = judge(
            Spoken(content="See:\n```python\nx\n```\n```shell\nls\n```"), "fenced", TOOLS, 1
        )
        assert judged.message.content == "See:\n```python\nx\n```"

    @pytest.mark.parametrize(
        "text", ["```bash\na\n```\n```bash\nb\n```", "```python\nx\n```", "hm"]
    )
    def test_what_is_no_call(self, text: str) -> None:
        assert heard("fenced", text) == []

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("```shell\nls", "you began a call in the text of your reply (```shell)"),
            ("```edit\nreplace a by b\n```", "(edit): the arguments are not one valid JSON object"),
            ('```read\n{"path": \n```', "(read): the arguments are not one valid JSON object"),
        ],
    )
    def test_what_cannot_be_read(self, text: str, said: str) -> None:
        assert said in complaint("fenced", text)
