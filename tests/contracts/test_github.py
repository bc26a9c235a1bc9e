"""Every request that is made, held against GitHub's own description of its interface.

The requests are those of whole flows against the fake; a server that validates (prism) is then
asked each of them. What our models read is read from the description's own examples.
"""

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from agent.workflow_event import Ignored, Listed, Wanted, decide
from doubles.forge_story import TOKEN, ForgeStory
from doubles.github import NOW, Account, FakeGitHub
from doubles.node_modules import node_modules_or_skip
from doubles.repositories import RIGHT, WRONG
from doubles.scripted_model import ScriptedModel, calls, submit
from tools.forge import Address, Remark, Repository, Review, wire
from tools.forge.issues import head_of_failure
from tools.forge.labels import labelled
from tools.forge.permissions import may_propose, may_write, workflow_permissions
from tools.forge.pulls import post_review, read_pull

REPAIR = ("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT})
Asked = tuple[str, str, Any]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> list[Asked]:
    """Every request of a proposal from a fork, a failure, a review and all questions besides."""
    place = tmp_path_factory.mktemp("flows")
    with FakeGitHub(place / "github") as server:
        proposed = ForgeStory.make(server, place)
        proposed.settings["fork"] = True
        server.accounts[TOKEN] = Account(push=False)
        proposed.run(ScriptedModel([calls(REPAIR), submit()]))
        failed = proposed.again()
        failed.settings = {"dry_run": False, "fork": True}
        failed.run(ScriptedModel([submit("no", solved=False)]))
        _ask_the_rest(server, proposed)
        return [*_read(server), *server.sent]


def _ask_the_rest(server: FakeGitHub, story: ForgeStory) -> None:
    repository, project = story.address.repository, story.project
    project.runs[3] = {
        "id": 3, "head_branch": "main", "head_sha": "x", "created_at": NOW, "html_url": "x",
        "jobs": {"jobs": []},
    }  # fmt: skip
    project.issues[story.number]["labels"] = [{"name": "patchwright"}]
    with story.forge() as forge:
        run = Address(repository, "run", 3)
        head_of_failure(forge.transport, run)
        with pytest.raises(Exception, match="no failed job"):
            forge.issue(run)
        list(labelled(forge.transport, repository, "patchwright"))
        may_write(forge.transport, repository, "owner")
        may_propose(forge.transport, forge.status(repository))
        workflow_permissions(forge.transport, repository)
        pull = Address(repository, "pull", next(iter(project.pulls)))
        read_pull(forge.transport, pull)
        review = Review("x" * 40, "body", (Remark("calculator.py", 2, "one too much"),))
        post_review(forge.transport, pull, review, marker="m")


def _read(server: FakeGitHub) -> list[Asked]:
    paths = [path for method, path, _ in server.requests if method == "GET"]
    kept = [p.removeprefix("/api/v3") for p in paths if p.startswith("/api/v3")]
    return [("GET", path, None) for path in dict.fromkeys(kept)]


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """GitHub's description."""
    folder = node_modules_or_skip() / "@octokit/openapi/generated"
    description: dict[str, Any] = json.loads((folder / "api.github.com.json").read_text())
    return description


@pytest.fixture(scope="module")
def prism(
    described: dict[str, Any], asked: list[Asked], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A server that knows the operations we use and says what is wrong with a request."""
    paths = {path for path in described["paths"] if any(_is_at(path, a[1]) for a in asked)}
    paths |= {path for path, _ in EXAMPLES}
    small = {key: value for key, value in described.items() if "webhooks" not in key}
    small["paths"] = {path: described["paths"][path] for path in sorted(paths)}
    file = tmp_path_factory.mktemp("prism") / "github.json"
    file.write_text(json.dumps(small))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = node_modules_or_skip() / ".bin/prism"
    with (
        subprocess.Popen(
            [program, "mock", "--port", str(port), file],
            stdout=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "HOME": str(file.parent)},
        ) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):
        try:
            _wait_for(client)
            yield client
        finally:
            process.terminate()


def _wait_for(client: httpx.Client) -> None:
    for _ in range(600):
        try:
            client.get("/user")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("prism did not start within a minute")


def _is_at(template: str, path: str) -> bool:
    pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
    if template.endswith("{ref}"):
        pattern = pattern.removesuffix("[^/]+") + ".+"
    return re.fullmatch(pattern, path.partition("?")[0]) is not None


def test_every_request_is_one_that_github_describes(
    prism: httpx.Client, asked: list[Asked]
) -> None:
    assert len({(method, path) for method, path, _ in asked}) >= 20
    wrong = []
    for method, path, body in asked:
        # A branch's slashes are part of its name; prism takes them for the path's.
        whole = path.replace("heads/patchwright/", "heads%2Fpatchwright%2F")
        answer = prism.request(method, whole, json=body)
        violations = json.loads(answer.headers.get("sl-violations", "[]"))
        wrong += [(method, path, v) for v in violations if v["location"][0] == "request"]
        if answer.status_code in (404, 405) and "prism" in answer.text:
            wrong.append((method, path, answer.text))
    assert wrong == []


def test_prism_does_find_what_is_wrong(prism: httpx.Client) -> None:
    answer = prism.post("/repos/o/r/pulls", json={"title": 1})
    assert answer.status_code == 422 or "sl-violations" in answer.headers


EXAMPLES: dict[tuple[str, str], type[BaseModel]] = {
    ("/user", "get"): wire.User,
    ("/repos/{owner}/{repo}", "get"): wire.RepositoryAnswer,
    ("/repos/{owner}/{repo}/issues/{issue_number}", "get"): wire.IssueAnswer,
    ("/repos/{owner}/{repo}/issues/{issue_number}/comments", "get"): wire.CommentAnswer,
    ("/repos/{owner}/{repo}/issues/{issue_number}/timeline", "get"): wire.TimelineAnswer,
    ("/repos/{owner}/{repo}/git/matching-refs/{ref}", "get"): wire.ReferenceAnswer,
    ("/repos/{owner}/{repo}/pulls", "get"): wire.PullAnswer,
    ("/repos/{owner}/{repo}/pulls/{pull_number}", "get"): wire.PullAnswer,
    ("/repos/{owner}/{repo}/pulls/{pull_number}/comments", "get"): wire.CommentAnswer,
    ("/repos/{owner}/{repo}/pulls/{pull_number}/reviews", "get"): wire.ReviewAnswer,
    ("/repos/{owner}/{repo}/collaborators/{username}/permission", "get"): wire.PermissionAnswer,
    ("/repos/{owner}/{repo}/actions/runs/{run_id}", "get"): wire.RunAnswer,
    ("/repos/{owner}/{repo}/actions/runs/{run_id}/jobs", "get"): wire.JobsAnswer,
    ("/repos/{owner}/{repo}/actions/jobs/{job_id}", "get"): wire.JobAnswer,
    ("/repos/{owner}/{repo}/check-runs/{check_run_id}", "get"): wire.CheckAnswer,
    ("/repos/{owner}/{repo}/actions/permissions/workflow", "get"): wire.WorkflowPermissions,
}


@pytest.mark.parametrize("operation", EXAMPLES, ids=lambda operation: str(operation[0]))
def test_what_github_answers_by_example_can_be_read(
    prism: httpx.Client, operation: tuple[str, str]
) -> None:
    path = re.sub(r"\{\w+(number|id)\}", "7", operation[0])
    path = re.sub(r"\{\w+\}", "x", path)
    answer = prism.get(path, headers={"Prefer": "code=200"}).json()
    for item in answer if isinstance(answer, list) else [answer]:
        # Some of the description's examples are wrapped once more.
        EXAMPLES[operation].model_validate(item.get("value", item))


def test_every_example_of_every_event_is_decided_without_an_error() -> None:
    folder = node_modules_or_skip() / "@octokit/webhooks-examples/api.github.com"
    events = json.loads((folder / "index.json").read_text())
    repository = Repository("github.com", "Codertocat", "Hello-World")
    decided: dict[str, set[type]] = {}
    for event in events:
        for payload in event["examples"]:
            decision = decide(event["name"], payload, repository, label="bug")
            decided.setdefault(event["name"], set()).add(type(decision))
    assert len(decided) > 50
    heard = {name for name, kinds in decided.items() if kinds != {Ignored}}
    assert heard <= {"issues", "schedule", "workflow_dispatch"}
    assert decided["issues"] == {Ignored, Wanted}
    assert decided["workflow_dispatch"] == {Listed}


def test_the_example_of_a_label_names_who_put_it_on() -> None:
    folder = node_modules_or_skip() / "@octokit/webhooks-examples/api.github.com"
    events = json.loads((folder / "index.json").read_text())
    [issues] = [event for event in events if event["name"] == "issues"]
    payload = next(p for p in issues["examples"] if p["action"] == "labeled")
    repository = Repository("github.com", "Codertocat", "Hello-World")
    decision = decide("issues", payload, repository, label=payload["label"]["name"])
    assert isinstance(decision, Wanted)
    assert decision.actor == payload["sender"]["login"]
    assert decision.address.number == payload["issue"]["number"]
