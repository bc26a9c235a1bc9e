"""What a run can start from, in one shape: an issue, or a failed workflow run, job or check."""

from collections.abc import Iterable
from datetime import UTC, datetime

from tools.forge.address import Address, Repository
from tools.forge.base import ForgeRefused, Issue, Post
from tools.forge.transport import Transport
from tools.forge.wire import (
    CheckAnswer,
    CommentAnswer,
    IssueAnswer,
    JobAnswer,
    JobsAnswer,
    Label,
    RunAnswer,
    TimelineAnswer,
    User,
    read,
)

COMMENTS, EVENTS, JOBS = 500, 1000, 100
_LOG_CHARACTERS = 20_000
_GHOST = "ghost"
"""GitHub's own word for an account that is gone."""


def read_issue(
    transport: Transport, address: Address, *, until: datetime | None, written: str | None = None
) -> Issue:
    """An issue or pull request with its comments.

    Args:
        transport: Asks.
        address: Of the issue.
        until: Comments written or changed later are left out; None takes all.
        written: The issue's text at that time, where it is known; a later edit is then ignored.
    """
    doing = f"reading {address}"
    path = f"/repos/{address.repository}/issues/{address.number}"
    answer = transport.get(path, doing).read(IssueAnswer, doing)
    _same_repository(answer, address)
    kept, notes = _comments(transport, f"{path}/comments", doing, until)
    return Issue(
        address=address,
        title=answer.title,
        post=Post(
            author=login(answer.user),
            association=answer.author_association,
            written=answer.created_at,
            text=(answer.body or "") if written is None else written,
        ),
        comments=tuple(kept),
        open=answer.state == "open",
        locked=answer.locked,
        labels=tuple(_label(label) for label in answer.labels),
        assignees=tuple(user.login for user in answer.assignees or []),
        open_pulls=tuple(_open_pulls(transport, path, doing)),
        notes=tuple(notes),
    )


def read_failure(transport: Transport, address: Address) -> Issue:
    """A failed run, job or check as an issue: what failed, and the end of what it printed."""
    if address.kind == "check":
        return _check(transport, address)
    jobs = [_job(transport, address)] if address.kind == "job" else _failed_jobs(transport, address)
    if not jobs:
        raise ForgeRefused(f"{address} has no failed job; there is nothing to repair")
    first = jobs[0]
    parts = [_told(transport, address.repository, job) for job in jobs[:3]]
    names = ", ".join(job.name for job in jobs)
    return _failure(address, f"CI fails: {names}", "\n\n".join(parts), first.started_at)


def head_of_failure(transport: Transport, address: Address) -> tuple[str, str]:
    """Branch and commit that a run, job or check was for; the branch may be empty."""
    doing = f"reading {address}"
    if address.kind == "check":
        answer = transport.get(f"/repos/{address.repository}/check-runs/{address.number}", doing)
        return "", answer.read(CheckAnswer, doing).head_sha
    number = address.number
    if address.kind == "job":
        number = _job(transport, address).run_id
    answer = transport.get(f"/repos/{address.repository}/actions/runs/{number}", doing)
    run = answer.read(RunAnswer, doing)
    return run.head_branch or "", run.head_sha


def login(user: User | None) -> str:
    """The name of an account that may be gone."""
    return user.login if user else _GHOST


def _comments(
    transport: Transport, path: str, doing: str, until: datetime | None
) -> tuple[list[Post], list[str]]:
    kept: list[Post] = []
    late = changed = 0
    for item in transport.pages(path, doing, COMMENTS):
        comment = read(CommentAnswer, item, doing)
        if until is not None and comment.created_at > until:
            late += 1
        elif until is not None and comment.updated_at > until:
            changed += 1
        else:
            kept.append(post(comment))
    notes = []
    if late:
        notes.append(f"{late} comment(s) written after the run was triggered")
    if changed:
        notes.append(f"{changed} comment(s) changed after the run was triggered")
    return kept, notes


def post(comment: CommentAnswer) -> Post:
    """A comment as something that a person wrote."""
    where = f"On {comment.path}:{comment.line}\n\n" if comment.path else ""
    return Post(
        author=login(comment.user),
        association=comment.author_association,
        written=comment.created_at,
        text=where + (comment.body or ""),
    )


def _same_repository(answer: IssueAnswer, address: Address) -> None:
    """An issue that was transferred is another repository's now; that is not for us to follow."""
    there = answer.repository_url.rpartition("/repos/")[2]
    if there.lower() != str(address.repository).lower():
        raise ForgeRefused(f"{address} is now {answer.html_url}; if that is meant, name it instead")


def _label(label: Label | str) -> str:
    return label if isinstance(label, str) else label.name or ""


def _open_pulls(transport: Transport, path: str, doing: str) -> Iterable[str]:
    """Open pull requests that refer to the issue, each once."""
    found: dict[str, None] = {}
    for item in transport.pages(f"{path}/timeline", doing, EVENTS):
        event = read(TimelineAnswer, item, doing)
        source = event.source.issue if event.source else None
        refers = event.event == "cross-referenced" and source and source.pull_request
        if refers and source and source.state == "open":
            found[source.html_url] = None
    return found


def _check(transport: Transport, address: Address) -> Issue:
    doing = f"reading {address}"
    answer = transport.get(f"/repos/{address.repository}/check-runs/{address.number}", doing)
    check = answer.read(CheckAnswer, doing)
    said = [check.output.title, check.output.summary, check.output.text]
    body = "\n\n".join(part for part in said if part) or "The check says nothing of itself."
    written = check.started_at or datetime.fromtimestamp(0, UTC)
    return _failure(address, f"Check fails: {check.name}", body, written)


def _job(transport: Transport, address: Address) -> JobAnswer:
    doing = f"reading {address}"
    answer = transport.get(f"/repos/{address.repository}/actions/jobs/{address.number}", doing)
    return answer.read(JobAnswer, doing)


def _failed_jobs(transport: Transport, address: Address) -> list[JobAnswer]:
    doing = f"reading {address}"
    path = f"/repos/{address.repository}/actions/runs/{address.number}/jobs"
    answer = transport.get(path, doing, per_page=JOBS, filter="latest").read(JobsAnswer, doing)
    return [job for job in answer.jobs if job.conclusion == "failure"]


def _told(transport: Transport, repository: Repository, job: JobAnswer) -> str:
    doing = f"reading the log of {job.name}"
    steps = [step.name for step in job.steps or [] if step.conclusion == "failure"]
    path = f"/repos/{repository}/actions/jobs/{job.id}/logs"
    log = transport.tail(path, doing, _LOG_CHARACTERS)
    fence = "`" * 3
    while fence in log:
        fence += "`"
    where = f"Job {job.name!r} fails" + (f" in: {', '.join(steps)}" if steps else "")
    return f"{where}\n\n{fence}text\n{_without_times(log)}\n{fence}"


def _without_times(log: str) -> str:
    """A log without the time that GitHub writes before each line."""
    return "\n".join(
        line[29:] if len(line) > 28 and line[10:11] == "T" and line[27:29] == "Z " else line
        for line in log.lstrip("\ufeff").splitlines()
    )


def _failure(address: Address, title: str, body: str, written: datetime) -> Issue:
    return Issue(address, title, Post("CI", "NONE", written, body))
