"""Programs that are kept running, and how they end: nothing of them may be left."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox import service
from sandbox.process import ProcessFailed
from sandbox.service import Service

PARENT = """
import os, signal, subprocess, sys, time
deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN);" if "deaf" in sys.argv else ""
child = f"import signal, time; {deaf} print('child', flush=True); time.sleep(600)"
if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(2):
    # A group of its own, as shells make them; the session is the same.
    subprocess.Popen([sys.executable, "-c", child], process_group=0)
print("parent", os.environ.get("SAID", ""), flush=True)
time.sleep(0 if "die" in sys.argv else 600)
os._exit(7)
"""


class Log:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def wait_for(self, text: str, times: int = 1) -> None:
        until = time.monotonic() + 20
        while self.path.read_text().count(text) < times:
            assert time.monotonic() < until, self.path.read_text()
            time.sleep(0.01)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    found = Log(tmp_path / "log")
    yield found
    os.close(found.descriptor)


Start = Callable[..., Service]


@pytest.fixture
def start(log: Log) -> Iterator[Start]:
    started = []

    def start(*arguments: str, **extra: str) -> Service:
        command = [sys.executable, "-c", PARENT, *arguments]
        started.append(service.start(command, extra=extra, output=log.descriptor))
        log.wait_for("child", times=2)
        log.wait_for("parent")
        return started[-1]

    yield start
    for one in started:
        one.stop(0)


def alive(session: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def session_of(running: Service) -> int:
    return running._process.pid


def test_it_runs_in_a_session_of_its_own_with_the_users_environment(
    start: Start, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAID", "from outside")
    running = start()
    log.wait_for("parent from outside")
    assert running.exit_code is None
    assert running.wait(0) is None
    assert os.getsid(session_of(running)) == session_of(running) != os.getsid(0)
    assert len(alive(session_of(running))) == 3


def test_further_variables_are_added(start: Start, log: Log) -> None:
    start(SAID="two words")
    log.wait_for("parent two words")


def test_stopping_ends_all_of_it(start: Start) -> None:
    running = start()
    session = session_of(running)
    assert running.stop(20) == 128 + signal.SIGTERM
    assert alive(session) == []
    assert running.exit_code == running.stop(0) == 128 + signal.SIGTERM


def test_what_does_not_listen_is_killed_after_the_grace(start: Start) -> None:
    running = start("deaf")
    session = session_of(running)
    began = time.monotonic()
    assert running.stop(0.3) == 128 + signal.SIGKILL
    assert time.monotonic() - began >= 0.3
    assert alive(session) == []


def test_children_of_a_dead_first_process_are_ended_too(start: Start) -> None:
    running = start("die")
    session = session_of(running)
    assert running.wait(20) == 7
    assert len(alive(session)) == 2
    assert running.stop(20) == 7
    assert alive(session) == []


def test_deaf_children_of_a_dead_first_process_are_killed(start: Start) -> None:
    running = start("die", "deaf")
    assert running.wait(20) == 7
    assert running.stop(0.2) == 7
    assert alive(session_of(running)) == []


def test_an_interrupt_while_stopping_kills_at_once(start: Start) -> None:
    running = start("deaf")
    session = session_of(running)

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            running.stop(600)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert alive(session) == []


def test_a_program_that_is_not_there_is_named(log: Log) -> None:
    with pytest.raises(ProcessFailed, match="no-such-server is not installed") as raised:
        service.start(["no-such-server"], extra={}, output=log.descriptor)
    assert raised.value.exit_code == 127
