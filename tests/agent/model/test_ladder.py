"""Which way of writing calls is used, from the start-up probe to the last step down."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from agent.model.base import (
    AssistantMessage,
    CallFormat,
    Message,
    ModelRefused,
    Reply,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from agent.model.formats import FORMATS
from agent.model.ladder import find_rung
from agent.model.openai import OpenAIModel
from agent.model.retry import Patience
from agent.toolset import tool_schemas
from doubles.history import faults_of
from doubles.scripted_server import (
    Answer,
    ScriptedServer,
    completion,
    is_probe,
    served,
    streamed,
)

TOOLS = tool_schemas()
START: list[Message] = [SystemMessage(content="rules"), UserMessage(content="task")]
HASTY = Patience(sleep=lambda _: None)
READ = ("read", {"path": "a"})
VANISHED = completion(None, usage={"prompt_tokens": 9, "completion_tokens": 9})


def failed(name: CallFormat) -> list[Message]:
    return [AssistantMessage(failed=True, call_format=name), UserMessage(content="again")]


def fine(name: CallFormat) -> list[Message]:
    return [AssistantMessage(content="hm", call_format=name), UserMessage(content="again")]


@pytest.mark.parametrize(
    ("conversation", "rung", "stepped"),
    [
        ([], "json", False),
        (fine("native"), "native", False),
        (failed("native"), "native", False),
        ([*failed("native"), *failed("native")], "json", True),
        ([*failed("native"), *fine("native"), *failed("native")], "native", False),
        ([*failed("native"), *failed("json")], "json", False),
        ([*failed("native"), *failed("native"), *failed("json"), *failed("json")], "xml", True),
        ([*failed("fenced"), *failed("fenced")], "fenced", False),
    ],
)
def test_the_rung_is_read_off_the_conversation(
    conversation: list[Message], rung: CallFormat, stepped: bool
) -> None:
    found = find_rung([*START, *conversation], start="json")
    assert found.format == rung
    assert bool(found.notice) == stepped


def converse(model: OpenAIModel, turns: int) -> list[Reply]:
    """Ask, answer what comes as the harness does, ask again."""
    conversation = list(START)
    replies = []
    for _ in range(turns):
        reply = model.reply(conversation, TOOLS)
        replies.append(reply)
        conversation.append(reply.message)
        calls = reply.message.calls
        conversation += [ToolMessage(call_id=c.id, name=c.name, content="ok") for c in calls]
        if reply.malformed or not calls:
            conversation.append(UserMessage(content="again"))
    return replies


def shown(body: dict[str, Any]) -> CallFormat:
    """The format that a request asks for."""
    if "response_format" in body:
        return "json"
    if "tools" in body and body.get("tool_choice") != "none":
        return "native"
    return "xml" if "<function=" in json.dumps(body["messages"]) else "fenced"


IN_FORMAT: dict[str, dict[str, Any]] = {
    "native": completion(None, READ),
    "json": completion(json.dumps({"say": "", "call": {"name": "read", "arguments": READ[1]}})),
    "xml": completion("<function=read><parameter=path>a</parameter></function>"),
    "fenced": completion("```read\na\n```"),
}
PROBED = {
    "native": completion(None, ("report", {"word": "ready"})),
    "json": completion('{"say": "", "call": {"name": "report", "arguments": {"word": "ready"}}}'),
    "xml": completion("<function=report><parameter=word>ready</parameter></function>"),
    "fenced": completion("```report\nready\n```"),
}


def only(*names: str, otherwise: Any = None) -> Callable[[Any], Any]:
    """A server and model that can do calls in these formats only."""

    def answer(body: Any) -> Any:
        name = shown(body)
        if name not in names:
            return otherwise if otherwise is not None else completion("I would rather talk.")
        return PROBED[name] if is_probe(body) else IN_FORMAT[name]

    return answer


class TestProbe:
    @pytest.mark.parametrize("name", FORMATS)
    def test_the_first_rung_that_holds_is_taken(self, name: CallFormat) -> None:
        with (
            ScriptedServer(only(name), script_probes=True) as server,
            OpenAIModel(server.url) as model,
        ):
            [reply] = converse(model, 1)
        assert reply.message.call_format == name
        assert [call.arguments for call in reply.message.calls] == [{"path": "a"}]
        probes = [body for body in server.posts if is_probe(body)]
        assert [shown(body) for body in probes] == list(FORMATS)[: list(FORMATS).index(name) + 1]
        assert all(body["max_tokens"] == 512 for body in probes)
        assert len(reply.notices) == len(probes) - 1

    def test_it_is_made_once(self) -> None:
        with (
            ScriptedServer(only("native"), script_probes=True) as server,
            OpenAIModel(server.url) as model,
        ):
            converse(model, 3)
            converse(model, 1)
        assert [is_probe(body) for body in server.posts] == [True] + [False] * 4

    def test_a_conversation_that_goes_on_needs_none(self) -> None:
        with (
            ScriptedServer(only("xml"), script_probes=True) as server,
            OpenAIModel(server.url) as model,
        ):
            reply = model.reply([*START, *fine("xml")], TOOLS)
        assert reply.message.call_format == "xml"
        assert not any(is_probe(body) for body in server.posts)

    def test_nor_does_one_without_tools(self) -> None:
        with (
            ScriptedServer([completion("yes")], script_probes=True) as server,
            OpenAIModel(server.url) as model,
        ):
            assert model.reply(START, []).message.content == "yes"
        assert len(server.posts) == 1

    def test_nor_one_that_is_told(self) -> None:
        with (
            ScriptedServer(only("xml"), script_probes=True) as server,
            OpenAIModel(server.url, calls="xml") as model,
        ):
            converse(model, 1)
        assert len(server.posts) == 1

    def test_a_server_that_takes_no_tools_is_not_asked_with_tools_again(self) -> None:
        refusal = Answer({"error": "registry.ollama.ai/library/x does not support tools"}, 400)
        with (
            ScriptedServer(only("xml", otherwise=refusal), script_probes=True) as server,
            OpenAIModel(server.url) as model,
        ):
            [reply] = converse(model, 1)
        assert "the server's tool calls: refused in the probe" in reply.notices[0]
        assert "does not support tools" in reply.notices[0]
        assert "tools" not in server.posts[-1]

    def test_a_thought_that_is_too_long_proves_nothing(self) -> None:
        def answer(body: Any) -> Any:
            if is_probe(body):
                return completion("<think>hm, hm", finish_reason="length")
            return completion(None, READ)

        with ScriptedServer(answer, script_probes=True) as server, OpenAIModel(server.url) as model:
            [reply] = converse(model, 1)
        assert reply.message.call_format == "native"
        assert "unclear in the probe (512 tokens were not enough)" in reply.notices[0]

    def test_when_nothing_works_the_first_that_is_not_refused_is_tried(self) -> None:
        with (
            ScriptedServer(lambda _: completion("no"), script_probes=True) as server,
            OpenAIModel(server.url) as model,
        ):
            [reply] = converse(model, 1)
        assert reply.message.call_format == "native"
        assert "no way of writing calls has worked" in reply.notices[-1]


class TestSteps:
    def test_two_failures_in_a_row_make_a_step_and_it_is_said(self) -> None:
        script = [VANISHED, VANISHED, IN_FORMAT["json"], IN_FORMAT["json"]]
        with ScriptedServer(script) as server, OpenAIModel(server.url) as model:
            replies = converse(model, 4)
        assert [reply.message.call_format for reply in replies] == ["native"] * 2 + ["json"] * 2
        assert [bool(reply.message.calls) for reply in replies] == [False, False, True, True]
        assert [bool(reply.notices) for reply in replies] == [False, False, True, False]
        assert "not as the server's tool calls" in replies[2].notices[0]
        assert all(faults_of(body["messages"]) == [] for body in server.posts)

    def test_what_was_sent_before_is_sent_again_byte_for_byte(self) -> None:
        script = [IN_FORMAT["native"], VANISHED, VANISHED, IN_FORMAT["json"], IN_FORMAT["json"]]
        with ScriptedServer(script) as server, OpenAIModel(server.url) as model:
            converse(model, 5)
        assert all(body["messages"][0] == server.posts[0]["messages"][0] for body in server.posts)
        assert all(body["tools"] == server.posts[0]["tools"] for body in server.posts)
        for shorter, longer in zip(server.posts, server.posts[1:], strict=False):
            assert json.dumps(longer["messages"]).startswith(stem(shorter["messages"]))

    def test_to_the_bottom_and_there_it_stays(self) -> None:
        with ScriptedServer(lambda _: VANISHED) as server, OpenAIModel(server.url) as model:
            replies = converse(model, 10)
        formats = [reply.message.call_format for reply in replies]
        assert formats == ["native"] * 2 + ["json"] * 2 + ["xml"] * 2 + ["fenced"] * 4
        assert all("neither text nor a call" in reply.malformed[0] for reply in replies)

    def test_the_next_conversation_begins_where_the_last_one_came_to(self) -> None:
        script = [VANISHED, VANISHED, *[IN_FORMAT["json"]] * 2]
        with ScriptedServer(script) as server, OpenAIModel(server.url) as model:
            converse(model, 3)
            [reply] = converse(model, 1)
        assert reply.message.call_format == "json"
        assert "tools" not in server.posts[-1]

    def test_talk_is_no_failure(self) -> None:
        with ScriptedServer(lambda _: completion("hm")) as server, OpenAIModel(server.url) as model:
            assert {r.message.call_format for r in converse(model, 5)} == {"native"}


def stem(messages: Sequence[Any]) -> str:
    """All but the end of the last message, to which a user's next words may be joined."""
    return json.dumps(messages).removesuffix('"}]')


class TestRefusals:
    """What a server will not take is left out, and people are told."""

    @pytest.mark.parametrize(
        ("said", "status", "without"),
        [
            ("Extra inputs are not permitted: stream_options", 422, "stream_options"),
            ("Unknown parameter: 'stream'", 400, "stream"),
        ],
    )
    def test_fields(self, said: str, status: int, without: str) -> None:
        def answer(body: Any) -> Any:
            return Answer({"error": said}, status) if without in body else completion(None, READ)

        with ScriptedServer(answer) as server, OpenAIModel(server.url) as model:
            first, second = converse(model, 2)
        assert first.message.calls
        assert second.message.calls
        assert [without in body for body in server.posts] == [True, False, False]
        assert "the server does without" in first.notices[0]
        assert second.notices == []

    @pytest.mark.parametrize(
        "said", ["Invalid grammar specification: 'triggers'", "Unknown field: tools.0.strict"]
    )
    def test_strict_tools(self, said: str) -> None:
        def answer(body: Any) -> Any:
            strict = body["tools"][0]["function"].get("strict")
            return Answer({"error": said}, 400) if strict else completion(None, READ)

        with ScriptedServer(answer) as server, OpenAIModel(server.url) as model:
            [reply] = converse(model, 1)
        assert reply.message.calls
        plain = server.posts[-1]["tools"][0]["function"]
        assert plain["parameters"] == TOOLS[0].parameters

    def test_tools_in_the_middle_of_a_conversation(self) -> None:
        said = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser'

        def answer(body: Any) -> Any:
            if body.get("tools") and body.get("tool_choice") != "none":
                return Answer({"object": "error", "message": said, "code": 400}, 400)
            return IN_FORMAT["json"]

        with ScriptedServer(answer) as server, OpenAIModel(server.url, calls="native") as model:
            first, second = converse(model, 2)
        assert first.message.call_format == second.message.call_format == "json"
        assert "the server takes no tool calls" in first.notices[0]
        assert len(server.posts) == 3

    def test_guidance(self) -> None:
        refusal = Answer({"error": "response_format: json_schema is not supported"}, 400)
        script = only("xml", otherwise=refusal)
        with ScriptedServer(script) as server, OpenAIModel(server.url, calls="json") as model:
            [reply] = converse(model, 1)
        assert reply.message.call_format == "xml"
        assert "the server guides no replies" in reply.notices[0]

    @pytest.mark.parametrize(
        ("said", "roles"),
        [
            (
                "conversation roles must alternate user and assistant roles except for tool calls",
                ["system", "user", "assistant", "tool"],
            ),
            ("System role not supported", ["user", "assistant", "tool", "user"]),
        ],
    )
    def test_shapes_of_history(self, said: str, roles: list[str]) -> None:
        def answer(body: Any) -> Any:
            sent = [message["role"] for message in body["messages"]]
            error = {"error": {"code": 500, "message": f"Jinja Exception: {said}"}}
            return completion(None, READ) if sent == roles else Answer(error, 500)

        made = {"id": "a", "name": "read", "arguments": {"path": "x"}}
        history: list[Message] = [
            *START,
            AssistantMessage.model_validate({"calls": [made]}),
            ToolMessage(call_id="a", name="read", content="text"),
            UserMessage(content="one of your calls could not be read"),
        ]
        with ScriptedServer(answer) as server, OpenAIModel(server.url) as model:
            assert model.reply(history, TOOLS).message.calls
            assert model.reply(history, TOOLS).notices == []
        assert len(server.posts) == 3

    @pytest.mark.parametrize(
        ("said", "status"),
        [
            ("Messages with role 'tool' must be a response to a preceding message", 400),
            ("temperature must be non-negative", 400),
            ('"auto" tool choice requires --enable-auto-tool-choice', 400),
        ],
    )
    def test_what_nothing_helps_against_is_refused_at_last(self, said: str, status: int) -> None:
        answer = Answer({"error": {"message": said}}, status)
        with (
            ScriptedServer(lambda _: answer) as server,
            OpenAIModel(server.url) as model,
            pytest.raises(ModelRefused) as caught,
        ):
            model.reply(START, TOOLS)
        assert said.partition(" ")[0] in str(caught.value)
        assert len(server.posts) < 6


class TestUnread:
    """A server that fails at reading what its model wrote."""

    def test_what_it_shows_is_read_here(self) -> None:
        said = (
            "Failed to parse input at pos 12: <|tool_call_start|>[read(path='a')]<|tool_call_end|>"
        )
        error = Answer({"error": {"code": 500, "message": said, "type": "server_error"}}, 500)
        with ScriptedServer([error]) as server, OpenAIModel(server.url) as model:
            [reply] = converse(model, 1)
        assert [call.arguments for call in reply.message.calls] == [{"path": "a"}]
        assert reply.repaired[0] == "the server could not read the call"

    def test_what_it_does_not_show_is_asked_for_again_and_then_otherwise(self) -> None:
        said = "error parsing tool call: raw='{\"path\": \"a\"}]', err=invalid character ']'"
        error = Answer({"error": said}, 500)
        script = [error, error, IN_FORMAT["json"]]
        with ScriptedServer(script) as server, OpenAIModel(server.url) as model:
            replies = converse(model, 3)
        assert [reply.message.call_format for reply in replies] == ["native", "native", "json"]
        assert replies[0].malformed == ["the server could not read the call that you wrote."]
        assert len(server.posts) == 3


class TestEvidence:
    """vLLM's streams lose calls that its parser does not know; the tokens still tell."""

    QWEN = (
        "<tool_call>\n<function=read>\n<parameter=path>\na\n</parameter>\n</function>\n</tool_call>"
    )

    def script(self, body: Any) -> Any:
        lost = completion("Ok.", finish_reason="tool_calls")
        if body.get("return_token_ids"):
            lost["choices"][0]["token_ids"] = [1, 2, 3]
        return lost

    @property
    def pages(self) -> dict[str, Any]:
        return {"/detokenize": {"prompt": f"Ok.{self.QWEN}<|im_end|>"}}

    def test_a_call_that_was_lost_is_found(self) -> None:
        models = served("m", owned_by="vllm")
        with (
            ScriptedServer(self.script, models=models, pages=self.pages) as server,
            OpenAIModel(server.url) as model,
        ):
            [reply] = converse(model, 1)
        assert [call.arguments for call in reply.message.calls] == [{"path": "a"}]
        assert reply.message.content == "Ok."
        assert "of which the server had lost a part" in reply.repaired[0]
        [asked] = [r.json for r in server.requests if r.path == "/detokenize"]
        assert asked == {"model": "m", "tokens": [1, 2, 3]}

    def test_only_of_vllm(self) -> None:
        with (
            ScriptedServer(self.script, pages=self.pages) as server,
            OpenAIModel(server.url) as model,
        ):
            assert all(reply.message.failed for reply in converse(model, 2))
        assert not any("return_token_ids" in body for body in server.posts)

    def test_the_probe_looks_at_them_too(self) -> None:
        def answer(body: Any) -> Any:
            return self.script(body)

        pages = {
            "/detokenize": {"prompt": self.QWEN.replace("read", "report").replace("path", "word")}
        }
        models = served("m", owned_by="vllm")
        with (
            ScriptedServer(answer, models=models, pages=pages, script_probes=True) as server,
            OpenAIModel(server.url) as model,
        ):
            model.reply(START, TOOLS)
        assert [is_probe(body) for body in server.posts] == [True, False]
        assert all(body["return_token_ids"] for body in server.posts)

    def test_a_reply_that_only_talks_is_looked_at_too(self) -> None:
        def silent(body: Any) -> Any:
            lost = self.script(body)
            lost["choices"][0]["finish_reason"] = "stop"
            return lost

        models = served("m", owned_by="vllm")
        with (
            ScriptedServer(silent, models=models, pages=self.pages) as server,
            OpenAIModel(server.url, calls="native") as model,
        ):
            assert model.reply(START, TOOLS).message.calls

    def test_one_that_really_only_talks_is_left_alone(self) -> None:
        models = served("m", owned_by="vllm")
        pages = {"/detokenize": {"prompt": "Ok.<|im_end|>"}}
        with (
            ScriptedServer(self.script, models=models, pages=pages) as server,
            OpenAIModel(server.url, calls="native") as model,
        ):
            reply = model.reply(START, TOOLS)
        assert (reply.message.content, reply.message.calls) == ("Ok.", [])


def test_usage_that_a_server_does_not_tell_is_counted_here() -> None:
    body = completion("some words", READ)
    del body["usage"]
    with ScriptedServer([streamed(body)]) as server, OpenAIModel(server.url) as model:
        [reply] = converse(model, 1)
    assert reply.usage.prompt > 50
    assert reply.usage.completion > 0
    assert reply.notices == ["the server tells no usage; its tokens are our own count"]
