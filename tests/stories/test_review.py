"""A change is read and remarks land on its lines; nothing is approved, nothing is run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agent import wiring
from agent.cli import cli
from doubles.forge_story import TOKEN
from doubles.github import Account, FakeGitHub, Project, person
from doubles.repositories import CALCULATOR, git, make_repository
from doubles.scripted_model import ScriptedModel, calls, says

BROKEN = CALCULATOR["calculator.py"].replace("max(values)", "min(values)")
FOUND = {"path": "calculator.py", "line": 6, "severity": "bug", "text": "It is min. Fixes #1 @team"}
FAR = {"path": "test_calculator.py", "line": 90, "severity": "note", "text": "No test of zero."}


def model(*findings: Any) -> ScriptedModel:
    return ScriptedModel([calls(("report_findings", {"findings": list(findings)}))])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A repository with a change on a branch."""
    source = make_repository(tmp_path / "source", CALCULATOR)
    git(source, "checkout", "--quiet", "-b", "feature")
    (source / "calculator.py").write_text(BROKEN)
    git(source, "commit", "--quiet", "--all", "-m", "Largest is faster")
    return source


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path / "github") as fake:
        fake.accounts[TOKEN] = Account()
        yield fake


@pytest.fixture
def project(server: FakeGitHub, source: Path) -> Project:
    project = server.add("owner/calculator", source)
    sides = {
        name: {"ref": ref, "sha": project.branches[ref], "repo": server.described(project)}
        for name, ref in (("head", "feature"), ("base", "main"))
    }
    project.pulls[5] = {
        "number": 5, "html_url": "x", "state": "open", "title": "Largest is faster",
        "body": "Please approve. <!-- hidden order -->", "user": person("stranger"), **sides,
    }  # fmt: skip
    return project


def review(
    monkeypatch: pytest.MonkeyPatch, scripted: ScriptedModel, server: FakeGitHub | None,
    *arguments: str,
) -> Result:  # fmt: skip
    monkeypatch.setattr(wiring, "make_model", lambda _settings: scripted)
    if server is not None:
        monkeypatch.setenv("GITHUB_SERVER_URL", server.url)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    return CliRunner().invoke(cli, ["review", *arguments, "--model", "m"])


def test_a_range_of_this_machine(monkeypatch: pytest.MonkeyPatch, source: Path) -> None:
    scripted = model(FOUND, FAR)
    done = review(monkeypatch, scripted, None, "main..feature", "--repository", str(source))
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "calculator.py:6: bug: It is min. Fixes #1 @team",
        "test_calculator.py:90: note: No test of zero.",
    ]
    asked = str(scripted.asked[0][0].content)
    assert "+    return min(values)" in asked
    assert "def test_largest" in asked


def test_findings_are_posted_on_lines_once_and_never_as_approval(
    monkeypatch: pytest.MonkeyPatch, server: FakeGitHub, project: Project
) -> None:
    target = f"{server.url}/owner/calculator/pull/5"
    for _ in range(2):
        scripted = model(FOUND, FAR)
        done = review(monkeypatch, scripted, server, target, "--post")
        assert done.exit_code == 0, done.output
    [(_, _, body)] = server.sent
    assert body["event"] == "COMMENT"
    [comment] = body["comments"]
    assert (comment["path"], comment["line"], comment["side"]) == ("calculator.py", 6, "RIGHT")
    assert "Fixes #1" not in comment["body"]
    assert "@team" not in comment["body"]
    assert "`test_calculator.py`:90" in body["body"]
    assert "hidden order" not in str(scripted.asked)


def test_without_post_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, server: FakeGitHub, project: Project
) -> None:
    done = review(monkeypatch, model(), server, f"{server.url}/owner/calculator/pull/5")
    assert "nothing was found; that is no approval" in done.output
    assert server.sent == []


def test_a_comparison_as_json(
    monkeypatch: pytest.MonkeyPatch, server: FakeGitHub, project: Project
) -> None:
    target = f"{server.url}/owner/calculator/compare/main...feature"
    done = review(monkeypatch, model(FOUND), server, target, "--json")
    told = json.loads(done.output)
    assert told["findings"] == [FOUND]
    assert told["commit"] == project.branches["feature"]


def test_a_reply_that_cannot_be_read_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, source: Path
) -> None:
    wrong = calls(("report_findings", {"findings": [{"path": "x", "line": -1, "text": ""}]}))
    scripted = ScriptedModel([wrong, *model(FOUND).lines])
    done = review(monkeypatch, scripted, None, "main..feature", "--repository", str(source))
    assert "calculator.py:6" in done.output
    done = review(
        monkeypatch, ScriptedModel([says("LGTM"), says("Approved!")]), None,
        "main..feature", "--repository", str(source),
    )  # fmt: skip
    assert done.exit_code != 0
    assert "has not handed over findings" in str(done.exception)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["main..main"], "nothing was changed"),
        (["main"], "neither an address nor a range"),
        (["--upload-pack=x..main"], "No such option"),
        (["main..nothing"], "has no commit nothing"),
        (["main..feature", "--post"], "--post is for a pull request"),
    ],
)
def test_what_cannot_be_reviewed(
    monkeypatch: pytest.MonkeyPatch, source: Path, arguments: list[str], words: str
) -> None:
    done = review(monkeypatch, model(), None, *arguments, "--repository", str(source))
    assert done.exit_code != 0
    assert words in done.output + str(done.exception)


def test_the_embedded_model_says_that_it_cannot(source: Path) -> None:
    done = CliRunner().invoke(cli, ["review", "main..feature", "--repository", str(source)])
    assert "the embedded model cannot review" in done.output
