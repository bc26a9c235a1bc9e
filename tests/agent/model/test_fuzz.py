"""Replies that were bent at random: whatever comes, the conversation stays sound."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.model.base import Message, SystemMessage, ToolMessage, UserMessage
from agent.model.chunks import Assembly
from agent.model.formats import FORMATS
from agent.model.judge import judge, judge_raw, judge_unread
from agent.model.schema import fit
from agent.model.spoken import Unreadable, read_answer
from agent.model.sse import EventParser
from agent.model.wire import write
from agent.toolset import tool_schemas
from doubles.history import faults_of

TOOLS = tool_schemas()
SCHEMAS = {tool.name: tool.parameters for tool in TOOLS}
START: list[Message] = [SystemMessage(content="rules"), UserMessage(content="task")]
GOOD = [
    '{"path": "a.py", "first": 3}',
    '{"command": "grep -n \\"x\\" a.py | sed \'s/\\\\d/y/\'"}',
    '<tool_call>\n{"name": "read", "arguments": {"path": "a.py"}}\n</tool_call>',
    "<tool_call>\n<function=edit>\n<parameter=operation>\ncreate\n</parameter>\n<parameter=path>\na\n"
    "</parameter>\n<parameter=new>\nif a < b:\n    c()\n</parameter>\n</function>\n</tool_call>",
    "<tool_call>read<arg_key>path</arg_key><arg_value>a</arg_value></tool_call>",
    '[TOOL_CALLS]read[ARGS]{"path": "a"}',
    '<minimax:tool_call><invoke name="read"><parameter name="path">a</parameter></invoke>',
    '<|channel|>commentary to=functions.read<|message|>{"path": "a"}<|call|>',
    '{"say": "I read", "call": {"name": "read", "arguments": {"path": "a"}}}',
    '```read\n{"path": "a"}\n```',
    "[read(path='a')]",
    "<think>hm</think> yes",
]
formats = st.sampled_from(list(FORMATS))
pieces = st.sampled_from(
    ["{", "}", "[", "]", '"', "'", "\\", ",", ":", "<", ">", "/", "\n", "\0", "\ud800", "\\u0000",
     "<tool_call>", "</tool_call>", "</parameter>", "<parameter=path>", "```", "null", "NaN", "9e9"]
)  # fmt: skip


@st.composite
def bent(draw: Any) -> str:
    """A good text with some of it left out, said twice, or overwritten."""
    text: str = "".join(draw(st.lists(st.sampled_from(GOOD), min_size=1, max_size=2)))
    for _ in range(draw(st.integers(0, 4))):
        start, length = draw(st.integers(0, len(text))), draw(st.integers(0, 12))
        there = text[start : start + length]
        put = draw(st.just("") | st.just(there * 2) | pieces | st.text(max_size=3))
        text = text[:start] + put + text[start + length :]
    return text


def body(content: str, arguments: str, name: Any, reason: Any) -> dict[str, Any]:
    call = {"id": "a", "type": "function", "function": {"name": name, "arguments": arguments}}
    message = {"content": content, "reasoning": content[::2], "tool_calls": [call] if name else []}
    return {"choices": [{"message": message, "finish_reason": reason}]}


def sound(judged: Any) -> None:
    """What was made of it is valid, can be kept, and can be sent."""
    for call in judged.message.calls:
        assert fit(SCHEMAS[call.name], call.arguments).faults == ()
    assert all(line and "\n" not in line and len(line) < 510 for line in judged.malformed)
    made = judged.message.calls
    results = [ToolMessage(call_id=call.id, name=call.name, content="ok") for call in made]
    messages = [*START, judged.message, *results, UserMessage(content="again")]
    written = write(messages, TOOLS, judged.message.call_format)
    assert faults_of(written.messages) == []
    judged.message.model_dump_json()


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(
    bent(),
    bent(),
    st.sampled_from(["read", "edit", "shell", "", "Read", "fly", None]),
    st.sampled_from(["stop", "tool_calls", "length", None]),
    formats,
)
def test_a_bent_reply(content: str, arguments: str, name: Any, reason: Any, rung: Any) -> None:
    spoken = read_answer(body(content, arguments, name, reason))
    judged = judge(spoken, rung, TOOLS, 2)
    sound(judged)
    if reason == "length":
        assert judged.message.calls == []


@settings(max_examples=200)
@given(bent(), formats)
def test_a_bent_text_that_a_server_could_not_read(text: str, rung: Any) -> None:
    sound(judge_raw(text, rung, TOOLS, 2))
    sound(judge_unread(f"Failed to parse input at pos 3: {text}", rung, TOOLS, 2))


@settings(max_examples=200)
@given(st.lists(bent(), max_size=4), st.binary(max_size=20), st.integers(0, 300))
def test_a_bent_stream(texts: list[str], noise: bytes, place: int) -> None:
    chunks = [
        {"choices": [{"delta": {"content": t, "tool_calls": [{"function": {"arguments": t}}]}}]}
        for t in texts
    ]
    lines = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks)
    stream = lines[:place] + noise + lines[place:]
    parser, assembly = EventParser(), Assembly()
    for data in [*parser.feed(stream), *parser.close()]:
        try:
            assembly.add(json.loads(data))
        except ValueError:
            break
    try:
        sound(judge(read_answer(assembly.completion()), "native", TOOLS, 2))
    except Unreadable:
        raise AssertionError("a stream always makes a completion") from None
