"""Killed at any of four points around any step, a run ends as if it had not been."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent import graph
from agent.events import Acted, Judged, Published, Replied, Reproduced
from agent.model.base import Message, Reply
from agent.state import Outcome
from doubles.killed import POINTS, Killer, Point, killed
from doubles.leftovers import all_volumes, left
from doubles.repositories import CALCULATOR, CHECK, RIGHT, WRONG
from doubles.scripted_model import ScriptedModel, calls, submit
from doubles.story import Story

REPAIR = ("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT})
NOTE = ("edit", {"operation": "create", "path": "notes.txt", "new": "a note\n"})


@dataclass(frozen=True)
class Course:
    """A run: what is said in it, with which settings, and how it ends."""

    replies: tuple[Reply, ...]
    outcome: Outcome
    settings: tuple[tuple[str, Any], ...] = ()
    others: tuple[tuple[Reply, ...], ...] = ()
    """What each of several candidates is told."""


COURSES = {
    "proven": Course(
        (calls(("read", {"path": "calculator.py"})), calls(NOTE), calls(REPAIR), submit()),
        Outcome.PROVEN,
    ),
    "none": Course((calls(NOTE), submit("not found", solved=False)), Outcome.NONE),
    "first try": Course(
        (calls(NOTE), calls(REPAIR), submit()),
        Outcome.PROVEN,
        (("first_try", "embedded"), ("first_try_minutes", 0.0001), ("model", "scripted")),
    ),
    "candidates": Course(
        (),
        Outcome.PROVEN,
        (("candidates", 2), ("parallel", 1), ("every_candidate", True)),
        ((calls(NOTE), submit("no", solved=False)), (calls(REPAIR), submit())),
    ),
}
VISITS = [
    *(("proven", step, 1) for step in ("prepare", "locate", "reproduce")),
    ("proven", "ask", 2),
    ("proven", "act", 3),
    *(("proven", step, 1) for step in ("verify", "publish")),
    ("none", "give_up", 1),
    ("first try", "first_try", 1),
    ("candidates", "attempt", 2),
    ("candidates", "select", 1),
]
"""Every step, once, in a course that comes by it."""


class Told:
    """A story that is carried on by several processes, and how often the model was asked."""

    def __init__(self, story: Callable[..., Story], course: Course, log: Path) -> None:
        self.course, self.log = course, log
        self.story = story(
            CALCULATOR,
            settings={"test": CHECK, **dict(course.settings)},
            another=lambda number: self._model(course.others[number - 1], f"{number}-"),
        )

    def run(self) -> None:
        self.story.run(self._model(self.course.replies, ""))

    @property
    def asked(self) -> Counter[str]:
        return Counter(self.log.read_text().split()) if self.log.exists() else Counter()

    def _model(self, replies: Sequence[Reply], prefix: str) -> ScriptedModel:
        def line(number: int, reply: Reply) -> Callable[[Sequence[Message]], Reply]:
            def say(_messages: Sequence[Message]) -> Reply:
                with self.log.open("a") as log:
                    log.write(f"{prefix}{number}\n")
                return reply

            return say

        lines = [line(number, reply) for number, reply in enumerate(replies, 1)]
        return ScriptedModel(list(lines), by_history=True)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(("name", "step", "visit"), VISITS, ids=[step for _, step, _ in VISITS])
def test_a_run_ends_as_if_it_had_not_been_killed(
    story: Callable[..., Story],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    step: str,
    visit: int,
    point: Point,
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    volumes = all_volumes()
    course = COURSES[name]
    told = Told(story, course, tmp_path / "asked")
    assert killed(Killer(step, point, visit), told.run)
    told.run()
    once = told.story
    assert _outcome(once) is course.outcome
    replies = len(course.replies) + sum(map(len, course.others))
    assert told.asked.total() == len(told.asked) == replies, "a turn was asked again"
    turns = list(range(1, len(course.replies) + 1))
    assert [event.turn for event in once.told(Replied)] == turns
    assert [event.turn for event in once.told(Acted) if event.turn] == turns
    assert len(once.told(Reproduced)) == 1
    assert len([event for event in once.told(Judged) if event.verdict.proven]) == len(
        once.told(Published)
    )
    if course.outcome is Outcome.PROVEN:
        assert f"\n-{WRONG}+{RIGHT}" in once.patch
    once.provider.remove_leftovers()
    assert not any(left(temporary, volumes).values())


def _outcome(story: Story) -> Outcome:
    ended = [event.outcome for event in story.events if event.kind == "ended"]
    assert len(ended) == 1
    return ended[0]


def test_no_step_is_left_out() -> None:
    assert {step for _, step, _ in VISITS} == set(graph._machine().nodes)
