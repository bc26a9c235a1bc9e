"""What a forge can be asked for, whichever it is: five verbs, and the things they speak of.

.. code-block:: text

    ForgeError
    ├── ForgeUnreachable   it cannot be reached now, fails, or wants us to wait longer than we do
    ├── ForgeDenied        the token is missing, wrong, or may not do this
    └── ForgeRefused       it cannot be done as things stand: gone, closed, in conflict

Every message is one line that says what, why and what next. Verbs that write look first for what an
earlier try may have left, so each may be repeated after a crash: nothing is ever made twice.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from tools.forge.address import Address, Repository


class ForgeError(Exception):
    """The forge did not do what was asked; the message is one line for people."""


class ForgeUnreachable(ForgeError):
    """It cannot be reached or fails; the same request may succeed later."""


class ForgeDenied(ForgeError):
    """The token is missing, wrong, or may not do this."""


class ForgeRefused(ForgeError):
    """What was asked for is not there or cannot be done as things stand."""


@dataclass(frozen=True, slots=True)
class Post:
    """Something that a person wrote: an issue's text or a comment, as it came."""

    author: str
    association: str
    """What the author is to the repository, in the forge's words: ``OWNER``, ``NONE``, …"""
    written: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue, or what else a run can start from, as it was when the run was triggered."""

    address: Address
    title: str
    post: Post
    comments: tuple[Post, ...] = ()
    open: bool = True
    locked: bool = False
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    open_pulls: tuple[str, ...] = ()
    """Addresses of open pull requests that refer to it."""
    notes: tuple[str, ...] = ()
    """What was left out, for the report."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the token may do with a repository, and what is known of it. Sizes are in KiB."""

    repository: Repository
    """Under the name that it has now."""
    id: int
    """Its number, which a new name does not change."""
    default_branch: str
    login: str | None
    """The token's user; None for a token that belongs to no user, or without a token."""
    user_id: int | None
    can_read: bool
    can_push: bool
    can_fork: bool
    private: bool
    archived: bool
    size: int
    scopes: tuple[str, ...] | None
    """Scopes of a classic token; None for other kinds, whose permissions cannot be listed."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A copy of one branch's history on this machine."""

    folder: Path
    """A bare git repository whose ``HEAD`` is the commit."""
    commit: str
    branch: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change to be proposed: everything that decides what the forge will show."""

    base: Repository
    base_branch: str
    head: Repository
    """Where the branch goes: the repository itself, or a fork of it."""
    branch: str
    commit: str
    """The commit to be pushed; its id is the same however often it is made."""
    store: Path
    """Git directory that holds the commit."""
    title: str
    body: str
    marker: str
    """Stands in the body; tells this proposal from all others."""
    draft: bool
    kind: Literal["open", "add", "push"] = "open"
    """Open a pull request, add to the branch of one that is ours, or only push the branch."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A pull request, or only a branch."""

    url: str
    """Empty where nothing was opened."""
    number: int
    branch: str
    created: bool
    """Whether it was made just now; else it was there."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding on one line of a pull request."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Review:
    """Findings to be posted together; it neither approves nor blocks."""

    commit: str
    body: str
    remarks: tuple[Remark, ...] = field(default=())


class Forge(Protocol):
    """Where issues come from and pull requests go. A verb that fails raises ForgeError."""

    def issue(self, address: Address, *, until: datetime | None = None) -> Issue:
        """The issue with the comments that were there at ``until`` and have not changed since."""
        ...

    def snapshot(
        self, repository: Repository, folder: Path, *, branch: str, commit: str = ""
    ) -> Snapshot:
        """Copy a branch, or a commit on it, with some of its history into ``folder``."""
        ...

    def propose(self, proposal: Proposal) -> Proposed:
        """Push the commit and open the pull request, each unless an earlier try has.

        A fork that ``head`` names is made where it is not there.
        """
        ...

    def comment(self, address: Address, text: str, *, marker: str) -> str:
        """Comment, unless a comment of ours holds ``marker``; the comment's address."""
        ...

    def status(self, repository: Repository) -> Status:
        """What the repository is and what the token may do there; nothing is changed."""
        ...

    def close(self) -> None:
        """Let go of its connections."""
        ...
