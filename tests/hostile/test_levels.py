"""LVL and CON: no weaker sandbox than was asked for, and several runs at once."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from agent import runs
from agent.runs import RunError
from agent.state import Outcome
from doubles.repositories import CALCULATOR, CHECK, RIGHT, WRONG, make_repository
from doubles.sandboxes import SMALL
from doubles.scripted_model import ScriptedModel, calls, submit
from doubles.story import Story
from sandbox.base import SandboxUnavailable
from sandbox.choose import strongest
from sandbox.docker import _require_limits
from sandbox.probe import in_group, probe

NOWHERE = "unix:///no/such/engine.sock"
PROGRAM = str(Path(sys.executable).with_name("patchwright"))
REPAIR = ("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT})


def scripted():
    return ScriptedModel([calls(REPAIR), submit()], by_history=True)


@pytest.fixture
def story(tmp_path):
    repository = make_repository(tmp_path / "repository", CALCULATOR)

    def make():
        return Story(repository, runs.create(tmp_path / "runs"), settings={"test": CHECK})

    return make


@pytest.mark.case("LVL-01", "without the engine that was asked for nothing is run")
def test_lvl_01(tmp_path, seen):
    repository = make_repository(tmp_path / "repository", CALCULATOR)
    done = subprocess.run(
        [PROGRAM, "fix", repository, "--issue", "x", "--sandbox", "docker", "--test",
         f"touch {tmp_path}/ran"],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "DOCKER_HOST": NOWHERE},
        capture_output=True, text=True, timeout=60, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, (tmp_path / "ran").exists()) == (3, False)
    assert "no engine answers" in done.stderr
    assert "Traceback" not in done.stderr
    seen("exit 3: no engine answers")


@pytest.mark.case("LVL-02", "without bubblewrap it says what to install")
def test_lvl_02(monkeypatch, seen):
    monkeypatch.setattr("sandbox.bubblewrap._SYSTEM_PATH", "/nowhere")
    with pytest.raises(SandboxUnavailable, match="apt-get install bubblewrap"):
        strongest("bubblewrap")
    seen("bwrap is missing: install bubblewrap")


@pytest.mark.case("LVL-03", "an engine that only pretends to bound is refused")
def test_lvl_03(docker, seen):
    with pytest.raises(SandboxUnavailable, match="does not enforce"):
        _require_limits({"MemoryLimit": False, "PidsLimit": True})
    with docker.start(SMALL, run="hostile") as box:
        box._engine.allow_processes(box._container, -1)
        with pytest.raises(SandboxUnavailable, match="processes and memory are not bounded"):
            probe(box, [in_group(SMALL)])
    seen("by its own word, and by the probe when it says otherwise")


@pytest.mark.case("LVL-04", "as root, bubblewrap's commands are still nobody")
def test_lvl_04(provider, seen):
    with provider.start(SMALL, run="hostile") as box:
        user = int(box.run(["id", "-u"], timeout=10).stdout.data)
        assert user >= 1000
        mapped = box.run(["cat", "/proc/self/uid_map"], timeout=10).stdout.data
    seen(f"user {user}, map {b' '.join(mapped.split()).decode()}")


@pytest.mark.case("LVL-05", "isolated where only docker is there is refused")
def test_lvl_05(docker, seen):
    with pytest.raises(SandboxUnavailable, match="userns-remap"):
        strongest("isolated")
    seen("refused: root there is root of the host")


@pytest.mark.case("CON-01", "a run that is in use is not taken")
def test_con_01(story, seen):
    told = story()
    with told.kit(scripted()), pytest.raises(RunError, match="in use") as refusal:
        told.run(scripted())
    seen(str(refusal.value)[:60])


@pytest.mark.case("CON-02 CON-03", "runs side by side on one repository end as alone")
def test_con_02(story, seen):
    records = {}

    def one(number, told):
        records[number] = told.run(scripted())

    threads = [threading.Thread(target=one, args=(number, story())) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [record.outcome for record in records.values()] == [Outcome.PROVEN] * 6
    seen("6 of 6 proven; names, locks and folders are each run's own")


@pytest.mark.case("CON-04", "the lock of a killed process is taken over at once")
def test_con_04(story, seen):
    told = story()
    script = (
        "import os; from pathlib import Path; from agent.runs import RunFolder; "
        f"lock = RunFolder(Path({str(told.folder.path)!r})).locked(); "
        "lock.__enter__(); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=60).returncode == -9
    with told.folder.locked():
        pass
    seen("the kernel lets go of it")
