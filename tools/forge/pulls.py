"""Pull requests: found again by their marker, opened once, reviewed without a verdict."""

from dataclasses import dataclass
from typing import Any

from tools.forge.address import Address, Repository
from tools.forge.base import ForgeRefused, ForgeUnreachable, Proposal, Proposed, Review
from tools.forge.transport import Transport
from tools.forge.wire import PullAnswer, ReferenceAnswer, ReviewAnswer, read

_SEARCHED = 300
_PLACES = 9
"""Names tried for a branch: the wanted one, then with -2 to -9."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a proposal's commit is to go, or has gone."""

    branch: str
    there: bool = False
    """The branch is at the commit already."""
    pull: PullAnswer | None = None
    """The pull request that an earlier try made."""


def find_place(transport: Transport, proposal: Proposal) -> Place:
    """What an earlier try has left, or else a free name; nobody's branch is ever overwritten.

    Raises:
        ForgeRefused: All names are taken.
    """
    doing = f"looking for branch {proposal.branch} of {proposal.head}"
    path = f"/repos/{proposal.head}/git/matching-refs/heads/{proposal.branch}"
    references = (read(ReferenceAnswer, i, doing) for i in transport.pages(path, doing, _SEARCHED))
    taken = {r.ref.removeprefix("refs/heads/"): r.object.sha for r in references}
    names = [proposal.branch, *(f"{proposal.branch}-{n}" for n in range(2, _PLACES + 1))]
    for name in names:
        # A branch may have been deleted since its pull request was closed.
        pull = find_pull(transport, proposal, name) if name in (proposal.branch, *taken) else None
        if pull is not None or taken.get(name) == proposal.commit:
            return Place(name, there=True, pull=pull)
    for name in names:
        if name not in taken:
            return Place(name)
    raise ForgeRefused(f"{doing}: {_PLACES} branches of that name are there; delete some")


def find_pull(transport: Transport, proposal: Proposal, branch: str) -> PullAnswer | None:
    """The pull request that an earlier try made, whatever has become of it since."""
    doing = f"looking for a pull request from {branch}"
    head = f"{proposal.head.owner}:{branch}"
    path = f"/repos/{proposal.base}/pulls"
    for item in transport.pages(path, doing, _SEARCHED, state="all", head=head):
        pull = read(PullAnswer, item, doing)
        if proposal.marker in (pull.body or "") and pull.head.ref == branch:
            return pull
    return None


def open_pull(transport: Transport, proposal: Proposal, branch: str) -> Proposed:
    """Open the pull request; where the answer is lost, look for it before trying once more."""
    body = {
        "title": proposal.title,
        "body": proposal.body,
        "head": branch if proposal.head == proposal.base else f"{proposal.head.owner}:{branch}",
        "base": proposal.base_branch,
        "draft": proposal.draft,
        "maintainer_can_modify": True,
    }
    doing = f"opening a pull request for {branch} in {proposal.base}"
    notes: list[str] = []
    try:
        made = _create(transport, proposal, body, doing, notes)
    except ForgeUnreachable:
        found = find_pull(transport, proposal, branch)
        made = found or _create(transport, proposal, body, doing, notes)
    return Proposed(made.html_url, made.number, branch, created=True, notes=tuple(notes))


def _create(
    transport: Transport, proposal: Proposal, body: dict[str, Any], doing: str, notes: list[str]
) -> PullAnswer:
    path = f"/repos/{proposal.base}/pulls"
    try:
        answer = transport.send("POST", path, body, doing)
    except ForgeRefused as error:
        if not (body["draft"] and "draft" in str(error).lower()):
            raise
        # Drafts are not part of every plan: https://docs.github.com/pull-requests
        notes.append("this repository has no draft pull requests; it was opened as a usual one")
        answer = transport.send("POST", path, {**body, "draft": False}, doing)
    return answer.read(PullAnswer, doing)


def read_pull(transport: Transport, address: Address) -> PullAnswer:
    """A pull request."""
    doing = f"reading {address}"
    path = f"/repos/{address.repository}/pulls/{address.number}"
    return transport.get(path, doing).read(PullAnswer, doing)


def post_review(transport: Transport, address: Address, review: Review, *, marker: str) -> str:
    """Post findings together, once; a line that is not part of the diff goes into the text."""
    doing = f"reviewing {address}"
    path = f"/repos/{address.repository}/pulls/{address.number}/reviews"
    for item in transport.pages(path, doing, _SEARCHED):
        earlier = read(ReviewAnswer, item, doing)
        if marker in (earlier.body or ""):
            return earlier.html_url
    body: dict[str, Any] = {
        "commit_id": review.commit,
        "event": "COMMENT",
        "body": review.body,
        "comments": [
            {"path": remark.path, "line": remark.line, "side": "RIGHT", "body": remark.text}
            for remark in review.remarks
        ],
    }
    return transport.send("POST", path, body, doing).read(ReviewAnswer, doing).html_url


def in_repository(pull: PullAnswer, repository: Repository) -> bool:
    """Whether a pull request's branch is in the repository itself."""
    return (
        pull.head.repo is not None and pull.head.repo.full_name.lower() == str(repository).lower()
    )
