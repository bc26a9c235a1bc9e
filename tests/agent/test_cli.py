"""The command as a user meets it: a process, its exit code, its one clear line."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.config import Settings
from doubles.repositories import CALCULATOR, CHECK, RIGHT, WRONG, git, make_repository
from doubles.scripted_server import ScriptedServer
from doubles.story import PYTEST

PROGRAM = str(Path(sys.executable).with_name("patchwright"))
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "TMPDIR")}
    return {"HOME": str(tmp_path / "home"), "LANG": "C.UTF-8", **inherited}


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str]) -> Run:
    def run(*arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAM, *arguments],
            cwd=tmp_path,
            env=environment | variables,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repository", CALCULATOR)


def fix(repository: Path, *more: str, test: str = CHECK) -> list[str]:
    return [
        "fix", str(repository), "--issue", "The mean is one too large", "--sandbox", "none",
        "--yes", "--test", test, *more,
    ]  # fmt: skip


def test_embedded_repairs_and_the_run_can_be_looked_at(run: Run, repository: Path) -> None:
    done = run(*fix(repository, "--model", "embedded", test=PYTEST))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "proven: 1 failing test(s) of the base pass on the patch" in done.stdout
    assert "+    return sum(values) / len(values)" in done.stdout
    assert "\x1b" not in done.stdout
    listed = run("runs", "--json").stdout.splitlines()
    assert [json.loads(line)["outcome"] for line in listed] == ["proven"]
    name = json.loads(listed[0])["run"]
    assert "proven" in run("runs").stdout
    shown = run("show", "last").stdout
    assert "test_calculator.py::test_mean" in shown
    patch = run("show", name, "--patch").stdout
    subprocess.run(["git", "apply", "-"], cwd=repository, input=patch, text=True, check=True)
    assert WRONG not in (repository / "calculator.py").read_text()
    again = run("resume", name)
    assert again.returncode == 0
    assert "proven" in again.stdout


@pytest.mark.stories
def test_a_run_can_be_had_again_without_its_model(run: Run, repository: Path) -> None:
    first = run(*fix(repository, "--model", "embedded", test=PYTEST))
    assert first.returncode == 0, first.stdout + first.stderr
    again = run(*fix(repository, "--model", "replay:last", test=PYTEST))
    assert again.returncode == 0, again.stdout + again.stderr
    assert run("show", "last", "--patch").stdout in first.stdout
    resumed = run("resume", "last")
    assert resumed.returncode == 0, resumed.stderr
    missing = run(*fix(repository, "--model", "replay:never"))
    assert missing.returncode == 2
    assert "there is no run never" in missing.stderr


@pytest.mark.stories
def test_json_is_one_event_a_line(run: Run, repository: Path) -> None:
    done = run(*fix(repository, "--model", "embedded", "--json", test=PYTEST))
    events = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [event["event"]["kind"] for event in events]
    assert kinds[0] == "started"
    assert kinds[-1] == "ended"
    assert {"prepared", "measured", "replied", "acted", "judged", "published"} <= set(kinds)


def test_the_issue_comes_from_a_file_or_from_standard_input(
    run: Run, repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "issue.md").write_text("From a file\n")
    base = ["fix", str(repository), "--sandbox", "none", "--yes", "--test", "true"]
    for issue, stdin in (("@issue.md", ""), ("-", "From standard input\n")):
        run(*base, "--issue", issue, stdin=stdin)
    issues = [json.loads(line)["issue"] for line in run("runs", "--json").stdout.splitlines()]
    assert sorted(issues) == ["From a file", "From standard input"]


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["fix", "nowhere", "--issue", "x"], 2, "'nowhere' does not exist"),
        (["fix", "plain", "--issue", "x"], 2, "plain is not inside a git work tree"),
        (["fix", "empty", "--issue", "x", "--sandbox", "none", "--yes"], 2, "has no commit yet"),
        (["fix", "repository"], 2, "Missing option '--issue'"),
        (["fix", "repository", "--issue", "  "], 2, "the issue is empty"),
        (["fix", "repository", "--issue", "@nowhere"], 2, "cannot read the issue from nowhere"),
        (["fix", "repository", "--issue", "x", "--steps", "0"], 2, "not in the range x>=1"),
        (["fix", "repository", "--issue", "x", "--sandbox", "none"], 2, "say so with --yes"),
        (["fix", "repository", "--issue", "x", "--output", "worktree"], 2, "say so with --yes"),
        (["fix", "repository", "--issue", "x", "--runs", "/proc/x"], 2, "cannot write the run"),
        (["fix", "repository", "--issue", "x", "--sandboxx"], 2, "No such option"),
        (["show", "nothing"], 2, "there is no run nothing"),
        (["resume", "last"], 2, "there is no run last"),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_bad_input_gets_one_clear_line_and_its_exit_code(
    run: Run, repository: Path, tmp_path: Path, arguments: list[str], code: int, line: str
) -> None:
    (tmp_path / "plain").mkdir()
    git(tmp_path, "init", "--quiet", "empty")
    more = ["--sandbox", "none", "--yes"] if "/proc/x" in arguments else []
    done = run(*arguments, *more)
    assert done.returncode == code, done.stderr
    assert line in (done.stdout + done.stderr)
    assert "Traceback" not in done.stderr


def test_a_repository_no_tests_run_in_is_refused(run: Run, repository: Path) -> None:
    done = run(*fix(repository, test=f"{PYTEST} nowhere.py"))
    assert done.returncode == 2
    assert "ran no test" in done.stdout


def test_a_green_suite_is_beyond_the_embedded_model_and_it_says_so(
    run: Run, repository: Path
) -> None:
    (repository / "calculator.py").write_text(CALCULATOR["calculator.py"].replace(WRONG, RIGHT))
    git(repository, "commit", "--all", "--quiet", "--message", "repaired")
    done = run(*fix(repository, "--model", "embedded", test=PYTEST))
    assert done.returncode == 1
    assert "no test that fails on the base could be had" in done.stdout


def test_an_unreadable_configuration_is_named(run: Run, repository: Path) -> None:
    (repository / "patchwright.toml").write_text("steps = [\n")
    done = run(*fix(repository))
    assert done.returncode == 2
    assert done.stderr.startswith("patchwright: cannot read ")
    assert "patchwright.toml" in done.stderr


def test_settings_come_from_file_environment_and_flags(run: Run, repository: Path) -> None:
    (repository / "patchwright.toml").write_text("steps = 7\nminutes = 7\ntokens = 7\n")
    run(*fix(repository, "--tokens", "9", "--json", test="false"), PATCHWRIGHT_MINUTES="8")
    started = json.loads(run("show", "last", "--json").stdout.splitlines()[0])["event"]
    settings = started["settings"]
    assert (settings["steps"], settings["minutes"], settings["tokens"]) == (7, 8, 9)


def test_a_server_that_is_down_is_a_service_error_and_no_run_is_made(
    run: Run, repository: Path
) -> None:
    done = run(*fix(repository, "--model", "m", "--base-url", "http://127.0.0.1:9/v1"))
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert "127.0.0.1:9" in done.stderr
    assert run("runs").stdout == "no runs yet\n"


def test_a_model_that_the_server_does_not_have_is_a_setting_to_correct(
    run: Run, repository: Path
) -> None:
    with ScriptedServer() as server:
        done = run(*fix(repository, "--model", "m", "--base-url", server.url))
    assert done.returncode == 2
    assert "has no model 'm'; it has scripted" in done.stderr


def test_a_server_that_answers_garbage_is_a_service_error(run: Run, repository: Path) -> None:
    with ScriptedServer(lambda _request: "<html>hello</html>") as server:
        done = run(*fix(repository, "--base-url", server.url))
    assert done.returncode == 3
    assert "hello" in done.stderr
    assert "patchwright resume" in done.stderr
    assert "Traceback" not in done.stderr


def answer(*calls: tuple[str, dict[str, object]]) -> dict[str, object]:
    made = [
        {
            "id": f"c{number}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        for number, (name, arguments) in enumerate(calls)
    ]
    return {
        "choices": [{"message": {"content": "", "tool_calls": made}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
    }


REPAIR = answer(
    ("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT})
)
SUBMIT = answer(("submit", {"summary": "the +1 was wrong"}))


def test_a_served_model_repairs_over_http(run: Run, repository: Path) -> None:
    with ScriptedServer([REPAIR, SUBMIT]) as server:
        done = run(
            *fix(repository, "--base-url", server.url),
            PATCHWRIGHT_API_KEY="sk-canary",
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the +1 was wrong" in done.stdout or "proven" in done.stdout


def test_on_a_terminal_the_run_is_shown_live(repository: Path, environment: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    with ScriptedServer([REPAIR, SUBMIT]) as server:
        command = [PROGRAM, *fix(repository, "--base-url", server.url)]
        process = subprocess.Popen(
            command, env=environment | {"TERM": "xterm", "COLUMNS": "200"}, stdout=theirs,
            stderr=theirs, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # how Linux says that the other end is closed
            while chunk := os.read(ours, 65536):
                shown += chunk
        os.close(ours)
        assert process.wait(timeout=60) == 0, shown
    assert b"turn 2/100" in shown
    assert b"Traceback" not in shown


@pytest.mark.stories
def test_the_key_is_in_no_file_of_the_run(run: Run, repository: Path, tmp_path: Path) -> None:
    with ScriptedServer([REPAIR, SUBMIT]) as server:
        run(
            *fix(repository, "--base-url", server.url),
            PATCHWRIGHT_API_KEY="sk-canary",
        )
    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"sk-canary" in path.read_bytes()]


@pytest.mark.stories
def test_cleaning_says_what_it_did(run: Run, repository: Path) -> None:
    assert run(*fix(repository, "--model", "embedded", test=PYTEST)).returncode == 0
    done = run("runs", "--clean")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 ended run(s) made smaller by ")
    assert "patch" in run("show", "last").stdout


def test_help_names_every_command_and_exit_code(run: Run) -> None:
    text = run("--help").stdout
    for word in ("fix", "runs", "show", "resume", "Exit codes"):
        assert word in text


def test_help_tells_the_defaults_that_are_in_force(run: Run) -> None:
    text = "".join(run("fix", "--help").stdout.partition("Options:")[2].split())
    for name, field in Settings.model_fields.items():
        option = "--" + name.replace("_", "-")
        # A switch is told by its name; anything else has a default worth telling.
        told = field.default is not None and not isinstance(field.default, bool)
        if option in text and told and name != "runs":
            default = field.default
            shown = f"{default:g}" if isinstance(default, float) else str(default)
            assert f"[{shown}" in text.partition(option)[2][:200], option


@pytest.mark.stories
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_a_stopped_run_is_resumed_and_no_turn_is_asked_twice(
    repository: Path,
    run: Run,
    environment: dict[str, str],
    tmp_path: Path,
    number: signal.Signals,
    code: int,
) -> None:
    look = answer(("read", {"path": "calculator.py"}))
    wait = answer(("shell", {"command": "sleep 2"}))
    replies = [look, wait, REPAIR, SUBMIT]

    def reply(request: dict[str, list[dict[str, str]]]) -> dict[str, object]:
        return replies[sum(m["role"] == "assistant" for m in request["messages"])]

    with ScriptedServer(reply) as server:
        command = [PROGRAM, *fix(repository, "--base-url", server.url)]
        first = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        while len(server.posts) < 2:
            time.sleep(0.05)
            assert first.poll() is None
        time.sleep(0.5)
        first.send_signal(number)
        _, said = first.communicate(timeout=20)
        assert first.returncode == code
        if number is not signal.SIGKILL:
            assert "patchwright resume" in said
        done = run("resume", "last")
        assert done.returncode == 0, done.stdout + done.stderr
        turns = [sum(m["role"] == "assistant" for m in r["messages"]) for r in server.posts]
    assert turns == [0, 1, 2, 3]
