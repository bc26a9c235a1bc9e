"""A server that hangs, and prompts that do not fit."""

import signal
import threading

import pytest

from agent.model.base import ContextOverflow, Message, ModelUnreachable, UserMessage
from agent.model.deadline import Deadlines
from agent.model.openai import OpenAIModel
from agent.model.retry import Patience
from agent.toolset import tool_schemas
from doubles.vllm_server import VLLM, until

TOOLS = tool_schemas()
LONG: list[Message] = [UserMessage(content="say something long")]
ENDLESS = {"temperature": 1.0, "seed": 1, "ignore_eos": True}


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
