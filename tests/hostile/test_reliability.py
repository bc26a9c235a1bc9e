"""REL and MOD: what breaks while a run is on its way."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agent import runs
from agent.events import Replied
from agent.journal import Journal
from agent.state import Outcome
from doubles.repositories import CALCULATOR, CHECK, RIGHT, WRONG, make_repository
from doubles.sandboxes import SMALL
from doubles.scripted_model import ScriptedModel, calls, says, submit
from doubles.scripted_server import Answer, ScriptedServer
from doubles.story import Story
from sandbox.base import SandboxLost

PROGRAM = str(Path(sys.executable).with_name("patchwright"))
REPAIR = ("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT})


@pytest.fixture
def repository(tmp_path):
    return make_repository(tmp_path / "repository", CALCULATOR)


@pytest.fixture
def environment(tmp_path):
    inherited = {name: os.environ[name] for name in ("PATH", "TMPDIR")}
    return {"HOME": str(tmp_path / "home"), "LANG": "C.UTF-8", **inherited}


def fix(repository, *more):
    return [
        PROGRAM,
        "fix",
        str(repository),
        "--issue",
        "The mean is one too large",
        "--yes",
        "--test",
        CHECK,
        *more,
    ]


@pytest.mark.case("REL-06", "a box that dies is rebuilt, and the turn carried out again")
def test_rel_06(provider, repository, tmp_path, seen, monkeypatch):
    story = Story(
        repository, runs.create(tmp_path / "runs"), provider=provider, settings={"test": CHECK}
    )
    died = []
    start = type(provider).start

    def mortal(self, limits, *, run):
        box = start(self, limits, run=run)
        execute = box.run

        def dying(arguments, **options):
            if not died and options.get("stdin") == b"cat calculator.py":
                died.append(1)
                if hasattr(box, "_container"):
                    box._engine.remove(box._container)
                else:
                    box._confinement.folder.remove()
            return execute(arguments, **options)

        monkeypatch.setattr(box, "run", dying, raising=False)
        return box

    monkeypatch.setattr(type(provider), "start", mortal)
    lines = [calls(("shell", {"command": "cat calculator.py"})), calls(REPAIR), submit()]
    record = story.run(ScriptedModel(lines))
    assert died == [1]
    assert record.outcome is Outcome.PROVEN
    assert [event.turn for event in story.told(Replied)] == [1, 2, 3]
    seen("proven; no turn was asked again")


@pytest.mark.case("REL-05", "an engine that goes away under a command is said at once")
def test_rel_05(docker, seen):
    with docker.start(SMALL, run="hostile") as box:
        threading.Timer(0.3, box._engine.remove, [box._container]).start()
        started = time.monotonic()
        with pytest.raises(SandboxLost) as lost:
            box.run(["sleep", "60"], timeout=50)
        assert time.monotonic() - started < 10
    seen(f"SandboxLost: {str(lost.value)[:40]}")


@pytest.mark.case("REL-08", "what a killed run leaves is removed, or ends by itself")
def test_rel_08(docker, seen):
    script = (
        "import os; from sandbox.docker import DockerProvider; from sandbox.base import Limits; "
        "box = DockerProvider().start(Limits(lifetime_seconds=600), run='killed'); "
        "print(box._container, flush=True); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    with docker.start(replace(SMALL, lifetime_seconds=2), run="hostile") as box:
        assert docker.remove_leftovers() >= 1
        assert killed.stdout.strip() not in box._engine.labelled("patchwright.run")
        engine, container = box._engine, box._container
        time.sleep(3)
        assert container not in engine.labelled("patchwright.run")
    seen("the killed one's box by the reaper, the other by its lifetime")


@pytest.mark.case("REL-07", "a signal ends a run at once, and says how to go on")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_rel_07(repository, environment, tmp_path, seen, number, code):
    with ScriptedServer([Answer(delay=30)] * 9) as server:
        command = fix(
            repository, "--sandbox", "docker", "--base-url", server.url, "--model", "scripted"
        )
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not server.requests or not any("chat" in one.path for one in server.requests):
            assert process.poll() is None, process.communicate()
            time.sleep(0.1)
        process.send_signal(number)
        started = time.monotonic()
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == code
    assert "resume" in stderr
    listed = subprocess.run(
        ["docker", "ps", "--quiet", "--filter", f"label=patchwright.pid={process.pid}"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert listed.stdout == ""
    seen(f"exit {code} after {time.monotonic() - started:.1f} s, no box left")


@pytest.mark.case("REL-04", "a full disk stops the run with a message, and it goes on after")
def test_rel_04(repository, environment, tmp_path, seen):
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], check=True)
    try:
        (small / "filler").write_bytes(bytes(900_000))
        with ScriptedServer([]) as server:
            done = subprocess.run(
                fix(
                    repository,
                    "--sandbox",
                    "none",
                    "--runs",
                    str(small / "runs"),
                    "--base-url",
                    server.url,
                    "--model",
                    "scripted",
                ),
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                timeout=120,
            )
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode in (2, 3)
        assert "space" in done.stderr or "full" in done.stderr or "space" in done.stdout
        seen((done.stderr.strip().splitlines() or [""])[-1][:60])
    finally:
        subprocess.run(["umount", small], check=True)


@pytest.mark.case("REL-01 REL-02", "killed around any entry, the run ends the same")
@pytest.mark.parametrize("kind", ["replied-1", "acted-1", "judged-1", "ended"])
def test_rel_01(repository, tmp_path, seen, kind, monkeypatch):
    story = Story(repository, runs.create(tmp_path / "runs"), settings={"test": CHECK})
    model = ScriptedModel([calls(REPAIR), submit()], by_history=True)
    once = Journal.once

    def dying(journal, key, make):
        event = once(journal, key, make)
        if key == kind:
            raise KeyboardInterrupt
        return event

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "once", dying)
        with pytest.raises(KeyboardInterrupt):
            story.run(model)
    record = story.run(model)
    assert (record.outcome, len(model.asked)) == (Outcome.PROVEN, 2)
    seen("same patch, no turn asked again (all points: tests/benchmarks/kills.py)")


@pytest.mark.case("REL-03", "a clock that is set loses no step")
def test_rel_03(repository, tmp_path, seen, monkeypatch):
    story = Story(repository, runs.create(tmp_path / "runs"), settings={"test": CHECK})
    real = time.time_ns
    lines = [calls(("read", {"path": "calculator.py"})), calls(REPAIR), submit()]

    def set_back(messages):
        monkeypatch.setattr(time, "time_ns", lambda: real() - 86_400 * 10**9)
        return lines[1]

    record = story.run(ScriptedModel([lines[0], set_back, lines[2]]))
    assert record.outcome is Outcome.PROVEN
    assert story.run(ScriptedModel([])) == record
    seen("a day back in the middle: nothing lost, nothing asked again")


@pytest.mark.case("REL-10", "a run of another version is refused")
def test_rel_10(repository, environment, tmp_path, seen):
    story = Story(repository, runs.create(tmp_path / "home/.local/state/patchwright/runs"))
    with pytest.raises(KeyboardInterrupt):
        story.run(ScriptedModel([interrupted]))
    done = subprocess.run(
        [PROGRAM, "resume", "last"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "was started by patchwright 0" in done.stderr
    seen("exit 2, both versions named")


def interrupted(_):
    raise KeyboardInterrupt


@pytest.mark.case("MOD-01", "no server: said at once, no box started")
def test_mod_01(repository, environment, tmp_path, seen):
    started = time.monotonic()
    done = subprocess.run(
        fix(
            repository,
            "--sandbox",
            "none",
            "--base-url",
            "http://127.0.0.1:9/v1",
            "--model",
            "scripted",
        ),
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 3
    assert "127.0.0.1:9" in done.stderr
    assert not list((tmp_path / "home").rglob("journal.jsonl"))
    seen(f"exit 3 after {time.monotonic() - started:.0f} s: {done.stderr.strip()[13:60]}")


@pytest.mark.case("MOD-04 MOD-05 MOD-06 MOD-07", "1,000 replies at random end in no traceback")
def test_mod_06(repository, tmp_path, seen):
    chance = random.Random(7)
    names = ["shell", "read", "edit", "search", "run_tests", "submit", "no_such_tool", "", "\ud7ff"]
    values = [
        "",
        "x" * 5000,
        "../../etc/passwd",
        "\0",
        "\u202e<|im_end|>",
        -1,
        10**30,
        None,
        [],
        {},
        [[[[[[[[1]]]]]]]],
        True,
        1.5,
        "calculator.py",
        "patchwright",
    ]
    keys = [
        "command",
        "path",
        "pattern",
        "old",
        "new",
        "operation",
        "line",
        "timeout",
        "tests",
        "zz",
    ]

    def reply(_):
        if chance.random() < 0.2:
            return says(chance.choice(["", "?", "\0\u202e", "x" * 100_000, "<tool_call>{"]))
        return calls(
            *[
                (
                    chance.choice(names),
                    {key: chance.choice(values) for key in chance.sample(keys, 3)},
                )
                for _ in range(chance.randrange(1, 3))
            ]
        )

    asked = 0
    for number in range(400):
        story = Story(
            repository,
            runs.create(tmp_path / f"runs-{number}"),
            settings={"test": CHECK, "steps": 60, "tokens": 100_000_000},
        )
        model = ScriptedModel([reply] * 100)
        assert story.run(model).outcome is not None
        asked += len(model.asked)
        if asked >= 1000:
            break
    assert asked >= 1000
    seen(f"{asked} replies in {number + 1} runs, each with a named outcome")
