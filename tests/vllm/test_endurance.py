"""What a run outlives: three hundred turns in a small window, and the deaths of its server."""

import signal
import threading
import time
from pathlib import Path

import pytest

from agent.condense.ladder import make_room
from agent.condense.room import measure
from agent.events import Condensed, Replied
from agent.model.base import AssistantMessage, Reply, ToolCall, UserMessage
from agent.model.openai import OpenAIModel
from agent.model.retry import Patience
from agent.runs import create
from agent.state import Outcome
from agent.toolset import tool_schemas
from doubles.long_conversation import long_conversation
from doubles.repositories import CALCULATOR, CHECK, make_repository
from doubles.story import Story
from doubles.vllm_server import SMALL_WINDOW, VLLM, until

TURNS = 300
TOOLS = tool_schemas()


def forced(number: int) -> Reply:
    """What the model is taken to have said, whatever it did say."""
    call = ToolCall(id=f"c{number}", name="read", arguments={"path": f"part_{number % 9}.py"})
    return Reply(message=AssistantMessage(content="I look. " * (number % 7), calls=[call]))


def test_a_long_conversation_in_a_small_window(small_server: VLLM, tmp_path: Path) -> None:
    with (
        OpenAIModel(small_server.url, calls="native", max_tokens=4) as model,
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


@pytest.mark.parametrize("way", ["killed", "restarted", "engine killed"])
def test_a_run_outlives_its_server(small_server: VLLM, tmp_path: Path, way: str) -> None:
    """It dies under a request that it is working on; the run waits, and ends with its patch."""
    repository = make_repository(tmp_path / "repository", CALCULATOR)
    issue = "[[repair]] The mean is one too large"
    story = Story(repository, create(tmp_path / "runs"), issue=issue, settings={"test": CHECK})
    told: list[str] = []
    outcomes: list[object] = []
    patience = Patience(longest_pause=1)
    with OpenAIModel(small_server.url, patience=patience, tell=told.append) as model:
        model.reply([UserMessage(content="[[talk]]")], TOOLS)
        small_server.signal_engine(signal.SIGSTOP)
        thread = threading.Thread(target=lambda: outcomes.append(story.run(model).outcome))
        thread.start()
        until(lambda: "opened" in kinds(story))
        time.sleep(1)  # the request is on its way at once, and will hang
        assert "replied" not in kinds(story)
        end(small_server, way)
        small_server.start()
        thread.join(300)
    assert outcomes == [Outcome.PROVEN]
    replies = story.told(Replied)
    assert [event.turn for event in replies] == [1, 2, 3]
    assert "waited" in replies[0].reply.notices[0]
    assert told


def kinds(story: Story) -> list[str]:
    """The kinds of events in a run's journal so far."""
    written = story.folder.journal.exists()
    return [event.kind for event in story.events] if written else []


def end(server: VLLM, way: str) -> None:
    match way:
        case "killed":
            server.kill()
        case "engine killed":
            server.signal_engine(signal.SIGKILL)
            server.wait_for_end()
        case _:
            server.stop()
