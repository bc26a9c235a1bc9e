"""What the doctor says of a machine, a model server and a token, each real or on the loopback."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from agent import doctor
from agent.cli import cli
from agent.config import Settings, load
from agent.doctor import Finding, State
from doubles.github import Account, FakeGitHub
from doubles.repositories import CALCULATOR, git, make_repository
from doubles.scripted_server import Answer, ScriptedServer, completion, served
from tools.forge import Repository
from tools.git import NotARepository

TOKEN = "ghp_doctorDOCTORdoctorDOCTORdoctorDOCTOR"


def settings(tmp_path: Path, **flags: Any) -> Settings:
    return load({"runs": tmp_path / "runs", **flags}, environment={"HOME": str(tmp_path)})


def states(findings: list[Finding]) -> dict[str, State]:
    return {finding.subject: finding.state for finding in findings}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path / "github") as fake:
        fake.add("owner/calculator", make_repository(tmp_path / "source", CALCULATOR))
        yield fake


def ask_forge(server: FakeGitHub, tmp_path: Path, account: Account | None) -> list[Finding]:
    if account is not None:
        server.accounts[TOKEN] = account
    given = settings(tmp_path, github_token=SecretStr(TOKEN), github_host=server.host)
    return doctor.check_forge(given, Repository(server.host, "owner", "calculator", False))


def test_a_token_that_may_do_everything(server: FakeGitHub, tmp_path: Path) -> None:
    findings = ask_forge(server, tmp_path, Account())
    assert set(states(findings)) == {
        "GitHub token", "GitHub", "token scopes", "push", "pull requests",
    }  # fmt: skip
    assert set(states(findings).values()) == {State.OK}
    assert TOKEN not in str(findings)
    # It asked for a pull request that has to be refused, and nothing came of it.
    assert server.projects["owner/calculator"].pulls == {}


@pytest.mark.parametrize(
    ("account", "subject", "state"),
    [
        (Account(push=False), "push", State.WARNING),
        (Account(login=None, push=False), "push", State.FAILURE),
        (Account(propose=False), "pull requests", State.FAILURE),
        (None, "GitHub", State.FAILURE),
    ],
)
def test_what_a_token_may_not_do_has_a_remedy(
    server: FakeGitHub, tmp_path: Path, account: Account | None, subject: str, state: State
) -> None:
    [found] = [f for f in ask_forge(server, tmp_path, account) if f.subject == subject]
    assert found.state is state
    assert found.remedy


def test_a_token_for_another_host_is_not_sent(server: FakeGitHub, tmp_path: Path) -> None:
    given = settings(tmp_path, github_token=SecretStr(TOKEN))
    findings = doctor.check_forge(given, Repository(server.host, "owner", "calculator", False))
    assert states(findings)["GitHub"] is State.FAILURE
    assert server.requests == []


def test_a_model_server_that_does_everything(tmp_path: Path) -> None:
    answer = completion(None, ("report", {"word": "ready"}))
    answer["usage"] |= {
        "prompt_tokens": 900, "completion_tokens": 500,
        "prompt_tokens_details": {"cached_tokens": 880},
    }  # fmt: skip
    with ScriptedServer(
        lambda _: answer, models=served("m", max_model_len=65_536), script_probes=True
    ) as model:
        found = doctor.check_model(settings(tmp_path, base_url=model.url))
    assert states(found) == {
        "model": State.OK, "model calls": State.OK,
        "prefix cache": State.OK, "model speed": State.OK,
    }  # fmt: skip
    assert "65,536" in found[0].text
    assert "native" in found[1].text
    assert "880 of 900" in found[2].text


def test_a_model_server_that_does_little(tmp_path: Path) -> None:
    with ScriptedServer(
        lambda _: completion("I would rather not."),
        models=served("m", max_model_len=4096),
        script_probes=True,
    ) as model:
        found = states(doctor.check_model(settings(tmp_path, base_url=model.url)))
    assert found["model"] is State.WARNING
    assert found["model calls"] is State.FAILURE
    assert found["prefix cache"] is State.WARNING


def test_a_model_server_that_refuses_is_one_failure(tmp_path: Path) -> None:
    with ScriptedServer(models=Answer("no", 401)) as model:
        [found] = doctor.check_model(settings(tmp_path, base_url=model.url, model="m"))
    assert found.state is State.FAILURE
    assert found.remedy


def test_no_model_server_is_one_failure(tmp_path: Path) -> None:
    [found] = doctor.check_model(settings(tmp_path, base_url="http://127.0.0.1:1/v1"))
    assert found.state is State.FAILURE


def test_git_and_disk_are_seen(tmp_path: Path) -> None:
    assert states(doctor.check_git()) == {"git": State.OK}
    [disk] = doctor.check_disk(settings(tmp_path))
    assert "GiB are free" in disk.text


def test_no_git_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    [found] = doctor.check_git()
    assert (found.state, found.remedy) == (State.FAILURE, "apt install git")


def test_a_folder_without_a_repository_is_said_to_be_none(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["doctor", str(tmp_path)])
    assert isinstance(done.exception, NotARepository)


def test_the_command_takes_the_repository_from_origin_and_its_exit_code_tells(
    server: FakeGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "check_sandboxes", lambda _settings: [])
    monkeypatch.setenv("GITHUB_SERVER_URL", server.url)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    server.accounts[TOKEN] = Account()
    here = tmp_path / "source"
    git(here, "remote", "add", "origin", f"{server.url}/owner/calculator.git")
    well = CliRunner().invoke(cli, ["doctor", str(here)])
    assert well.exit_code == 0, well.output
    assert "ok       push: branches can be pushed to owner/calculator" in well.output
    server.accounts[TOKEN].propose = False
    ill = CliRunner().invoke(cli, ["doctor", str(here), "--json"])
    assert ill.exit_code == 1
    told = [json.loads(line) for line in ill.output.splitlines()]
    [failed] = [line for line in told if line["state"] == "failure"]
    assert failed["subject"] == "pull requests"
    assert failed["remedy"] == "add pull-requests: write to the token"
    assert TOKEN not in well.output + ill.output
