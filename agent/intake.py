"""From an address to a run: may it be done, should it be done, what does it say, where does it go.

Everything that could end the run for want of a permission is asked here, before it costs anything.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.config import FILE_NAME, Settings
from agent.runs import RunFolder
from agent.source import Source
from prompts import render
from tools.forge import (
    Address,
    ForgeDenied,
    ForgeRefused,
    GitHub,
    Issue,
    Post,
    Status,
    safe_revision,
    visible,
    visible_line,
)
from tools.forge.issues import head_of_failure, post
from tools.forge.permissions import may_propose, may_write
from tools.forge.pulls import in_repository, read_pull
from tools.forge.wire import CommentAnswer, PullAnswer, read
from tools.git import History

PREFIX = "patchwright/"
COMMAND = "/patchwright"
_COMMAND = re.compile(rf"^{COMMAND}\b[ \t]*(?:fix\b)?[ \t]*", re.MULTILINE)
_COMMENT_CHARACTERS = 60_000
_REVIEW_COMMENTS = 300
_SETTINGS_BYTES = 100_000
_MARK = "<!-- patchwright:"


class Skipped(Exception):
    """There is a reason to leave this alone; the message says which, and that --force overrides."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What a run needs to start."""

    source: Source
    issue: str
    """The text for the model."""
    commit: str
    """Where to start; empty for the tip of the base branch."""


def take(
    forge: GitHub,
    address: Address,
    settings: Settings,
    *,
    until: datetime | None = None,
    force: bool = False,
) -> Intake:
    """Read an address and decide everything about its run.

    Args:
        forge: Asked about it.
        address: An issue, a failed run, job or check, or one of our own pull requests.
        settings: Say whether a fork may be used, who the author is, whether anything is written.
        until: When the run was triggered; what was written later takes no part.
        force: Do it although there is a reason to leave it alone.

    Raises:
        Skipped: There is such a reason.
        ForgeError: It cannot be read, or the token may not do what would be needed in the end.
    """
    kind = address.kind
    if kind == "compare" or kind == "repository":
        raise ForgeRefused(f"{address.url} is nothing to repair; name an issue or a failed run")
    status = forge.status(address.repository)
    # Under its present name, so that no later request is redirected.
    address = Address(status.repository, kind, address.number)
    if kind == "pull":
        return _follow_up(forge, address, status, settings, until)
    issue = forge.issue(address, until=until)
    if not force:
        _worth_doing(issue, status)
    head = destination(forge, status, settings)
    branch, commit = status.default_branch, ""
    if kind != "issue":
        branch, commit = head_of_failure(forge.transport, address)
        branch = branch or status.default_branch
    title = visible_line(issue.title).text or str(address)
    text, notes = _text(issue, title)
    source = Source(
        url=address.url,
        title=title,
        kind=kind,
        base=str(status.repository),
        head=head,
        base_branch=_safe(branch),
        branch=_branch(address, title),
        author=settings.author or _author(status),
        notes=[*status.notes, *notes],
    )
    return Intake(source, text, commit)


def copy(forge: GitHub, intake: Intake, folder: RunFolder) -> Path:
    """Copy the repository into a run's folder; a git directory without a work tree.

    Its own settings, which are read with little trust, come to lie beside it.
    """
    source = intake.source
    place, branch = source.base, source.base_branch
    if source.follow_up:
        place, branch = source.head, source.branch
    snapshot = forge.snapshot(
        source.repository(place), folder.repository, branch=branch, commit=intake.commit
    )
    with History.opened(snapshot.folder) as history:
        entries = {entry.path: entry for entry in history.entries(snapshot.commit)}
        own = entries.get(FILE_NAME)
        if own is not None and own.regular:
            (folder.repository / FILE_NAME).write_bytes(history.get(own.blob)[:_SETTINGS_BYTES])
    return snapshot.folder


def _worth_doing(issue: Issue, status: Status) -> None:
    reasons = [
        (not issue.open, "it is closed"),
        (issue.locked, "its conversation is locked"),
        (
            bool(issue.assignees) and status.login not in issue.assignees,
            f"it is assigned to {', '.join(issue.assignees)}",
        ),
        (bool(issue.open_pulls), f"{' '.join(issue.open_pulls[:3])} refers to it"),
    ]
    for holds, reason in reasons:
        if holds:
            raise Skipped(f"{issue.address} is left alone: {reason}; --force overrides")


def destination(forge: GitHub, status: Status, settings: Settings) -> str:
    """``OWNER/NAME`` that the branch will go to; nothing is made yet.

    Raises:
        ForgeDenied: The token may not propose anything.
    """
    if status.archived:
        raise ForgeDenied(f"{status.repository} is archived; nothing can be proposed there")
    if settings.dry_run:
        return str(status.repository)
    if settings.github_token is None:
        raise ForgeDenied(
            f"no token for {status.repository.host}; set GITHUB_TOKEN, or use --dry-run"
        )
    refusal = may_propose(forge.transport, status)
    if refusal:
        raise ForgeDenied(f"{refusal}; --dry-run repairs without proposing")
    if status.can_push:
        return str(status.repository)
    if settings.fork and status.can_fork and status.login:
        return f"{status.login}/{status.repository.name}"
    raise ForgeDenied(
        f"the token may not push to {status.repository}; give it contents: write, or use --fork to"
        " propose from a fork, or --dry-run"
    )


def _text(issue: Issue, title: str) -> tuple[str, list[str]]:
    """What the model reads, and what a reader of the report should know of it."""
    hidden = dict.fromkeys(visible_line(issue.title).hidden)
    seen = visible(issue.post.text)
    hidden.update(dict.fromkeys(seen.hidden))
    first = _with_text(issue.post, seen.text)
    comments, left = [], _COMMENT_CHARACTERS
    for comment in issue.comments:
        if _MARK in comment.text:
            continue
        seen = visible(comment.text)
        hidden.update(dict.fromkeys(seen.hidden))
        if left <= 0:
            break
        comments.append(_with_text(comment, seen.text[:left]))
        left -= len(seen.text)
    notes = list(issue.notes)
    if hidden:
        notes.append(f"hidden content of the issue was left out: {', '.join(hidden)}")
    if left <= 0:
        notes.append(f"comments beyond {_COMMENT_CHARACTERS} characters were left out")
    text = render(
        "issue",
        title=title,
        address=issue.address.url,
        post=first,
        comments=comments,
        hidden=list(hidden),
    )
    return text, notes


def _with_text(post: Post, text: str) -> Post:
    return Post(visible_line(post.author).text, post.association, post.written, text)


def _branch(address: Address, title: str) -> str:
    words = re.findall(r"[a-z0-9]+", title.lower())[:6]
    slug = "-".join(words)[:40].strip("-")
    return f"{PREFIX}{address.kind}-{address.number}{'-' if slug else ''}{slug}"


def _author(status: Status) -> str:
    """The token's user, or the machine that workflows are.

    https://docs.github.com/account-and-profile/reference/email-addresses-reference#your-noreply-email-address
    """
    if status.login and status.user_id:
        host = status.repository.host.partition(":")[0]
        return f"{status.login} <{status.user_id}+{status.login}@users.noreply.{host}>"
    return "patchwright <patchwright@localhost>"


def _safe(branch: str) -> str:
    if not safe_revision(branch):
        raise ForgeRefused(f"the branch is called {branch!r}, which is not safe to give to git")
    return branch


def _follow_up(
    forge: GitHub, address: Address, status: Status, settings: Settings, until: datetime | None
) -> Intake:
    """Go on with a pull request of ours, by what its reviewers have asked of ``/patchwright``."""
    pull = read_pull(forge.transport, address)
    ours = pull.head.ref.startswith(PREFIX) and _MARK in (pull.body or "")
    if not ours or pull.head.repo is None:
        raise ForgeRefused(f"{address} was not opened by patchwright; name the issue instead")
    if pull.state != "open":
        raise Skipped(f"{address} is left alone: it is closed")
    if not settings.dry_run and not status.can_push and in_repository(pull, status.repository):
        raise ForgeDenied(f"the token may not push to {status.repository}, where the branch is")
    issue = forge.issue(address, until=until)
    posts = [*issue.comments, *_line_comments(forge, address, until)]
    asked = _asked(forge, address, posts)
    if not asked:
        raise Skipped(
            f"{address} is left alone: nobody who may write there asked {COMMAND} for anything"
        )
    title = visible_line(pull.title).text
    text, notes = _text(_request(issue, pull, asked), title)
    source = Source(
        url=address.url,
        title=title,
        kind="pull",
        base=str(status.repository),
        head=pull.head.repo.full_name,
        base_branch=_safe(pull.base.ref),
        branch=_safe(pull.head.ref),
        author=settings.author or _author(status),
        follow_up=True,
        notes=notes,
    )
    return Intake(source, text, pull.head.sha)


def _request(issue: Issue, pull: PullAnswer, asked: list[Post]) -> Issue:
    """The newest request first: it is what is wanted now."""
    latest, *earlier = sorted(asked, key=lambda request: request.written, reverse=True)
    return Issue(issue.address, pull.title, latest, tuple(earlier), notes=issue.notes)


def _asked(forge: GitHub, address: Address, posts: Sequence[Post]) -> list[Post]:
    """Requests to us, by people who may write to the repository; anyone may comment."""
    requests = [
        Post(p.author, p.association, p.written, _COMMAND.sub("", p.text).strip())
        for p in posts
        if _COMMAND.search(p.text)
    ]
    authors = dict.fromkeys(request.author for request in requests)
    writers = {name for name in authors if may_write(forge.transport, address.repository, name)}
    return [request for request in requests if request.author in writers]


def _line_comments(forge: GitHub, address: Address, until: datetime | None) -> list[Post]:
    doing = f"reading the review of {address}"
    path = f"/repos/{address.repository}/pulls/{address.number}/comments"
    items = forge.transport.pages(path, doing, _REVIEW_COMMENTS)
    comments = [read(CommentAnswer, item, doing) for item in items]
    return [post(c) for c in comments if until is None or c.updated_at <= until]
