"""A small model beside the main one: it repairs what is simple, and reads what is long."""

from collections.abc import Callable
from typing import Any

import pytest

from agent.documents import readable_issue
from agent.events import Consulted, Opened, Replied
from agent.graph import run
from agent.model.base import Model
from agent.routing import simple
from agent.state import Outcome, Repair
from doubles.repositories import CHECK, RIGHT, WRONG
from doubles.scripted_model import ScriptedModel, calls, says, submit
from doubles.small_window import SmallWindow
from doubles.story import Story

MakeStory = Callable[..., Story]
REPAIR = ("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT})
LOOK = calls(("read", {"path": "calculator.py"}))
AUTO = {"test": CHECK, "route": "auto", "model": "served"}


def tell(story: Story, main: Model, small: Model) -> Repair:
    with story.kit(main) as kit:
        kit.small = small
        return run(kit)


def roles(story: Story) -> list[str]:
    return [event.role for event in story.told(Replied)]


def test_the_small_model_repairs_what_is_simple(story: MakeStory) -> None:
    told = story(settings=AUTO)
    small = SmallWindow([LOOK, calls(REPAIR), submit()])
    assert tell(told, ScriptedModel([]), small).outcome is Outcome.PROVEN
    assert roles(told) == ["small"] * 3


@pytest.mark.parametrize(
    ("settings", "issue"),
    [
        ({"route": "main"}, "The mean is one too large"),
        ({"route_tokens": 100}, "The mean is one too large"),
        ({}, "Refactor the mean"),
    ],
)
def test_it_is_not_asked_where_that_was_not_wanted_or_is_too_much(
    story: MakeStory, settings: dict[str, Any], issue: str
) -> None:
    told = story(settings=AUTO | settings, issue=issue)
    main = ScriptedModel([calls(REPAIR), submit()])
    assert tell(told, main, SmallWindow([])).outcome is Outcome.PROVEN
    assert roles(told) == ["main"] * 2


@pytest.mark.parametrize(
    "trouble",
    [
        [LOOK] * 4,
        [says("I wonder.")],
        [calls(("edit", {"operation": "create", "path": "a.txt", "new": "a\n"})), submit()],
    ],
    ids=["loop", "talk", "refused"],
)
def test_in_trouble_the_main_model_takes_over_and_keeps_it(
    story: MakeStory, trouble: list[Any]
) -> None:
    told = story(settings=AUTO)
    main = ScriptedModel([LOOK, calls(REPAIR), submit()])
    assert tell(told, main, SmallWindow(list(trouble))).outcome is Outcome.PROVEN
    assert roles(told) == ["small"] * len(trouble) + ["main"] * 3
    assert main.asked[0][2] == trouble[0].message


@pytest.mark.parametrize(
    ("issue", "expected"),
    [
        ("mean([1]) gives 2", True),
        ("A race condition in the cache", False),
        ("Redesign the API", False),
        ("We should refactor mean", False),
        ("trace " * 2_000, False),
    ],
)
def test_what_is_simple(issue: str, expected: bool) -> None:
    assert simple(issue) is expected


def test_a_long_issue_is_summed_up_once_by_the_small_model(story: MakeStory) -> None:
    issue = "The mean is one too large\n" + "log line 17\n" * 8_000 + "That was all."
    told = story(settings={"test": CHECK, "model": "served"}, issue=issue)
    small = SmallWindow([says(f"part {n}: nothing but log lines") for n in range(1, 9)])
    main = ScriptedModel([calls(REPAIR), submit()])
    assert tell(told, main, small).outcome is Outcome.PROVEN
    [opened] = told.told(Opened)
    text = opened.messages[1].content
    for kept in ("The mean is one too large", "That was all.", "part 1: nothing but log lines"):
        assert kept in text
    assert len(text) < 40_000
    asked = told.told(Consulted)
    assert {event.purpose for event in asked} == {"document"}
    assert sum(event.asked[0].content.count("log line 17") for event in asked) > 4_000


def test_candidates_need_not_ask_for_the_summary_again(story: MakeStory) -> None:
    issue = "The mean is one too large\n" + "log line 17\n" * 8_000
    told = story(settings={"test": CHECK, "model": "served"}, issue=issue)
    small = SmallWindow([says(f"part {n}") for n in range(1, 9)])
    with told.kit(ScriptedModel([])) as kit:
        kit.small, kit.another = small, None
        text = readable_issue(kit)
        asked = len(small.asked)
        with kit.for_candidate(1) as candidate:
            assert readable_issue(candidate) == text
        assert len(small.asked) == asked > 0


def test_without_a_language_model_a_long_issue_stays_as_it_is(story: MakeStory) -> None:
    issue = "The mean is one too large\n" + "log line 17\n" * 8_000
    told = story(settings={"test": CHECK}, issue=issue)
    assert told.run(ScriptedModel([calls(REPAIR), submit()])).outcome is Outcome.PROVEN
    assert issue.strip() in told.told(Opened)[0].messages[1].content


def test_a_second_opinion_where_the_repair_goes_in_circles(story: MakeStory) -> None:
    told = story(settings={"test": CHECK, "model": "served"})
    main = ScriptedModel([LOOK] * 6 + [calls(REPAIR), submit()])
    review = SmallWindow([says("Look at the addition.")], window=4_000)
    with told.kit(main) as kit:
        kit.review = review
        assert run(kit).outcome is Outcome.PROVEN
    assert "Look at the addition." in main.asked[6][-1].content
    [asked] = review.asked
    assert "- read calculator.py (6 times)" in asked[-1].content
    assert [event.purpose for event in told.told(Consulted)] == ["opinion"]
