"""Several repairs side by side: the proven one is found, the run goes on after a crash."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from agent.events import Judged, Measured, Reproduced
from agent.model.base import Message, Reply
from agent.state import Outcome
from doubles.repositories import CHECK, RIGHT, WRONG
from doubles.scripted_model import ScriptedModel, calls, submit
from doubles.story import Story
from sandbox.base import Completed, Limits, Sandbox
from sandbox.host import HostProvider

MakeStory = Callable[..., Story]
SETTINGS = {"test": CHECK, "candidates": 8, "parallel": 2}


def edit(new: str) -> Reply:
    values = {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": new}
    return calls(("edit", values))


def repairing(*right: int) -> Callable[[int], ScriptedModel]:
    """Models of which only these candidates' find the repair."""

    def another(number: int) -> ScriptedModel:
        text = RIGHT if number in right else f"    return sum(values) / {number}\n"
        give_up = submit("not found", solved=False)
        return ScriptedModel([edit(text), submit(f"candidate {number}"), give_up])

    return another


@pytest.mark.parametrize("place", [3, 8])
def test_the_proven_one_is_found_whatever_its_place(story: MakeStory, place: int) -> None:
    told = story(settings=SETTINGS, another=repairing(place))
    record = told.run(ScriptedModel([]))
    assert record.outcome is Outcome.PROVEN
    assert "+    return sum(values) / len(values)\n" in told.patch
    judged = told.told(Judged)
    assert judged[-1].verdict.proven
    assert judged[-1].candidate == place
    assert f"candidate {place}" in told.folder.report.read_text()
    assert (len(told.told(Measured)), len(told.told(Reproduced))) == (1, 1)


def test_once_one_is_proven_the_others_are_dropped_unless_all_are_wanted(story: MakeStory) -> None:
    told = story(settings=SETTINGS | {"parallel": 1}, another=repairing(1, 2))
    told.run(ScriptedModel([]))
    assert [event.candidate for event in told.told(Judged)] == [1]


def test_all_are_judged_where_that_is_asked_for(story: MakeStory) -> None:
    settings = SETTINGS | {"candidates": 3, "every_candidate": True}
    told = story(settings=settings, another=repairing(2))
    told.run(ScriptedModel([]))
    judged = told.told(Judged)
    assert sorted(event.candidate for event in judged) == [1, 2, 3]
    assert [event.verdict.proven for event in judged] == [False, False, True]


def test_where_none_is_proven_the_best_attempt_is_handed_over(story: MakeStory) -> None:
    told = story(settings=SETTINGS | {"candidates": 2}, another=repairing())
    record = told.run(ScriptedModel([]))
    assert record.outcome is Outcome.NONE
    assert record.reason.startswith("none of 2 candidates is proven")
    assert "sum(values) / " in told.patch


def test_a_run_that_was_stopped_asks_no_candidate_again(story: MakeStory) -> None:
    class Stop(BaseException):
        pass

    asked: list[int] = []

    def another(number: int) -> ScriptedModel:
        def counted(reply: Reply) -> Callable[[Sequence[Message]], Reply]:
            def answer(_messages: Sequence[Message]) -> Reply:
                asked.append(number)
                return reply

            return answer

        def stop(_messages: Sequence[Message]) -> Reply:
            if asked.count(2) == 1 and number == 2 and not stopped:
                stopped.append(number)
                raise Stop
            asked.append(number)
            return submit()

        text = RIGHT if number == 2 else "    return 0\n"
        second = stop if number == 2 else counted(submit("no", solved=False))
        return ScriptedModel([counted(edit(text)), second], by_history=True)

    stopped: list[int] = []
    told = story(settings=SETTINGS | {"candidates": 2, "parallel": 1}, another=another)
    with pytest.raises(Stop):
        told.run(ScriptedModel([]))
    assert told.run(ScriptedModel([])).outcome is Outcome.PROVEN
    assert asked.count(2) == 2


class Counting(HostProvider):
    """Bare boxes, of which it is known whether a command ran in them and whether they ended."""

    def __init__(self) -> None:
        super().__init__()
        self.boxes: list[Sandbox] = []
        self.used: set[int] = set()
        self.ended: set[int] = set()

    def start(self, limits: Limits, *, run: str) -> Sandbox:
        box = super().start(limits, run=run)
        number, command, close = len(self.boxes), box.run, box.close

        def running(arguments: Sequence[str], **options: Any) -> Completed:
            self.used.add(number)
            return command(arguments, **options)

        def closing() -> None:
            self.ended.add(number)
            close()

        box.run = running  # type: ignore[method-assign]
        box.close = closing  # type: ignore[method-assign]
        self.boxes.append(box)
        return box


def test_boxes_that_were_started_ahead_are_used_by_whoever_comes_next(story: MakeStory) -> None:
    provider = Counting()
    told = story(settings=SETTINGS | {"every_candidate": True}, another=repairing(8))
    told.provider = provider
    assert told.run(ScriptedModel([])).outcome is Outcome.PROVEN
    assert provider.ended == set(range(len(provider.boxes)))
    # Each candidate needs two at least; none but the last one started ahead may be in vain.
    assert len(provider.used) >= 16
    assert len(provider.boxes) - len(provider.used) <= 2
