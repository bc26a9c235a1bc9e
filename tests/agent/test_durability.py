"""What is on disk survives clocks, damage and other programs, and is its owner's alone."""

import json
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from langgraph.checkpoint.base import id as ids

from agent import runs
from agent.model.base import Reply
from agent.runs import RunError
from agent.state import Outcome
from doubles.repositories import CALCULATOR, CHECK, RIGHT, WRONG, make_repository
from doubles.scripted_model import Line, ScriptedModel, calls, submit
from doubles.story import Story

REPAIR = ("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT})
LINES: list[Line] = [calls(("read", {"path": "calculator.py"})), calls(REPAIR), submit()]


def killed(_: object) -> Reply:
    raise KeyboardInterrupt


@pytest.fixture
def told(tmp_path: Path) -> Story:
    repository = make_repository(tmp_path / "repository", CALCULATOR)
    return Story(repository, runs.create(tmp_path / "runs"), settings={"test": CHECK})


@pytest.mark.parametrize("step", [-3600, -86_400, 365 * 86_400])
def test_a_clock_that_is_set_while_a_run_is_stopped_loses_nothing(
    told: Story, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    model = ScriptedModel([LINES[0], killed], by_history=True)
    with pytest.raises(KeyboardInterrupt):
        told.run(model)
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + step * 10**9)
    monkeypatch.setattr(ids, "_last_v6_timestamp", None)  # as in a new process
    model = ScriptedModel(list(LINES), by_history=True)
    record = told.run(model)
    assert (record.outcome, record.replies, len(model.asked)) == (Outcome.PROVEN, 3, 2)
    monkeypatch.undo()
    assert told.run(ScriptedModel([])) == record


@pytest.mark.parametrize("damage", [b"", b"garbage" * 1000, None])
def test_damaged_checkpoints_are_said_and_kept(told: Story, damage: bytes | None) -> None:
    told.run(ScriptedModel(list(LINES)))
    whole = told.folder.checkpoint.read_bytes()
    left = whole[:5000] if damage is None else damage
    told.folder.checkpoint.write_bytes(left)
    if left:
        with pytest.raises(RunError, match=r"checkpoint\.sqlite: .*left as it is"):
            told.run(ScriptedModel([]))
        assert told.folder.checkpoint.read_bytes() == left
    else:
        # Without checkpoints the journal still knows every step: nothing is done again.
        assert told.run(ScriptedModel([])).outcome is Outcome.PROVEN


def test_a_run_is_its_owners_and_not_in_the_repository(told: Story) -> None:
    for path in (told.folder.path, told.folder.path.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    inside = Story(told.repository, runs.create(told.repository / "runs"))
    with pytest.raises(RunError, match="lies in the repository"):
        inside.run(ScriptedModel([]))


def test_cleaning_keeps_what_people_read_and_what_can_be_gone_on_with(
    told: Story, tmp_path: Path
) -> None:
    told.run(ScriptedModel(list(LINES)))
    stopped = Story(told.repository, runs.create(told.folder.path.parent), settings={"test": CHECK})
    with pytest.raises(KeyboardInterrupt):
        stopped.run(ScriptedModel([killed]))
    count, size = runs.clean(told.folder.path.parent)
    assert count == 1
    assert size > 1000
    assert not told.folder.store.exists()
    assert not told.folder.checkpoint.exists()
    assert "len(values)" in told.patch
    assert json.loads(told.folder.journal.read_text().splitlines()[-1])
    assert stopped.folder.store.exists()
    assert runs.clean(told.folder.path.parent) == (0, 0)
    assert stopped.run(ScriptedModel(list(LINES), by_history=True)).outcome is Outcome.PROVEN


def test_a_lock_is_waited_for_that_a_killed_process_leaves_for_a_moment(told: Story) -> None:
    holds = "import fcntl, sys, time; fcntl.flock(0, fcntl.LOCK_EX); print(flush=True); "
    with open(told.folder.path / "lock", "w") as lock:
        command = [sys.executable, "-c", holds + "time.sleep(0.3)"]
        holder = subprocess.Popen(command, stdin=lock, stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout
        holder.stdout.readline()
        with told.folder.locked():
            assert holder.wait() == 0


def test_a_run_in_use_is_not_cleaned(told: Story) -> None:
    told.run(ScriptedModel(list(LINES)))
    with told.folder.locked():
        assert runs.clean(told.folder.path.parent) == (0, 0)
    assert told.folder.store.exists()
