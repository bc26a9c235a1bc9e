"""A recorded run, again: as a model, through the whole machine, and over HTTP."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.events import Condensed, Opened, Replied
from agent.journal import read_journal
from agent.model.base import (
    AssistantMessage,
    Model,
    ModelRefused,
    Reply,
    ToolCall,
    Usage,
    UserMessage,
)
from agent.model.openai import OpenAIModel
from agent.model.replay import Recorded, Recording, Replay, recordings
from agent.model.replay_server import ReplayServer
from agent.model.spoken import read_answer
from agent.runs import create
from agent.state import Outcome
from agent.toolset import tool_schemas
from doubles.repositories import CALCULATOR, CHECK, RIGHT, WRONG, make_repository
from doubles.scripted_model import ScriptedModel, calls, says, submit
from doubles.small_window import SmallWindow
from doubles.story import Story

TOOLS = tool_schemas()
REPAIR = ("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT})
TASK = UserMessage(content="task")


@pytest.fixture
def make_story(tmp_path: Path) -> Callable[[str], Story]:
    repository = make_repository(tmp_path / "repository", CALCULATOR)
    return lambda name: Story(repository, create(tmp_path / name), settings={"test": CHECK})


def test_a_run_is_had_again_word_for_word(make_story: Callable[[str], Story]) -> None:
    first = make_story("first")
    lines = [says("I look."), calls(("read", {"path": "calculator.py"})), calls(REPAIR), submit()]
    assert first.run(ScriptedModel(list(lines))).outcome is Outcome.PROVEN
    model: Model = Replay.of(first.folder.journal)
    again = make_story("again")
    assert again.run(model).outcome is Outcome.PROVEN
    assert again.patch == first.patch
    assert again.told(Replied) == first.told(Replied)


def test_observations_that_tell_times_need_the_place_only(
    make_story: Callable[[str], Story],
) -> None:
    first = make_story("first")
    first.run(ScriptedModel([calls(("shell", {"command": "date +%s%N"})), calls(REPAIR), submit()]))
    with pytest.raises(ModelRefused, match="from message 4 on it differs: recorded was tool 'exit"):
        make_story("exact").run(Replay.of(first.folder.journal))
    again = make_story("again")
    assert again.run(Replay.of(first.folder.journal, by_place=True)).outcome is Outcome.PROVEN
    notices = [event.reply.notices for event in again.told(Replied)]
    assert notices[0] == []
    assert notices[1] == ["from message 4 on this is not the recording's conversation"]


def test_a_run_that_was_condensed_is_had_again(make_story: Callable[[str], Story]) -> None:
    """Without a tokenizer: what was cut and noted is taken from the recording."""
    first = make_story("first")
    much = calls(("shell", {"command": "seq 1 2000"}))
    noted = calls(("condense", {"goal": "mend the mean"}))
    line = lambda messages: noted if "Call `condense` now" in messages[-1].content else much  # noqa: E731
    model = SmallWindow([line] * 12 + [calls(REPAIR), submit()], window=6_000)
    assert first.run(model).outcome is Outcome.PROVEN
    assert len(first.told(Condensed)) > 1
    again = make_story("again")
    assert again.run(Replay.of(first.folder.journal)).outcome is Outcome.PROVEN
    assert again.told(Condensed) == first.told(Condensed)
    assert again.told(Replied) == first.told(Replied)


def test_each_candidate_says_what_it_said(make_story: Callable[[str], Story]) -> None:
    first = make_story("first")
    first.run(ScriptedModel([calls(REPAIR), submit()]))
    other = make_story("other")
    other.run(ScriptedModel([says("hm"), calls(REPAIR), submit()]))
    shutil.copy(other.folder.journal, first.folder.candidate(2))
    opening = first.told(Opened)[0].messages
    said = [
        Replay.of(first.folder.journal, candidate=number).reply(opening, TOOLS).message.content
        for number in (0, 1, 2)
    ]
    assert said == ["", "", "hm"]


def test_what_was_never_recorded() -> None:
    with pytest.raises(ModelRefused, match="holds no reply"):
        Replay(Recording()).check()
    replay = Replay(Recording([Recorded([TASK], says("hm"))]))
    replay.check()
    assert replay.reply([TASK], TOOLS) == says("hm")
    with pytest.raises(ModelRefused, match="now it is user 'another'"):
        replay.reply([UserMessage(content="another")], TOOLS)
    with pytest.raises(ModelRefused, match="no reply number 2"):
        replay.reply([TASK, AssistantMessage(content="hm")], TOOLS)


def test_a_recording_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="cannot read the recording"):
        Replay.of(tmp_path / "journal.jsonl")


def reply(**fields: Any) -> Reply:
    call = ToolCall(id="given", name="read", arguments={"path": "é.py"})
    message = AssistantMessage(content="I read it, all of it.", calls=[call], **fields)
    return Reply(message=message, usage=Usage(prompt=9, cached=4, completion=3))


@pytest.mark.parametrize("call_format", ["native", "json", "xml", "fenced"])
def test_over_http_a_client_hears_what_was_said(call_format: Any) -> None:
    recorded = reply(call_format=call_format, reasoning="hm, hm")
    with ReplayServer([recorded]) as server, OpenAIModel(server.url, calls=call_format) as model:
        heard = model.reply([TASK], TOOLS)
    ids = [call.model_copy(update={"id": "given"}) for call in heard.message.calls]
    assert heard.message.model_copy(update={"calls": ids}) == recorded.message
    assert (heard.usage, heard.malformed, heard.repaired) == (recorded.usage, [], [])


def test_the_client_needs_no_telling_how_to_call() -> None:
    with ReplayServer([reply()]) as server, OpenAIModel(server.url) as model:
        heard = model.reply([TASK], TOOLS)
    assert (heard.message.calls, heard.notices) == (reply().message.calls, [])


def test_the_same_request_gets_the_same_reply_and_another_the_next() -> None:
    with ReplayServer([says("one"), says("two")]) as server:
        said = [ask(server, text) for text in ("a", "a", "b", "a", "b")]
        over = post(server, "c")
    assert said == ["one", "one", "two", "one", "two"]
    assert (over.status_code, over.json()["error"]["message"]) == (400, "the recording is over")


def post(server: ReplayServer, text: str) -> httpx.Response:
    body = {"messages": [{"role": "user", "content": text}]}
    return httpx.post(f"{server.url}/chat/completions", json=body)


def ask(server: ReplayServer, text: str) -> str:
    return read_answer(post(server, text).json()).content


def test_a_reply_that_was_cut_off_still_is() -> None:
    cut = Reply(message=AssistantMessage(content="I wi"), cut_off=True, usage=Usage(prompt=1))
    with ReplayServer([cut]) as server, OpenAIModel(server.url, calls="native") as model:
        assert model.reply([TASK], TOOLS).cut_off


def test_other_paths_are_not_there() -> None:
    with ReplayServer([]) as server:
        assert httpx.get(f"{server.url}/nothing").status_code == 404
        assert httpx.post(f"{server.url}/tokenize", json={}).status_code == 404


def test_a_journal_gives_its_replies_with_what_led_to_them(
    make_story: Callable[[str], Story],
) -> None:
    story = make_story("run")
    model = ScriptedModel([calls(REPAIR), submit()])
    story.run(model)
    found = recordings(read_journal(story.folder.journal)).replies
    assert [recorded.messages for recorded in found] == model.asked
