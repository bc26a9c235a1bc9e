"""A killed run goes on where it stopped: no turn is asked twice, the result is the same."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from agent.events import Judged, Replied
from agent.journal import Journal
from agent.state import Outcome
from doubles.repositories import CHECK, RIGHT, WRONG
from doubles.scripted_model import Line, ScriptedModel, calls, submit
from doubles.story import Story


class Killed(BaseException):
    """Stands for a process that is gone: nothing in the machine may catch it."""


REPAIR = ("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT})
LINES: list[Line] = [
    calls(("read", {"path": "calculator.py"})),
    calls(("edit", {"operation": "create", "path": "notes.txt", "new": "a note\n"})),
    calls(REPAIR, ("run_tests", {})),
    submit(),
]


@pytest.mark.parametrize("kind", ["prepared", "measured", "located", "reproduced", "opened-repair",
                                  "replied-1", "acted-2", "replied-3", "acted-3", "acted-4",
                                  "judged-1", "published", "ended"])  # fmt: skip
@pytest.mark.parametrize("written", [False, True], ids=["before-writing", "after-writing"])
def test_killed_around_any_entry_and_resumed(
    story: Callable[..., Story], monkeypatch: pytest.MonkeyPatch, kind: str, written: bool
) -> None:
    told = story(settings={"test": CHECK})
    model = ScriptedModel(list(LINES), by_history=True)
    once = Journal.once

    def dying(journal, key, make):  # type: ignore[no-untyped-def]
        if key == kind and not written:
            make()
            raise Killed
        event = once(journal, key, make)
        if key == kind:
            raise Killed
        return event

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "once", dying)
        with pytest.raises(Killed):
            told.run(model)
    asked_before = len(model.asked)
    record = told.run(model)
    assert record.outcome is Outcome.PROVEN
    assert [event.turn for event in told.told(Replied)] == [1, 2, 3, 4]
    lost = 1 if kind.startswith("replied") and not written else 0
    assert len(model.asked) == 4 + lost
    assert asked_before <= len(model.asked)
    assert len([event for event in told.told(Judged) if event.verdict.proven]) == 1
    assert RIGHT in told.patch
    assert "a note" not in told.patch
    assert "+    return sum(values) / len(values)\n" in told.patch


def test_a_finished_run_is_only_looked_at(story: Callable[..., Story]) -> None:
    told = story(settings={"test": CHECK})
    first = told.run(ScriptedModel(list(LINES)))
    assert told.run(ScriptedModel([])) == first


@pytest.mark.parametrize("lines", [LINES, [submit("I cannot", solved=False)]])
def test_no_class_is_named_in_a_checkpoint(story: Callable[..., Story], lines: list[Line]) -> None:
    """What LangGraph would have to import to read it, it refuses, and warns of."""
    told = story(settings={"test": CHECK})
    told.run(ScriptedModel(list(lines)))
    with closing(sqlite3.connect(told.folder.checkpoint)) as connection:
        kept = [
            blob
            for query in ("SELECT checkpoint FROM checkpoints", "SELECT value FROM writes")
            for (blob,) in connection.execute(query)
        ]
    assert kept
    assert [blob for blob in kept if b"agent." in blob] == []
