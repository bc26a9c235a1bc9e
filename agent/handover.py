"""What is to be proposed, complete and checkable, so that one who never ran it can propose it.

The machine that repairs needs no right to write; it leaves the run's folder with ``handover.json``
and ``patch.diff``. The one that proposes runs nothing of the repository: it makes the tree again
from the base commit and the patch, and refuses if that is not the tree that was proven.
"""

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from agent import pull_request
from agent.evidence.gate import Verdict
from agent.kit import Kit
from agent.runs import RunError, RunFolder
from agent.source import Source
from sandbox.folder import temporary
from tools.forge import Forge, Proposal, Proposed
from tools.git import GitError, ObjectStore, Signature
from tools.sensitive import inspect


class Handover(BaseModel):
    """Everything that decides what a forge will show."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Literal["propose", "comment"] = "propose"
    """Open a pull request, or only say that nothing was proven."""
    run: str
    source: Source
    started: datetime
    """When the run began; the time of its commit."""
    body: str
    """The text of the pull request or the comment."""
    commit: str = ""
    """The commit that the patch was proven on."""
    tree: str = ""
    """The tree that was proven."""
    patch_sha256: str = ""
    title: str = ""
    message: str = ""
    report: str = ""
    """The evidence as Markdown; the comment of a follow-up."""
    draft: bool = True
    refusals: list[str] = []
    """Why it is not to be proposed; empty when it may be."""


def prepare(
    kit: Kit, base: str, commit: str, verdict: Verdict, diff: bytes, report: str
) -> Handover:
    """Put together what is to be proposed, and leave it in the run's folder.

    Args:
        kit: The run's services; it has a source.
        base: The tree that the run began with.
        commit: Its commit.
        verdict: What was proven.
        diff: The patch.
        report: The evidence as Markdown, for the text of the pull request.
    """
    assert kit.source is not None
    source, run = kit.source, kit.folder.name
    found = inspect(kit.store.changes(base, verdict.tree), diff)
    flags = [*found.flags, *(f"{flag.place}: {flag.text}" for flag in verdict.flags)]
    handover = Handover(
        run=run,
        source=source,
        commit=commit,
        tree=verdict.tree,
        patch_sha256=hashlib.sha256(diff).hexdigest(),
        started=kit.journal.entries[0].time,
        title=pull_request.title(source),
        message=pull_request.message(source, run=run, sign_off=kit.settings.sign_off),
        body=pull_request.body(source, report, run=run, proven=verdict.proven, flags=flags),
        report=pull_request.follow_up(source, report),
        draft=not verdict.proven or bool(flags),
        refusals=list(found.refusals),
    )
    _leave(kit, handover)
    return handover


def leave_comment(kit: Kit, text: str) -> None:
    """Leave in the run's folder what is to be said of a run that proved nothing."""
    assert kit.source is not None
    started = kit.journal.entries[0].time
    run = kit.folder.name
    _leave(kit, Handover(action="comment", run=run, source=kit.source, started=started, body=text))


def _leave(kit: Kit, handover: Handover) -> None:
    kit.folder.handover.write_text(handover.model_dump_json(indent=1) + "\n", encoding="utf-8")


def propose(handover: Handover, store: ObjectStore, forge: Forge) -> Proposed:
    """Commit, push and open the pull request, or add to the one that is there.

    Raises:
        ForgeError: It was not possible; nothing is lost, and it may be tried again.
        RunError: It is not to be proposed.
    """
    if handover.refusals:
        raise RunError(f"not proposed: {'; '.join(handover.refusals)}; the patch is kept")
    proposal = _proposal(handover, store)
    proposed = forge.propose(proposal)
    if not handover.source.follow_up:
        return proposed
    marker = pull_request.marker(handover.run)
    url = forge.comment(handover.source.address, handover.report, marker=marker)
    return Proposed(url, handover.source.address.number, proposal.branch, created=False)


def push(handover: Handover, store: ObjectStore, forge: Forge) -> str:
    """Only push the commit; the branch."""
    return forge.propose(replace(_proposal(handover, store), kind="push")).branch


def read(folder: Path, digest: str | None) -> Handover:
    """A handover that another machine left.

    Raises:
        RunError: It cannot be read, or is not the one that ``digest`` names.
    """
    try:
        data = (folder / RunFolder(folder).handover.name).read_bytes()
        handover = Handover.model_validate_json(data)
        patch = b""
        if handover.action == "propose":
            patch = RunFolder(folder).patch.read_bytes()
    except FileNotFoundError:
        raise RunError(
            f"{folder} has nothing to propose: only a run that began at an address has, when it"
            " has ended; a patch of another is had with: patchwright show RUN --patch"
        ) from None
    except (OSError, ValidationError) as error:
        raise RunError(f"{folder} holds no handover that can be read: {error}") from error
    if digest is not None and sha256(data) != digest:
        raise RunError(f"{folder} is not what was handed over: its digest is another")
    if handover.action == "propose" and sha256(patch) != handover.patch_sha256:
        raise RunError(f"the patch in {folder} is not the one that was proven")
    return handover


def sha256(data: bytes) -> str:
    """The digest by which a handover is named."""
    return hashlib.sha256(data).hexdigest()


def deliver(folder: Path, handover: Handover, forge: Forge) -> str:
    """Propose what another machine left, or comment; the address of what was written.

    The proven tree is made again from its commit and the patch.

    Raises:
        RunError: It does not give the tree that was proven.
        ForgeError: It was not possible.
    """
    source = handover.source
    if handover.action == "comment":
        marker = pull_request.marker(handover.run)
        return forge.comment(source.address, handover.body, marker=marker)
    with temporary("publish") as place:
        repository = source.repository(source.head if source.follow_up else source.base)
        branch = source.branch if source.follow_up else source.base_branch
        copy = forge.snapshot(repository, place / "copy", branch=branch, commit=handover.commit)
        store = ObjectStore(place / "store")
        _, base = store.fetch(copy.folder)
        try:
            tree = store.apply(base, RunFolder(folder).patch.read_bytes())
        except GitError as error:
            raise RunError(f"the patch in {folder} does not fit its commit: {error}") from error
        if tree != handover.tree:
            raise RunError(f"the patch in {folder} does not give the tree that was proven")
        return propose(handover, store, forge).url


def _proposal(handover: Handover, store: ObjectStore) -> Proposal:
    source = handover.source
    name, _, rest = source.author.partition(" <")
    signature = Signature(name, rest.rstrip(">"), int(handover.started.timestamp()))
    base, head = source.repository(source.base), source.repository(source.head)
    return Proposal(
        base=base,
        base_branch=source.base_branch,
        head=head,
        branch=source.branch,
        commit=store.commit(handover.tree, handover.commit, handover.message, signature),
        store=store.directory,
        title=handover.title,
        body=handover.body,
        marker=pull_request.marker(handover.run),
        draft=handover.draft,
        kind="add" if source.follow_up else "open",
    )
