"""Three hundred turns in a small window of a real server: no prompt is ever too long for it."""

from pathlib import Path

from agent.condense.ladder import make_room
from agent.condense.room import measure
from agent.events import Condensed
from agent.model.base import AssistantMessage, Reply, ToolCall
from agent.model.openai import OpenAIModel
from agent.toolset import tool_schemas
from doubles.long_conversation import long_conversation
from doubles.vllm_server import SMALL_WINDOW, VLLM

TURNS = 300
TOOLS = tool_schemas()


def forced(number: int) -> Reply:
    """What the model is taken to have said, whatever it did say."""
    call = ToolCall(id=f"c{number}", name="read", arguments={"path": f"part_{number % 9}.py"})
    return Reply(message=AssistantMessage(content="I look. " * (number % 7), calls=[call]))


def test_a_long_conversation_in_a_small_window(small_server: VLLM, tmp_path: Path) -> None:
    with (
        OpenAIModel(small_server.url, calls="native", max_tokens=16) as model,
        long_conversation(tmp_path, model, code="") as long,
    ):
        assert model.window == SMALL_WINDOW
        for number in range(1, TURNS + 1):
            room = measure(model, TOOLS)
            assert room is not None
            make_room(long.state, long.kit, f"condensed-{number}-0", room)
            usage = model.reply(long.messages, TOOLS).usage
            assert usage.prompt == room.count(long.messages)
            assert usage.prompt + model.reserve <= SMALL_WINDOW
            lines = 300 if number % 60 < 8 else number * 37 % 60
            long.turn(forced(number), f"line of turn {number}\n" * lines)
        events = [entry.event for entry in long.kit.journal.entries]
    how = [event.how for event in events if isinstance(event, Condensed)]
    assert {"elided", "summarised", "repacked"} <= set(how)
