"""Issue in, pull request out, over git's own protocol and a GitHub with a memory."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.intake import Skipped
from agent.journal import Journal
from agent.state import Outcome
from doubles.forge_story import TOKEN, ForgeStory
from doubles.github import Account, FakeGitHub, Fault
from doubles.repositories import RIGHT, WRONG, git
from doubles.scripted_model import Line, ScriptedModel, calls, submit
from tools.forge import ForgeDenied, ForgeError, ForgeRefused, ForgeUnreachable

REPAIR = ("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT})
LINES: list[Line] = [calls(REPAIR), submit("It was one too large. Fixes #99, cc @team")]


class Killed(BaseException):
    """Stands for a process that is gone."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path / "github") as fake:
        yield fake


@pytest.fixture
def story(server: FakeGitHub, tmp_path: Path) -> ForgeStory:
    return ForgeStory.make(server, tmp_path)


def repairing() -> ScriptedModel:
    return ScriptedModel(list(LINES), by_history=True)


def test_a_proven_patch_becomes_one_pull_request(story: ForgeStory) -> None:
    assert story.run(repairing()).outcome is Outcome.PROVEN
    branch = "patchwright/issue-1-the-mean-is-one-too-large"
    assert story.made_branches == [branch]
    [pull] = story.pulls
    assert pull["title"] == "The mean is one too large"
    assert pull["draft"] is False
    assert pull["body"].startswith("Fixes #1\n")
    assert "| test | base | patch |" in pull["body"]
    prose = re.sub(r"(?s)```.*?```|`[^`]*`", "", pull["body"])
    assert "Fixes #99" not in prose
    assert "@team" not in prose
    changed = git(story.project.bare, "diff", "--name-only", "main", branch)
    assert changed == "calculator.py"
    message = git(story.project.bare, "log", "-1", "--format=%B%n%an <%ae>", branch)
    assert "Fixes" not in message
    assert "robot <" in message
    assert "@users.noreply.127.0.0.1" in message
    assert story.comments == []


KEYS = ["prepared", "measured", "located", "reproduced", "opened-repair", "replied-1", "acted-1",
        "judged-1", "published", "ended"]  # fmt: skip


@pytest.mark.parametrize("written", [False, True], ids=["before-writing", "after-writing"])
@pytest.mark.parametrize("kind", KEYS)
def test_killed_anywhere_and_resumed_there_is_one_of_everything(
    story: ForgeStory, monkeypatch: pytest.MonkeyPatch, kind: str, written: bool
) -> None:
    die_at(monkeypatch, kind, written)
    with pytest.raises(Killed):
        story.run(repairing())
    monkeypatch.undo()
    assert story.run(repairing()).outcome is Outcome.PROVEN
    assert len(story.made_branches) == len(story.pulls) == 1
    assert story.comments == []


@pytest.mark.parametrize("written", [False, True], ids=["before-writing", "after-writing"])
@pytest.mark.parametrize("kind", ["ended", "reported"])
def test_killed_while_failing_there_is_one_comment(
    story: ForgeStory, monkeypatch: pytest.MonkeyPatch, kind: str, written: bool
) -> None:
    model = ScriptedModel([submit("I do not know", solved=False)], by_history=True)
    die_at(monkeypatch, kind, written)
    with pytest.raises(Killed):
        story.run(model)
    monkeypatch.undo()
    assert story.run(model).outcome is Outcome.NONE
    [comment] = story.comments
    assert "found no patch that it could prove" in comment["body"]
    assert "I do not know" in comment["body"]
    assert story.pulls == []
    assert story.made_branches == []


def die_at(monkeypatch: pytest.MonkeyPatch, kind: str, written: bool) -> None:
    once = Journal.once

    def dying(journal, key, make):  # type: ignore[no-untyped-def]
        if key != kind:
            return once(journal, key, make)
        if written:
            once(journal, key, make)
        else:
            make()
        raise Killed

    monkeypatch.setattr(Journal, "once", dying)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", "/pulls$", drop=True),
        Fault("POST", "git-receive-pack$", drop=True),
        Fault("POST", "/pulls$", 502),
        Fault("POST", "/pulls$", 503, {"message": "Unicorn"}),
        Fault("POST", "/pulls$", 403, {"message": "secondary rate limit"}, {"Retry-After": "1"}),
        Fault("POST", "/pulls$", 429, headers={"Retry-After": "2"}),
        Fault("POST", "/pulls$", cut=True),
        Fault("GET", "/matching-refs/", 500, times=2),
        Fault("GET", "/matching-refs/", cut=True),
    ],
    ids=lambda fault: f"{fault.method}-{fault.path}-{fault.status or fault.drop}-{fault.cut}",
)
def test_a_fault_while_publishing_makes_nothing_twice(story: ForgeStory, fault: Fault) -> None:
    story.take()
    story.server.faults.append(fault)
    with contextlib.suppress(ForgeError):
        story.run(repairing())
    assert story.run(repairing()).outcome is Outcome.PROVEN
    assert fault.times == 0
    assert len(story.made_branches) == len(story.pulls) == 1


def test_a_comment_whose_answer_was_lost_is_not_written_again(story: ForgeStory) -> None:
    story.server.faults.append(Fault("POST", "/comments$", drop=True))
    model = ScriptedModel([submit("no", solved=False)])
    assert story.run(model).outcome is Outcome.NONE
    assert len(story.comments) == 1


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (lambda s: s.project.branches and git(s.project.bare, "branch", "-m", "main", "trunk"),
         ForgeRefused, "head or base is invalid"),
        (lambda s: git(s.project.bare, "config", "receive.denyCreates", "true") or hook(s),
         ForgeRefused, "a rule of the repository forbids that branch"),
        (lambda s: setattr(s.server.accounts[TOKEN], "push", False), ForgeDenied, "error: 403"),
        (lambda s: s.server.accounts.pop(TOKEN), ForgeDenied, "not valid or has expired"),
        (lambda s: s.server.projects.pop("owner/calculator"), ForgeDenied, "it is not there"),
        (lambda s: s.server.faults.append(Fault("POST", "/pulls$", 422, {"message": "no"})),
         ForgeRefused, "GitHub does not accept it"),
        (lambda s: s.server.faults.append(Fault("GET", "/matching-refs", 410)),
         ForgeRefused, "deleted or is switched off"),
        (lambda s: s.server.faults.append(Fault("GET", "/matching-refs", 503, times=9)),
         ForgeUnreachable, "answered 503"),
        (lambda s: s.server.faults.append(Fault("GET", "/matching-refs", 409)),
         ForgeRefused, "in conflict"),
    ],
)  # fmt: skip
def test_what_changes_during_the_run_is_one_clear_line_and_nothing_is_lost(
    story: ForgeStory, change, kind: type[Exception], words: str
) -> None:
    story.take()
    change(story)
    with pytest.raises(kind, match=words) as raised:
        story.run(repairing())
    assert "\n" not in str(raised.value)
    assert story.folder is not None
    assert "+    return sum(values) / len(values)\n" in story.folder.patch.read_text()
    assert story.folder.handover.exists()
    assert story.pulls == []


def hook(story: ForgeStory) -> None:
    script = story.project.bare / "hooks" / "pre-receive"
    script.write_text(
        "#!/bin/sh\necho 'error: GH013: Repository rule violations found' >&2\nexit 1\n"
    )
    script.chmod(0o755)


def test_a_renamed_repository_is_followed_and_said(story: ForgeStory) -> None:
    server = story.server
    server.projects["owner/abacus"] = story.project
    server.renamed["owner/calculator"] = "owner/abacus"
    story.project.name = "owner/abacus"
    (server.folder / "owner/abacus.git").symlink_to(story.project.bare)
    issue = story.project.issues[story.number]
    issue["repository_url"] = issue["repository_url"].replace("calculator", "abacus")
    old = story.address
    object.__setattr__(old.repository, "name", "calculator")
    story.take(address=old)
    assert story.run(repairing()).outcome is Outcome.PROVEN
    assert len(story.pulls) == 1
    assert "owner/calculator is now called owner/abacus" in story.pulls[0]["body"]


def test_a_moved_base_is_proposed_on_what_was_proven(story: ForgeStory, tmp_path: Path) -> None:
    story.take()
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(story.project.bare), str(clone))
    (clone / "other.txt").write_text("moved\n")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "-m", "moved")
    git(clone, "push", "--quiet", "origin", "HEAD:main")
    assert story.run(repairing()).outcome is Outcome.PROVEN
    [branch] = story.made_branches
    assert git(story.project.bare, "rev-parse", f"{branch}^") == git(clone, "rev-parse", "HEAD^")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "closed"}, "it is closed"),
        ({"locked": True}, "is locked"),
        ({"assignees": [{"login": "ann", "id": 2}]}, "assigned to ann"),
    ],
)
def test_issues_that_are_left_alone(story: ForgeStory, fields, words: str) -> None:
    story.project.issues[story.number].update(fields)
    with pytest.raises(Skipped, match=words):
        story.take()
    story.take(force=True)


def test_an_open_pull_request_that_refers_to_it_is_enough(story: ForgeStory) -> None:
    assert story.run(repairing()).outcome is Outcome.PROVEN
    pull = story.pulls[0]
    story.project.timeline[story.number] = [
        {"event": "labeled"},
        {
            "event": "cross-referenced",
            "source": {
                "type": "issue",
                "issue": {**pull, "pull_request": {"url": pull["html_url"]}},
            },
        },
    ]
    with pytest.raises(Skipped, match="pull/2 refers to it"):
        story.again().take()
    forced = story.again()
    forced.take(force=True)
    assert forced.run(repairing()).outcome is Outcome.PROVEN
    assert story.made_branches[1] == story.made_branches[0] + "-2"
    assert len(story.pulls) == 2


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (Account(push=False), "may not push to owner/calculator"),
        (Account(propose=False), "the token may not do this"),
    ],
)
def test_what_the_token_may_not_do_is_said_before_the_run(
    story: ForgeStory, account: Account, words: str
) -> None:
    story.server.accounts[TOKEN] = account
    with pytest.raises(ForgeDenied, match=words):
        story.take()
    assert not story.runs.exists()


def test_without_the_right_to_push_a_fork_is_used_when_asked(story: ForgeStory) -> None:
    story.server.accounts[TOKEN] = Account(push=False)
    story.settings["fork"] = True
    assert story.run(repairing()).outcome is Outcome.PROVEN
    assert story.made_branches == []
    assert len(story.server.projects["robot/calculator"].branches) == 2
    [pull] = story.pulls
    assert pull["head"]["repo"]["full_name"] == "robot/calculator"


def test_a_dry_run_writes_nothing(story: ForgeStory) -> None:
    story.settings["dry_run"] = True
    assert story.run(repairing()).outcome is Outcome.PROVEN
    assert story.server.sent == []
    assert story.made_branches == []
    assert story.folder is not None
    assert story.folder.handover.exists()


def test_signed_off_by_the_author_that_was_set(story: ForgeStory) -> None:
    story.settings |= {"sign_off": True, "author": "Ann Example <ann@example.org>"}
    story.run(repairing())
    message = git(story.project.bare, "log", "-1", "--format=%B%an <%ae>", story.made_branches[0])
    assert "Signed-off-by: Ann Example <ann@example.org>" in message
    assert message.endswith("Ann Example <ann@example.org>")


def test_silent_on_failure_when_so_set(story: ForgeStory) -> None:
    story.settings["on_failure"] = "none"
    story.run(ScriptedModel([submit("no", solved=False)]))
    assert story.server.told("POST", "/comments$") == []


def test_an_unproven_attempt_is_pushed_on_request(story: ForgeStory) -> None:
    story.settings |= {"push_attempt": True, "steps": 2}
    wrong = ("edit", {"operation": "create", "path": "note.py", "new": "x = 1\n"})
    record = story.run(ScriptedModel([calls(wrong), submit()]))
    assert record.outcome is Outcome.NONE
    assert len(story.made_branches) == 1
    assert story.pulls == []
    assert story.made_branches[0] in story.comments[0]["body"]


def test_a_change_to_what_machines_run_is_a_draft_that_says_so(story: ForgeStory) -> None:
    workflow = ("edit", {"operation": "create", "path": ".github/workflows/x.yml", "new": "a: 1\n"})
    story.run(ScriptedModel([calls(REPAIR, workflow), submit()]))
    [pull] = story.pulls
    assert pull["draft"] is True
    assert "`.github/workflows/x.yml` runs in CI" in pull["body"]
