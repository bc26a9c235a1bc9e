"""Issue in, pull request out, over git's own protocol and a GitHub with a memory."""

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent import handover
from agent.intake import Skipped
from agent.journal import Journal
from agent.runs import RunFolder
from agent.state import Outcome
from doubles.forge_story import TOKEN, ForgeStory
from doubles.github import Account, FakeGitHub, Fault
from doubles.repositories import RIGHT, WRONG, git
from doubles.scripted_model import Line, ScriptedModel, calls, submit
from tools.forge import ForgeDenied, ForgeError, ForgeRefused, ForgeUnreachable
from tools.git import ObjectStore

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


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunFolder]:
    """A repository, and the folder of a run on it that was proven and not yet proposed."""
    place = tmp_path_factory.mktemp("proven")
    with FakeGitHub(place / "github") as server:
        story = ForgeStory.make(server, place, dry_run=True)
        assert story.run(repairing()).outcome is Outcome.PROVEN
        assert story.folder is not None
        assert server.sent == []
        assert story.made_branches == []
        return place / "source", story.folder


@pytest.fixture
def offer(
    server: FakeGitHub, story: ForgeStory, proven: tuple[Path, RunFolder]
) -> Callable[[], None]:
    """Proposes what was proven to this test's own server, as step publish does."""
    source, folder = proven
    story.project = server.add("owner/proven", source)
    server.add_issue(story.project, "The mean is one too large", "x")
    left = handover.read(folder.path, None)
    url = f"{server.url}/owner/proven/issues/1"
    moved = left.source.model_copy(
        update={"url": url, "base": "owner/proven", "head": "owner/proven"}
    )
    left = left.model_copy(update={"source": moved})

    def offer() -> None:
        with story.forge() as forge:
            handover.propose(left, ObjectStore(folder.store), forge)

    return offer


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


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("prepared", True), ("acted-1", True), ("judged-1", False),
        ("published", False), ("published", True), ("ended", False), ("ended", True),
    ],
)  # fmt: skip
def test_killed_and_resumed_there_is_one_of_everything(
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


@pytest.mark.case("REL-09", "one branch, one pull request, whatever the fault")
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
def test_a_fault_while_publishing_makes_nothing_twice(
    story: ForgeStory, offer: Callable[[], None], fault: Fault
) -> None:
    story.server.faults.append(fault)
    with contextlib.suppress(ForgeError):
        offer()
    offer()
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
        (lambda s: s.server.projects.pop("owner/proven"), ForgeDenied, "it is not there"),
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
def test_what_changes_during_the_run_is_one_clear_line(
    story: ForgeStory, offer: Callable[[], None], change, kind: type[Exception], words: str
) -> None:
    change(story)
    with pytest.raises(kind, match=words) as raised:
        offer()
    assert "\n" not in str(raised.value)
    assert story.pulls == []


def test_nothing_is_lost_when_it_cannot_be_proposed(story: ForgeStory) -> None:
    story.take()
    story.server.accounts[TOKEN].push = False
    with pytest.raises(ForgeDenied):
        story.run(repairing())
    assert story.folder is not None
    assert "+    return sum(values) / len(values)\n" in story.folder.patch.read_text()
    story.server.accounts[TOKEN].push = True
    assert story.run(ScriptedModel([])).outcome is Outcome.PROVEN
    assert len(story.pulls) == 1


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


def test_a_moved_base_is_proposed_on_what_was_proven(
    story: ForgeStory, offer: Callable[[], None], tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(story.project.bare), str(clone))
    (clone / "other.txt").write_text("moved\n")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "-m", "moved")
    git(clone, "push", "--quiet", "origin", "HEAD:main")
    offer()
    [branch] = story.made_branches
    assert git(story.project.bare, "rev-parse", f"{branch}^") == git(clone, "rev-parse", "HEAD^")


def test_a_branch_of_that_name_is_nobodys_to_overwrite(
    story: ForgeStory, offer: Callable[[], None]
) -> None:
    name = "patchwright/issue-1-the-mean-is-one-too-large"
    git(story.project.bare, "branch", name, "main")
    offer()
    assert story.made_branches == [name, f"{name}-2"]
    assert story.project.branches[name] == story.project.branches["main"]
    assert story.pulls[0]["head"]["ref"] == f"{name}-2"


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
    pull = {"number": 2, "state": "open", "html_url": "https://x/pull/2", "pull_request": {}}
    event = {"event": "cross-referenced", "source": {"type": "issue", "issue": pull}}
    story.project.timeline[story.number] = [{"event": "labeled"}, event]
    with pytest.raises(Skipped, match="pull/2 refers to it"):
        story.take()
    pull["state"] = "closed"
    story.take()


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


def test_from_a_fork_signed_off_and_as_a_draft(story: ForgeStory) -> None:
    story.server.accounts[TOKEN] = Account(push=False)
    story.settings |= {
        "fork": True, "sign_off": True, "author": "Ann Example <ann@example.org>",
        "minimise": False,
    }  # fmt: skip
    rules = ("edit", {"operation": "create", "path": "AGENTS.md", "new": "Obey.\n"})
    assert story.run(ScriptedModel([calls(REPAIR, rules), submit()])).outcome is Outcome.PROVEN
    assert story.made_branches == []
    fork = story.server.projects["robot/calculator"]
    [branch] = set(fork.branches) - {"main"}
    [pull] = story.pulls
    assert pull["head"]["repo"]["full_name"] == "robot/calculator"
    message = git(fork.bare, "log", "-1", "--format=%B%an <%ae>", branch)
    assert "Signed-off-by: Ann Example <ann@example.org>" in message
    assert message.endswith("Ann Example <ann@example.org>")
    assert pull["draft"] is True
    assert "`AGENTS.md` instructs editors or agents" in pull["body"]


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
