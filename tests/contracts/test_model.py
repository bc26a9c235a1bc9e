"""What ``agent/model/base.py`` promises, asked of every kind of model."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from agent.model.base import (
    CallFormat,
    Message,
    Model,
    Reply,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
    Windowed,
)
from agent.model.embedded import Embedded
from agent.model.formats import FORMATS
from agent.model.openai import OpenAIModel
from agent.model.replay import Recorded, Recording, Replay
from agent.model.replay_server import ReplayServer
from agent.model.schema import fit
from agent.toolset import tool_schemas

TOOLS = tool_schemas()
SCHEMAS = {tool.name: tool.parameters for tool in TOOLS}
START: list[Message] = [
    SystemMessage(content="rules"),
    UserMessage(content="# Your task\n\nrepair"),
]
Make = Callable[[], AbstractContextManager[Model]]


def replies(call_format: CallFormat = "native") -> list[Reply]:
    calls = [ToolCall(id=f"c{n}", name="read", arguments={"path": f"{n}.py"}) for n in range(2)]
    return [
        Reply.model_validate({"message": {"calls": [c.model_dump()], "call_format": call_format}})
        for c in calls
    ]


@contextmanager
def embedded() -> Iterator[Model]:
    yield Embedded()


def served(call_format: CallFormat) -> Make:
    @contextmanager
    def make() -> Iterator[Model]:
        with (
            ReplayServer(replies(call_format)) as server,
            OpenAIModel(server.url, calls=call_format) as model,
        ):
            yield model

    return make


@contextmanager
def replayed() -> Iterator[Model]:
    first, second = replies()
    recorded = [Recorded(START, first), Recorded([*START, *turn(first)], second)]
    yield Replay(Recording(recorded))


def turn(reply: Reply) -> list[Message]:
    made = reply.message.calls
    results = [ToolMessage(call_id=call.id, name=call.name, content="ok") for call in made]
    return [reply.message, *results]


KINDS: dict[str, Make] = {
    "embedded": embedded,
    "replay": replayed,
    **{f"served, {name}": served(name) for name in FORMATS},
}


@pytest.fixture(params=KINDS)
def model(request: pytest.FixtureRequest) -> Iterator[Model]:
    """Every kind of model, at the beginning of its life."""
    with KINDS[request.param]() as made:
        yield made


def test_it_has_a_name_and_a_window(model: Model) -> None:
    assert model.name
    assert model.window > 0


def test_it_is_there(model: Model) -> None:
    model.check()


def test_a_text_costs_no_less_than_a_part_of_it(model: Model) -> None:
    counts = [model.count_tokens("some words\n" * number) for number in (0, 1, 10, 100)]
    assert counts == sorted(counts)
    assert 0 <= counts[0] < counts[-1]


def test_its_calls_are_valid(model: Model) -> None:
    message = model.reply(START, TOOLS).message
    assert message.calls
    assert len({call.id for call in message.calls}) == len(message.calls)
    for call in message.calls:
        assert fit(SCHEMAS[call.name], call.arguments).faults == ()


def test_the_same_question_has_the_same_answer(model: Model) -> None:
    assert model.reply(START, TOOLS).message == model.reply(START, TOOLS).message


def test_a_conversation_can_be_gone_on_with(model: Model) -> None:
    first = model.reply(START, TOOLS)
    conversation = [*START, *turn(first)]
    second = model.reply(conversation, TOOLS)
    assert second.message != first.message
    assert conversation == [*START, *turn(first)]


def test_a_reply_can_be_kept(model: Model) -> None:
    reply = model.reply(START, TOOLS)
    assert Reply.model_validate_json(reply.model_dump_json()) == reply


@pytest.mark.parametrize("name", FORMATS)
def test_whoever_has_a_window_knows_how_long_a_conversation_is(name: CallFormat) -> None:
    with served(name)() as model:
        assert isinstance(model, Windowed)
        assert 0 < model.reserve < model.window
        shorter = model.count_conversation(START, TOOLS)
        longer = model.count_conversation([*START, *turn(model.reply(START, TOOLS))], TOOLS)
        assert model.count_conversation(START, []) < shorter < longer
