"""STATE: what lies on disk between two processes of a run."""

import sqlite3
import stat
from contextlib import closing

import ormsgpack
import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agent import runs
from agent.commands.exits import UsageError
from agent.commands.fix import resume
from agent.events import Told
from agent.graph import _checkpoints, run
from agent.journal import Journal, read_journal
from agent.runs import RunError
from doubles.repositories import CALCULATOR, CHECK, make_repository
from doubles.scripted_model import ScriptedModel, says
from doubles.story import Story


def killed(_):
    raise KeyboardInterrupt


@pytest.fixture
def stopped(tmp_path):
    """A run that was killed before the model's first answer."""
    repository = make_repository(tmp_path / "repository", CALCULATOR)
    story = Story(repository, runs.create(tmp_path / "runs"), settings={"test": CHECK})
    with pytest.raises(KeyboardInterrupt):
        story.run(ScriptedModel([killed]))
    return story


@pytest.mark.case("STATE-01", "a checkpoint that names code to run is inert")
def test_state_01(tmp_path, seen):
    mark = tmp_path / "mark"
    inner = ormsgpack.packb(("subprocess", "getoutput", f"touch {mark}"))
    with closing(sqlite3.connect(tmp_path / "checkpoint.sqlite")) as connection:
        serializer = _checkpoints(connection).serde
    for code in range(8):
        serializer.loads_typed(("msgpack", ormsgpack.packb(ormsgpack.Ext(code, inner))))
    payload = b'{"lc":2,"type":"constructor","id":["os","system"],"args":["touch %s"]}'
    serializer.loads_typed(("json", payload % bytes(mark)))
    assert not mark.exists()
    seen("8 extensions and a constructor: nothing ran")


@pytest.mark.case("STATE-02", "no class may be named in a checkpoint")
def test_state_02(tmp_path, seen):
    with closing(sqlite3.connect(tmp_path / "checkpoint.sqlite")) as connection:
        serializer = _checkpoints(connection).serde
    assert isinstance(serializer, JsonPlusSerializer)
    kind, data = serializer.dumps_typed(Told(text="x"))
    assert not isinstance(serializer.loads_typed((kind, data)), Told)
    seen("a class of our own comes back as plain data")


@pytest.mark.case("STATE-03", "damaged or held checkpoints are said, and kept")
@pytest.mark.parametrize("damage", ["garbage", "truncated", "locked"])
def test_state_03(stopped, seen, damage):
    file = stopped.folder.checkpoint
    holder = sqlite3.connect(file)
    with closing(holder):
        if damage == "locked":
            holder.execute("BEGIN EXCLUSIVE")
        else:
            data = file.read_bytes()
            file.write_bytes(b"garbage" * 999 if damage == "garbage" else data[:5000])
        before = file.read_bytes()
        with stopped.kit(ScriptedModel([says("x")] * 9)) as kit, pytest.raises(RunError) as failure:
            run(kit)
    assert file.read_bytes() == before
    seen(str(failure.value).partition(": ")[2][:60])


@pytest.mark.case("STATE-04", "a run of another version is not gone on with")
def test_state_04(stopped, seen):
    with pytest.raises(UsageError, match="was started by patchwright 0") as refusal:
        resume.callback(run=stopped.folder.name, as_json=False, runs=stopped.folder.path.parent)
    seen(str(refusal.value)[:60])


@pytest.mark.case("STATE-05", "what no file can hold is made fit before it is kept")
def test_state_05(tmp_path, seen):
    text = "nul \0 half \ud800 bidi \u202e big"
    journal = Journal(tmp_path / "journal.jsonl")
    with pytest.raises(ValueError, match="surrogate"):
        journal.once("told", lambda: Told(text=text))
    journal.close()
    assert read_journal(tmp_path / "journal.jsonl") == []
    journal = Journal(tmp_path / "journal.jsonl")
    journal.once("told", lambda: Told(text=text.replace("\ud800", "?")))
    journal.close()
    assert len(read_journal(tmp_path / "journal.jsonl")) == 1
    seen("half a character is refused whole, the journal stays readable")


@pytest.mark.case("STATE-06", "the run's folder is its owner's, outside the repository")
def test_state_06(stopped, seen):
    for path in (stopped.folder.path, stopped.folder.path.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    inside = Story(stopped.repository, runs.create(stopped.repository / "runs"))
    with pytest.raises(RunError, match="lies in the repository"):
        inside.run(ScriptedModel([says("x")]))
    seen("mode 700; inside the repository it is refused")
