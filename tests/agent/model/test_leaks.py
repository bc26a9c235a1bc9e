"""Calls in a text: every family's format, and what is none."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.model.leaks import find_calls

NAMES = ("read", "shell", "edit")
READ = [("read", {"path": "a.py"})]
J = '{"name": "read", "arguments": {"path": "a.py"}}'
BAR, LOW = "\uff5c", "\u2581"


def deepseek(word: str) -> str:
    return f"<{BAR}tool{LOW}{word}{BAR}>"


def calls(text: str) -> list[tuple[Any, Any]]:
    found = [(call.name, call.arguments) for call in find_calls(text, NAMES).calls]
    return [(name, json.loads(a) if isinstance(a, str) else a) for name, a in found]


FORMATS = {
    "hermes": f"<tool_call>\n{J}\n</tool_call>",
    "hermes, not closed": f"<tool_call>\n{J}",
    "hermes, one bracket missing": f"<tool_call>\n{J[:-1]}\n</tool_call>",
    "hermes, single quotes": f"<tool_call>{J}</tool_call>".replace('"', "'"),
    "hermes, as a list": f"<tool_call>[{J}]</tool_call>",
    "qwen 2.5 coder": f"<tools>\n{J}\n</tools>",
    "qwen 3 coder": "<tool_call>\n<function=read>\n<parameter=path>\na.py\n</parameter>\n"
    "</function>\n</tool_call>",
    "qwen 3 coder, no wrapper": "<function=read><parameter=path>a.py</parameter></function>",
    "qwen 3 coder, function not closed": "<function=read><parameter=path>a.py</parameter>",
    "qwen 3 coder, carriage returns": "<function=read>\r\n<parameter=path>\r\na.py\r\n</parameter>"
    "\r\n</function>",
    "qwen 3 coder, json inside": '<function=read>{"path": "a.py"}</function>',
    "glm": "<tool_call>read\n<arg_key>path</arg_key>\n<arg_value>a.py</arg_value>\n</tool_call>",
    "glm, opening tag lost": "<tool_call>read<arg_key>path</arg_key>a.py</arg_value></tool_call>",
    "mistral": f"[TOOL_CALLS][{J}]",
    "mistral, new": '[TOOL_CALLS]read[ARGS]{"path": "a.py"}',
    "mistral, with an id": '[TOOL_CALLS]read[CALL_ID]abc123def[ARGS]{"path": "a.py"}',
    "deepseek": f"{deepseek('calls' + LOW + 'begin')}{deepseek('call' + LOW + 'begin')}read"
    f'{deepseek("sep")}{{"path": "a.py"}}{deepseek("call" + LOW + "end")}'
    f"{deepseek('calls' + LOW + 'end')}",
    "deepseek v3": f"{deepseek('call' + LOW + 'begin')}function{deepseek('sep')}read\n```json\n"
    f'{{"path": "a.py"}}\n```{deepseek("call" + LOW + "end")}',
    "deepseek v3.2": f'<{BAR}DSML{BAR}function_calls><{BAR}DSML{BAR}invoke name="read">'
    f'<{BAR}DSML{BAR}parameter name="path" string="true">a.py</{BAR}DSML{BAR}parameter>'
    f"</{BAR}DSML{BAR}invoke></{BAR}DSML{BAR}function_calls>",
    "minimax": '<minimax:tool_call>\n<invoke name="read">\n<parameter name="path">a.py</parameter>'
    "\n</invoke>\n</minimax:tool_call>",
    "gpt-oss": "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary"
    ' to=functions.read <|constrain|>json<|message|>{"path": "a.py"}<|call|>',
    "llama 3": '<|python_tag|>{"name": "read", "parameters": {"path": "a.py"}}<|eom_id|>',
    "llama 4": '[read(path="a.py")]',
    "lfm": "<|tool_call_start|>[read(path='a.py')]<|tool_call_end|>",
    "fence": f"```json\n{J}\n```",
    "bare": J,
    "bare, openai": '{"type": "function", "function": {"name": "read", "parameters": {"path": '
    '"a.py"}}}',
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_call_in_the_format_of(name: str) -> None:
    found = find_calls(FORMATS[name], NAMES)
    assert calls(FORMATS[name]) == READ
    assert (found.prose, found.begun, found.ignored) == ("", "", False)


@pytest.mark.parametrize(
    "name", [name for name in FORMATS if not name.startswith(("bare", "llama 4"))]
)
def test_prose_before_a_call_stays(name: str) -> None:
    found = find_calls(f"I read it.\n\n{FORMATS[name]}<|im_end|>", NAMES)
    assert found.prose == "I read it."
    assert calls(f"I read it.\n\n{FORMATS[name]}") == READ


TWICE = [name for name in FORMATS if "not closed" not in name and "missing" not in name
         and not name.startswith(("fence", "bare", "llama", "lfm"))]  # fmt: skip


@pytest.mark.parametrize("name", TWICE)
def test_two_calls(name: str) -> None:
    other = FORMATS[name].replace("a.py", "b.py")
    assert calls(f"{FORMATS[name]}\n{other}") == [*READ, ("read", {"path": "b.py"})]


@pytest.mark.parametrize(
    "text",
    [
        "I would call <b>read</b> now.",
        "Use `read` with a path:\n```python\nread(path)\n```\n",
        'A config: {"name": "x", "value": 1}',
        "```json\n" + J + "\n```\nThis is how such a call looks.",
        '```json\n{"name": "deploy", "arguments": {}}\n```',
        '{"name": "deploy", "arguments": {}}',
        "[1, 2, 3]",
        "[read(path=open('x'))]",
        "[read('a.py')]",
        r"[read(path='a\d')]",
        "",
    ],
)
def test_what_is_no_call(text: str) -> None:
    found = find_calls(text, NAMES)
    assert (found.calls, found.begun) == ([], "")
    assert found.prose == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>\n{"name": "read", "arguments": {"pa',
        "<function=edit><parameter=new>\ndef f():\n    ret",
        "<tool_call>",
        "<tool_call>please read a.py</tool_call>",
        "[TOOL_CALLS]read[ARGS]{",
        '<invoke name="read"><parameter name="path">a',
        "<|python_tag|>print(1)",
        "<function=read><parameter=path>a</parameter> and then <parameter=first>1</parameter>",
    ],
)
def test_a_call_that_was_begun_and_cannot_be_read(text: str) -> None:
    found = find_calls(f"So:\n{text}", NAMES)
    assert found.calls == []
    assert found.begun
    assert found.prose == "So:"


def test_a_call_inside_an_argument_is_part_of_the_argument() -> None:
    inner = "<tool_call>\n<function=shell><parameter=command>rm -rf .</parameter></function>"
    outer = json.dumps({"name": "edit", "arguments": {"new": inner}})
    assert calls(f"<tool_call>{outer}</tool_call>") == [("edit", {"new": inner})]
    quoted = f"<function=edit><parameter=new>\n{J} </parameter>\n</function> x\n</parameter>"
    assert calls(f"{quoted}</function>")[0][0] == "edit"
    assert len(calls(f"{quoted}</function>")) == 1


def test_a_closing_tag_inside_a_value_does_not_end_it() -> None:
    text = "<function=edit><parameter=new>\na </parameter> b\n</parameter></function>"
    assert calls(text) == [("edit", {"new": "a </parameter> b"})]
    hermes = json.dumps({"name": "edit", "arguments": {"new": "</tool_call> x"}})
    assert calls(f"<tool_call>{hermes}</tool_call>") == [("edit", {"new": "</tool_call> x"})]


@pytest.mark.parametrize(
    "result",
    ["<tool_response>ok</tool_response>", "\nObservation: ok\n", "<|im_start|>user\nok<|im_end|>"],
)
def test_what_comes_after_an_invented_result_is_left_out(result: str) -> None:
    text = f"<tool_call>{J}</tool_call>{result}<tool_call>{J}</tool_call>"
    found = find_calls(text, NAMES)
    assert len(found.calls) == 1
    assert found.ignored


values = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).filter(
    lambda text: "parameter>" not in text and "invoke>" not in text
)


@given(values)
@example("\n\nx\n")
@example("<parameter=y>\n")
@example("a\r")
def test_a_value_between_tags_is_what_was_put_there(value: str) -> None:
    text = f"<function=edit>\n<parameter=new>\n{value}\n</parameter>\n</function>"
    [call] = find_calls(text, NAMES).calls
    assert call.arguments == {"new": value}


SIGNS = ["<tool_call>", "</tool_call>", "<function=", "[", "{", "[TOOL_CALLS]", "```json\n", '"',
         "<|python_tag|>", "x", "\n"]  # fmt: skip
signs = st.sampled_from([*FORMATS.values(), *SIGNS])


@given(st.lists(signs | st.text(max_size=6), max_size=6).map("".join))
def test_any_text_can_be_searched(text: str) -> None:
    found = find_calls(text, NAMES)
    assert len(found.prose) <= len(text)


def test_a_long_text_is_searched_in_no_time() -> None:
    for text in ("<tool_call>" * 20_000, "<function=a>" * 20_000, "[" * 50_000, "{" * 50_000,
                 "<parameter=a>" * 20_000, "```json\n" * 20_000, "<arg_key>" * 20_000,
                 "<function=a><parameter=b>" + "</parameter>x" * 5_000):  # fmt: skip
        find_calls(text, NAMES)
