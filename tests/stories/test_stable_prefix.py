"""What is sent only grows, byte for byte: turn after turn, and for each candidate of one issue."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from agent import runs
from agent.events import Replied
from agent.model.openai import OpenAIModel
from agent.state import Outcome
from doubles.repositories import CHECK, RIGHT, WRONG
from doubles.scripted_server import ScriptedServer, completion
from doubles.story import Story

REPAIR = {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT}
SAID = [
    completion("I think first."),
    completion("I look.", ("read", {"path": "calculator.py"}), ("shell", {"command": "date +%N"})),
    completion(None, ("read", {"paht": "calculator.py"})),
    completion(None, ("run_tests", {})),
    completion("Mended.", ("edit", REPAIR)),
    completion(None, ("submit", {"summary": "one too many"})),
]
USAGE = {"usage": {"prompt_tokens": 100, "completion_tokens": 5,
                   "prompt_tokens_details": {"cached_tokens": 80}}}  # fmt: skip


def sent(story: Story) -> list[dict[str, Any]]:
    with (
        ScriptedServer([said | USAGE for said in SAID]) as server,
        OpenAIModel(server.url) as model,
    ):
        assert story.run(model).outcome is Outcome.PROVEN
        return server.posts


def test_each_request_begins_with_the_one_before(story: Callable[..., Story]) -> None:
    told = story(settings={"test": CHECK})
    posts = sent(told)
    written = [json.dumps(post["messages"]).removesuffix("]") for post in posts]
    for shorter, longer in pairwise(written):
        assert longer.startswith(shorter)
    assert len({json.dumps(post["tools"]) for post in posts}) == 1
    others = [{k: v for k, v in post.items() if k != "messages"} for post in posts]
    assert all(other == others[0] for other in others)
    assert [event.reply.usage.cached for event in told.told(Replied)] == [80] * len(SAID)


def test_candidates_and_later_runs_of_one_issue_begin_alike(story: Callable[..., Story]) -> None:
    first = story(settings={"test": CHECK})
    second = Story(first.repository, runs.create(first.folder.path.parent), settings=first.settings)
    one, other = sent(first)[0], sent(second)[0]
    assert json.dumps(one) == json.dumps(other)
