"""The client against the real server, its parser and its guidance; what is said is scripted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from agent.model.admission import kv_tokens
from agent.model.base import CallFormat, Message, Reply, SystemMessage, ToolMessage, UserMessage
from agent.model.manner import Manner
from agent.model.openai import OpenAIModel
from agent.model.schema import fit
from agent.model.server import Server
from agent.toolset import tool_schemas
from doubles.vllm_server import VLLM

TOOLS = tool_schemas()
SCHEMAS = {tool.name: tool.parameters for tool in TOOLS}
STRICT_CALLS = 100


def start(sign: str) -> list[Message]:
    return [SystemMessage(content="rules"), UserMessage(content=sign)]


@pytest.fixture
def model(server: VLLM) -> Iterator[OpenAIModel]:
    """The client as it is, with its probe."""
    with OpenAIModel(server.url, max_tokens=300) as made:
        yield made


@pytest.fixture
def free(server: VLLM) -> Iterator[OpenAIModel]:
    """A client whose tools are not strict, so that the model may write what it likes."""
    with OpenAIModel(server.url, max_tokens=300, calls="native") as made:
        made._requests._manner = Manner(strict=False)
        yield made


def paths(reply: Reply) -> list[str]:
    return [call.arguments["path"] for call in reply.message.calls]


def test_the_probe_finds_that_the_servers_calls_work(model: OpenAIModel) -> None:
    reply = model.reply(start("[[repair]]"), TOOLS)
    assert (paths(reply), reply.message.content) == (["calculator.py"], "I read the module first.")
    assert (reply.message.call_format, reply.notices) == ("native", [])
    assert (model.name, model.window) == ("tiny", 65536)
    assert 0 < reply.first_seconds <= reply.seconds


def test_the_server_says_what_its_cache_holds(server: VLLM) -> None:
    assert kv_tokens(Server(server.url, None)) == 131_072


def test_a_conversation_of_several_turns(model: OpenAIModel) -> None:
    conversation = start("[[repair]]")
    names = []
    for _ in range(3):
        reply = model.reply(conversation, TOOLS)
        assert (reply.malformed, reply.repaired) == ([], [])
        names += [call.name for call in reply.message.calls]
        conversation.append(reply.message)
        conversation += [
            ToolMessage(call_id=c.id, name=c.name, content="ok") for c in reply.message.calls
        ]
    assert names == ["read", "edit", "submit"]


def test_several_calls_and_talk(model: OpenAIModel) -> None:
    assert paths(model.reply(start("[[two]]"), TOOLS)) == ["one.py", "two.py"]
    talk = model.reply(start("[[talk]]"), TOOLS)
    assert (talk.message.content, talk.message.calls) == ("I would rather talk about it.", [])
    assert not talk.message.failed


@pytest.mark.parametrize(
    ("sign", "found", "repaired"),
    [
        ("[[unclosed]]", ["unclosed.py"], ""),
        ("[[broken]]", ["broken.py"], "brackets missing at its end"),
        ("[[qwen]]", ["qwen.py"], "of which the server had lost a part"),
        ("[[elements]]", ["elements.py"], "the server left calls in the text"),
    ],
)
def test_calls_that_the_parser_breaks_or_loses(
    free: OpenAIModel, sign: str, found: list[str], repaired: str
) -> None:
    reply = free.reply(start(sign), TOOLS)
    assert paths(reply) == found
    assert repaired in "; ".join(reply.repaired)


@pytest.mark.parametrize(
    ("sign", "said"),
    [("[[unknown]]", "there is no such tool"), ("[[wrong]]", "`file_name` is no argument")],
)
def test_calls_that_nobody_can_carry_out(free: OpenAIModel, sign: str, said: str) -> None:
    reply = free.reply(start(sign), TOOLS)
    assert reply.message.calls == []
    assert said in reply.malformed[0]


@pytest.mark.parametrize(
    ("calls", "sign", "path"),
    [("xml", "[[elements]]", "elements.py"), ("fenced", "[[fence]]", "fence.py")],
)
def test_rungs_that_ask_nothing_of_the_server(
    server: VLLM, calls: CallFormat, sign: str, path: str
) -> None:
    with OpenAIModel(server.url, calls=calls) as model:
        assert paths(model.reply(start(sign), TOOLS)) == [path]


def random_replies(server: VLLM, count: int, calls: CallFormat, **fields: object) -> list[Reply]:
    """What random weights say, each time with another seed."""

    def ask(seed: int) -> Reply:
        chosen = {"temperature": 1.0, "seed": seed, **fields}
        with OpenAIModel(server.url, calls=calls, max_tokens=300, fields=chosen) as model:
            return model.reply(start("say something"), TOOLS)

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(ask, range(count)))


def valid(replies: list[Reply]) -> None:
    """Each that finished has valid calls, and of those that did not none has a call."""
    for reply in replies:
        assert (reply.message.calls == []) == reply.cut_off
        assert reply.malformed == []
        for call in reply.message.calls:
            assert fit(SCHEMAS[call.name], call.arguments).faults == ()
    assert len(replies) // 2 < sum(not reply.cut_off for reply in replies)


def test_strict_calls_from_random_weights(server: VLLM) -> None:
    replies = random_replies(server, STRICT_CALLS, "native", tool_choice="required")
    valid(replies)
    assert any(reply.cut_off for reply in replies)


def test_guided_objects_from_random_weights(server: VLLM) -> None:
    valid(random_replies(server, 20, "json"))
