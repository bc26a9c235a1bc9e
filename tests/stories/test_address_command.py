"""The command with an address, as a process: sandbox, embedded model, git and GitHub over HTTP."""

import json
import os
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from agent.claim import claimed
from agent.events import Measured
from agent.journal import read_journal
from doubles.forge_story import BODY, TOKEN
from doubles.github import Account, FakeGitHub, Project
from doubles.repositories import CALCULATOR, make_repository
from doubles.sandboxes import provider_or_skip
from doubles.story import PYTEST

PROGRAM = str(Path(sys.executable).with_name("patchwright"))
SEEKER = f"""\
import os, pathlib
token = {TOKEN[:10]!r} + {TOKEN[10:]!r}


def holds(path):
    try:
        return token.encode() in pathlib.Path(path).read_bytes()
    except OSError:
        return False


def test_no_secret_is_in_reach():
    processes = [p for p in os.listdir("/proc") if p.isdigit()]
    assert not any(holds(f"/proc/{{p}}/{{f}}") for p in processes for f in ("environ", "cmdline"))
    home = os.environ.get("HOME", "/")
    for top in (".", home, "/tmp", "/run"):
        for folder, _, files in os.walk(top):
            assert not any(holds(os.path.join(folder, name)) for name in files)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path / "github") as fake:
        fake.accounts[TOKEN] = Account()
        yield fake


@pytest.fixture
def project(server: FakeGitHub, tmp_path: Path) -> Project:
    files = {**CALCULATOR, "test_seek.py": SEEKER}
    project = server.add("owner/calculator", make_repository(tmp_path / "source", files))
    server.add_issue(project, "test_mean fails: the mean is one too large", BODY)
    return project


def command(server: FakeGitHub, place: Path, *arguments: str, **variables: str) -> Any:
    environment = {
        "HOME": str(place / "home"),
        "PATH": os.environ["PATH"],
        "TMPDIR": os.environ["TMPDIR"],
        "PATCHWRIGHT_RUNS": str(place / "runs"),
        "PATCHWRIGHT_SANDBOX": "bubblewrap",
        "PATCHWRIGHT_TEST": PYTEST,
        "GITHUB_SERVER_URL": server.url,
        "GITHUB_TOKEN": TOKEN,
    }
    return subprocess.run(
        [PROGRAM, *arguments],
        cwd=place,
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=300,
    )


class Watcher:
    """Looks at every process that the token shows in, while a command runs."""

    def __init__(self) -> None:
        self.arguments: list[bytes] = []
        self.environments: list[bytes] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    arguments = (process / "cmdline").read_bytes()
                    variables = (process / "environ").read_bytes()
                except OSError:
                    continue
                if TOKEN.encode() in arguments:
                    self.arguments.append(arguments)
                if TOKEN.encode() in variables and b"patchwright" not in arguments:
                    self.environments.append(arguments)
            time.sleep(0.05)


@pytest.mark.bubblewrap
def test_an_issue_becomes_a_pull_request_and_the_token_is_nowhere(
    server: FakeGitHub, project: Project, tmp_path: Path
) -> None:
    provider_or_skip("bubblewrap")
    with Watcher() as watcher:
        done = command(server, tmp_path, "fix", f"{server.url}/owner/calculator/issues/1")
    assert done.returncode == 0, done.stdout + done.stderr
    [pull] = project.pulls.values()
    assert pull["html_url"] in done.stdout
    assert pull["draft"] is False
    assert "`test_calculator.py::test_mean` | failed | passed" in pull["body"]
    assert watcher.arguments == []
    assert watcher.environments == []
    written = json.dumps([*server.sent, done.stdout, done.stderr])
    assert TOKEN not in written
    assert [path for path in everything(tmp_path) if TOKEN.encode() in content(path)] == []
    [journal] = (tmp_path / "runs").glob("*/journal.jsonl")
    [base] = (e.event for e in read_journal(journal) if isinstance(e.event, Measured))
    # What looks for the token inside the sandbox has found nothing there.
    assert [case.name for case in base.baseline.failing] == ["test_calculator.py::test_mean"]
    assert "test_seek.py::test_no_secret_is_in_reach" in journal.read_text()


def everything(folder: Path) -> list[Path]:
    """All that the run has left, here and on the server."""
    return [path for path in folder.rglob("*") if path.is_file()]


def content(path: Path) -> bytes:
    data = path.read_bytes()
    if "objects" in path.parts and len(path.name) == 38:
        return data + zlib.decompress(data)
    return data


def test_an_issue_that_a_run_is_at_is_left_alone(
    server: FakeGitHub, project: Project, tmp_path: Path
) -> None:
    url = f"{server.url}/owner/calculator/issues/1"
    with claimed(tmp_path / "runs", url.upper()):
        done = command(server, tmp_path, "fix", url)
    assert done.returncode == 2
    assert f"process {os.getpid()}, since " in done.stderr
    assert done.stderr.strip().endswith("UTC is at it")
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["claims"]


def test_of_two_runs_started_at_once_one_is_made(
    server: FakeGitHub, project: Project, tmp_path: Path
) -> None:
    fix = ("fix", f"{server.url}/owner/calculator/issues/1")
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: command(server, tmp_path, *fix), range(2)))
    assert sorted(done.returncode for done in both) == [0, 2], [done.stderr for done in both]
    assert len(project.pulls) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["fix", "https://github.com/o/r/issues/1"], 2, "is not sent there"),
        (["fix", "http://example.org/o/r/issues/1"], 2, "http is not safe"),
        (["fix", "{url}/owner/calculator"], 2, "is nothing to repair"),
        (["fix", "o/r#0"], 2, "is not a number"),
        (["fix", "o/r#1", "--issue", "x"], 2, "are for a PATH"),
        (["fix", "{url}/owner/calculator/issues/1", "--sandbox", "none"], 2, "never run without"),
        (["fix", "{url}/owner/nothing/issues/1"], 2, "it is not there, or the token may not"),
        (["fix", "{url}/owner/calculator/issues/9"], 2, "it is not there, or the token may not"),
        (["publish", "nothing"], 2, "there is no run nothing"),
        (["ci", "check"], 2, "GITHUB_REPOSITORY is not set"),
    ],
)
def test_one_clear_line_before_anything_is_run(
    server: FakeGitHub,
    project: Project,
    tmp_path: Path,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    asked = [argument.format(url=server.url) for argument in arguments]
    done = command(server, tmp_path, *asked)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list((tmp_path / "runs").glob("*"))
