"""Loops are told by what was done: the repository, the tests, the calls."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.events import Acted, Condensed, Opened, Replied
from agent.journal import Entry
from agent.progress import Loop, progress
from doubles.scripted_model import calls

READ = ("read", {"path": "a.py"})
TEST = ("run_tests", {})


def entry(event: Any) -> Entry:
    return Entry.model_validate(
        {"key": "", "time": datetime.now(UTC), "elapsed": 0, "event": event}
    )


def turns(*happened: tuple[Any, str, str]) -> list[Entry]:
    """A conversation of turns: call, tree afterwards, what the tests said."""
    events: list[Any] = [Opened(phase="repair", messages=[], tree="t0")]
    for number, (call, tree, tests) in enumerate(happened, 1):
        events.append(Replied(turn=number, reply=calls(call)))
        events.append(Acted(turn=number, observations=[], tree=tree, submitted=False, tests=tests))
    return [entry(event) for event in events]


def test_the_same_call_on_the_same_files_is_a_repetition() -> None:
    same = (READ, "t0", "")
    assert [progress(turns(*[same] * n)).repeated for n in (1, 2, 3)] == [0, 1, 2]
    assert [progress(turns(*[same] * n)).loop for n in range(1, 11)] == [
        Loop.NONE, Loop.NONE, Loop.NONE, Loop.WARN, Loop.NONE, Loop.NUDGE, Loop.NONE, Loop.NONE,
        Loop.STOP, Loop.STOP,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "new", [(READ, "t1", ""), (("read", {"path": "b.py"}), "t0", ""), (TEST, "t0", "2 passed")]
)
def test_a_new_tree_a_new_call_or_a_new_outcome_is_progress(new: tuple[Any, str, str]) -> None:
    old = [(READ, "t0", ""), (TEST, "t0", "1 passed")] * 4
    assert progress(turns(*old)).repeated == 6
    assert progress(turns(*old, new)).repeated == 0


def test_what_was_condensed_away_may_be_looked_at_again() -> None:
    entries = turns(*[(READ, "t0", "")] * 4)
    gone = entry(Condensed(how="elided", kept=1, messages=[]))
    assert progress([*entries, gone]).repeated == 0
    assert progress([*entries, gone, *turns((READ, "t0", ""))[1:]]).repeated == 0


def test_another_conversation_begins_anew() -> None:
    assert progress([*turns(*[(READ, "t0", "")] * 4), *turns((READ, "t0", ""))]).repeated == 0


def test_what_was_tried_is_told_once() -> None:
    found = progress(turns((READ, "t0", ""), (TEST, "t1", "1 broken"), (READ, "t1", "")))
    assert found.tried == ("read a.py (2 times)", "run_tests: 1 broken")


@given(st.integers(1, 12), st.integers(0, 40))
def test_a_loop_of_any_period_is_found(period: int, more: int) -> None:
    cycle = [(("read", {"path": f"{n}.py"}), "t0", "") for n in range(period)]
    happened = [cycle[n % period] for n in range(period + more)]
    assert progress(turns(*happened)).repeated == more
