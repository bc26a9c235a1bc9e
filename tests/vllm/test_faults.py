"""A server that hangs, is stopped, or dies under a request: the run waits and goes on."""

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.events import Replied
from agent.model.base import ContextOverflow, Message, ModelUnreachable, UserMessage
from agent.model.deadline import Deadlines
from agent.model.openai import OpenAIModel
from agent.model.retry import Patience
from agent.runs import create
from agent.state import Outcome
from agent.toolset import tool_schemas
from doubles.repositories import CALCULATOR, CHECK, make_repository
from doubles.story import Story
from doubles.vllm_server import VLLM

TOOLS = tool_schemas()
LONG: list[Message] = [UserMessage(content="say something long")]
ENDLESS = {"temperature": 1.0, "seed": 1, "ignore_eos": True}


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


def test_giving_up_makes_the_server_stop(server: VLLM) -> None:
    model = OpenAIModel(server.url, max_tokens=16_000, fields=ENDLESS)
    failures: list[ModelUnreachable] = []

    def ask() -> None:
        try:
            model.reply(LONG, [])
        except ModelUnreachable as error:
            failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    until(lambda: server.running() == 1)
    model.close()
    thread.join(10)
    assert len(failures) == 1
    until(lambda: server.running() == 0, seconds=10)


def test_a_server_that_hangs_is_given_up_and_asked_again(server: VLLM) -> None:
    patience = Patience(longest_pause=0.5)
    limits = Deadlines(first_byte=3, idle=3, total=60)
    with OpenAIModel(server.url, calls="native", deadlines=limits, patience=patience) as model:
        server.signal_engine(signal.SIGSTOP)
        threading.Timer(5, server.signal_engine, [signal.SIGCONT]).start()
        reply = model.reply([UserMessage(content="[[talk]]")], TOOLS)
    assert reply.message.content == "I would rather talk about it."
    assert "the answer stopped" in reply.notices[0] or "no answer" in reply.notices[0]


def test_a_prompt_that_does_not_fit_is_not_sent(server: VLLM) -> None:
    with OpenAIModel(server.url, calls="native") as model:
        too_long: list[Message] = [UserMessage(content="x = 1\n" * 30_000)]
        with pytest.raises(ContextOverflow, match="kept free for the reply") as caught:
            model.reply(too_long, TOOLS)
    assert caught.value.window == 65536
    assert caught.value.prompt is not None
    assert caught.value.prompt > 65536


def test_what_the_server_says_to_one_that_does_not_fit(server: VLLM) -> None:
    with OpenAIModel(server.url, calls="native", window=1_000_000) as model:
        with pytest.raises(ContextOverflow, match="answered 400") as caught:
            model.reply([UserMessage(content="x = 1\n" * 30_000)], TOOLS)
        assert caught.value.window == model.window == 65536


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
