"""Waiting for a server and watching it, with a little program in its place."""

import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.model.base import ModelUnreachable
from agent.serving.server import PortTaken, ServerFailed, check_port, one_token, serve
from doubles.scripted_server import Answer, ScriptedServer, completion

LITTLE = str(Path(__file__).with_name("little_server.py"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Run:
    """One run of the little server, and what was said of it."""

    def __init__(self, path: Path) -> None:
        self.port = free_port()
        self.path = path
        self.output = os.open(path, os.O_CREAT | os.O_WRONLY)
        self.said: list[str] = []
        self.stop_when_ready = False

    @property
    def log(self) -> str:
        return self.path.read_text()

    def __call__(self, *flags: str, ready_seconds: float = 60.0) -> None:
        serve(
            [sys.executable, LITTLE, str(self.port), *flags],
            extra={"LITTLE": "1"},
            output=self.output,
            ready=lambda: one_token(f"http://127.0.0.1:{self.port}/v1", "m", None),
            ready_seconds=ready_seconds,
            when_ready=self._ready,
            when_stopping=lambda: self.said.append("stopping"),
            grace=0.5,
        )

    def _ready(self) -> None:
        self.said.append("ready")
        if self.stop_when_ready:
            raise KeyboardInterrupt

    def processes(self) -> list[str]:
        """Command lines of what is left of it."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                environment = (entry / "environ").read_bytes()
                line = (entry / "cmdline").read_bytes()
            except (OSError, ProcessLookupError):
                continue
            if b"LITTLE=1" in environment.split(b"\0") and line:
                found.append(line.decode())
        return found


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    found = Run(tmp_path / "log")
    yield found
    os.close(found.output)
    assert found.processes() == []


def test_it_is_ready_when_it_answers_and_stopped_on_an_interrupt(run: Run) -> None:
    run.stop_when_ready = True
    with pytest.raises(KeyboardInterrupt):
        run("--delay", "0.5", "--children", "2")
    assert run.said == ["ready", "stopping"]
    assert "starting" in run.log
    assert "to the other stream" in run.log


def test_a_server_that_dies_before_it_is_ready_is_reported_at_once(run: Run) -> None:
    began = time.monotonic()
    with pytest.raises(ServerFailed, match="exit code 3 before it was ready"):
        run("--delay", "60", "--die", "start", "--exit", "3", "--children", "2")
    assert time.monotonic() - began < 30
    assert run.said == []


def test_a_server_that_dies_later_is_an_error_and_its_orphans_are_ended(run: Run) -> None:
    with pytest.raises(ServerFailed, match="ended with exit code 5"):
        run("--die", "answer", "--exit", "5", "--children", "2", "--deaf")
    assert run.said == ["ready"]


def test_waiting_has_an_end(run: Run) -> None:
    with pytest.raises(ServerFailed, match="not ready in time"):
        run("--delay", "60", ready_seconds=0.1)
    assert run.said == ["stopping"]


def test_an_answer_that_will_never_change_ends_the_waiting(run: Run) -> None:
    with pytest.raises(ServerFailed, match=r"answers 400 to a request for one token: .*told so"):
        run("--status", "400")


def test_a_program_that_is_not_installed_is_named(run: Run) -> None:
    with pytest.raises(ServerFailed, match="no-such-program is not installed"):
        serve(
            ["no-such-program"],
            extra={},
            output=run.output,
            ready=lambda: True,
            ready_seconds=1,
            when_ready=lambda: None,
            when_stopping=lambda: None,
        )


def test_it_is_a_service_error() -> None:
    assert issubclass(ServerFailed, ModelUnreachable)


def test_one_token_is_asked_for() -> None:
    with ScriptedServer([completion("1")]) as server:
        assert one_token(server.url, "m", "secret")
        (request,) = server.requests
        assert request.path == "/v1/chat/completions"
        assert request.json["max_tokens"] == 1
        assert request.json["model"] == "m"
        assert request.headers["Authorization"] == "Bearer secret"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_not_ready_yet(status: int) -> None:
    with ScriptedServer([Answer("wait", status)]) as server:
        assert not one_token(server.url, "m", None)


def test_nobody_there_is_not_ready_yet() -> None:
    assert not one_token(f"http://127.0.0.1:{free_port()}/v1", "m", None)


def test_a_server_with_another_key_is_an_error_that_says_what_to_set() -> None:
    with (
        ScriptedServer([Answer("no", 401)]) as server,
        pytest.raises(ServerFailed, match="PATCHWRIGHT_API_KEY"),
    ):
        one_token(server.url, "m", None)


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"127.0.0.1:{port}"):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)
    with pytest.raises(PortTaken):
        check_port("192.0.2.1", 1)
