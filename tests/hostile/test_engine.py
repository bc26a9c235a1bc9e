"""REL-05: the engine is killed in the middle of a run. It is a daemon of the test's own."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from agent.events import Replied
from agent.journal import read_journal
from doubles.private_docker import PrivateDocker
from doubles.repositories import CALCULATOR, CHECK, RIGHT, WRONG, make_repository
from doubles.sandboxes import provider_or_skip
from doubles.scripted_server import ScriptedServer
from sandbox.docker import IMAGE

PROGRAM = str(Path(sys.executable).with_name("patchwright"))
COMMAND = "sleep 3; cat calculator.py"


@pytest.fixture(scope="module")
def engine():
    """A daemon with the sandbox's image."""
    provider_or_skip("docker")
    if missing := PrivateDocker.missing():
        pytest.skip(missing)
    daemon = PrivateDocker(Path(tempfile.mkdtemp(prefix="d")))
    try:
        daemon.start()
        daemon.load(IMAGE)
        yield daemon
    finally:
        daemon.stop()


def answer(name, **arguments):
    function = {"name": name, "arguments": json.dumps(arguments)}
    call = {"id": "call-1", "type": "function", "function": function}
    message = {"role": "assistant", "content": "", "tool_calls": [call]}
    return {
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10},
    }


REPLIES = [
    answer("shell", command=COMMAND),
    answer("edit", operation="replace", path="calculator.py", old=WRONG, new=RIGHT),
    answer("submit", summary="done", solved=True),
]


class Run:
    """A run on that engine, and the turns that its server was asked for."""

    def __init__(self, engine, tmp_path, at_first):
        self.engine, self.place = engine, tmp_path
        self.repository = make_repository(tmp_path / "repository", CALCULATOR)
        self.asked = Counter()
        self.at_first = at_first
        """Done a second after the first reply, while its command runs."""

    def reply(self, request):
        turn = sum(message["role"] == "assistant" for message in request["messages"])
        self.asked[turn] += 1
        if turn == 0:
            threading.Timer(1.5, self.at_first).start()
        return REPLIES[turn]

    def patchwright(self, *words):
        started = time.monotonic()
        done = subprocess.run(
            [PROGRAM, *words, "--runs", str(self.place / "runs")],
            cwd=self.place,
            env={
                "HOME": str(self.place),
                "LANG": "C.UTF-8",
                "DOCKER_HOST": self.engine.address,
                **{name: os.environ[name] for name in ("PATH", "TMPDIR")},
            },
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done, time.monotonic() - started

    def fix(self, server):
        return self.patchwright(
            *("fix", str(self.repository), "--issue", "The mean is one too large", "--yes"),
            *("--sandbox", "docker", "--test", CHECK, "--base-url", server.url),
            *("--model", "scripted"),
        )

    @property
    def turns(self):
        [journal] = self.place.glob("runs/*/journal.jsonl")
        return [e.event.turn for e in read_journal(journal) if isinstance(e.event, Replied)]


@pytest.mark.case("REL-05", "an engine that is started again: the run goes on")
def test_rel_05_restart(engine, tmp_path, seen):
    def restart():
        engine.kill()
        engine.start()

    run = Run(engine, tmp_path, restart)
    with ScriptedServer(run.reply) as server:
        done, seconds = run.fix(server)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the sandbox was lost" in done.stdout + done.stderr
    assert (run.turns, set(run.asked.values())) == ([1, 2, 3], {1})
    seen(f"proven after {seconds:.0f} s, no turn asked again")


@pytest.mark.case("REL-05", "an engine that stays away: exit 3, one line; resume ends the run")
def test_rel_05_gone(engine, tmp_path, seen):
    run = Run(engine, tmp_path, engine.kill)
    with ScriptedServer(run.reply) as server:
        done, seconds = run.fix(server)
        engine.start()
        assert done.returncode == 3, done.stdout + done.stderr
        said = [line for line in done.stderr.splitlines() if line.startswith("patchwright:")]
        assert len(said) == 1
        assert "no engine answers" in said[0]
        again, _ = run.patchwright("resume", "last")
    assert again.returncode == 0, again.stdout + again.stderr
    assert (run.turns, set(run.asked.values())) == ([1, 2, 3], {1})
    left = engine.docker("ps", "--all", "--quiet").stdout
    assert left == ""
    seen(f"after {seconds:.0f} s: {said[0][13:60]}; then proven")
