"""GitHub, github.com or Enterprise: the five verbs, over its REST interface and git."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from pydantic import SecretStr

from tools.forge.address import Address, Repository
from tools.forge.base import (
    ForgeDenied,
    ForgeError,
    ForgeRefused,
    ForgeUnreachable,
    Issue,
    Proposal,
    Proposed,
    Snapshot,
    Status,
)
from tools.forge.issues import read_failure, read_issue
from tools.forge.permissions import basic, read_repository, read_status
from tools.forge.pulls import find_place, open_pull
from tools.forge.transport import Patience, Transport
from tools.forge.wire import CommentAnswer, RepositoryAnswer, read
from tools.git import GitError, Remote

HISTORY = 1000
"""Commits that are copied; the ranking of code reads the past of about as many."""
_SEARCHED = 1000
_FORK_TRIES, _FORK_PAUSE = 20, 3.0
_TROUBLE = ("could not resolve", "timed out", "connect", "rpc failed", "early eof", "hung up")


class GitHub:
    """One host's GitHub, with one token. Implements :class:`tools.forge.base.Forge`."""

    def __init__(
        self,
        repository: Repository,
        token: SecretStr | None,
        *,
        network: Mapping[str, str] | None = None,
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
        written: str | None = None,
    ) -> None:
        """Prepare to ask the host of a repository.

        Args:
            repository: Its host is the only one that is asked.
            token: None asks as a stranger, who may read what is public.
            network: Variables that tell git of proxies and certificates.
            patience: How often a request is tried.
            transport: Carries HTTP; httpx's own when not given.
            written: The issue's text when the run was triggered, where that is known.
        """
        self.transport = Transport(repository.api, token, patience=patience, transport=transport)
        self._carrier = transport
        self._token = token
        self._network = dict(network or {})
        self._written = written
        self._sleep: Callable[[float], None] = patience.sleep if patience else time.sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    def issue(self, address: Address, *, until: datetime | None = None) -> Issue:
        """The issue as it was at ``until``; a failed run, job or check is one too."""
        if address.kind in ("issue", "pull"):
            return read_issue(self.transport, address, until=until, written=self._written)
        return read_failure(self.transport, address)

    def snapshot(
        self, repository: Repository, folder: Path, *, branch: str, commit: str = ""
    ) -> Snapshot:
        """Copy a branch, or one commit as that branch, into a bare repository in ``folder``."""
        try:
            path, found = self._remote(repository).fetch(
                folder, commit or branch, branch, depth=HISTORY
            )
        except GitError as error:
            raise _git_failure(error, f"copying {branch} of {repository}") from error
        return Snapshot(path, found, branch)

    def propose(self, proposal: Proposal) -> Proposed:
        """Push and open the pull request, each unless an earlier try has."""
        if proposal.kind == "add":
            self._push(proposal, proposal.branch)
            return Proposed("", 0, proposal.branch, created=False)
        if proposal.head != proposal.base:
            fork = self._fork(proposal.base, proposal.head.owner, proposal.base_branch)
            proposal = replace(proposal, head=fork)
        place = find_place(self.transport, proposal)
        if place.pull is not None:
            pull = place.pull
            return Proposed(pull.html_url, pull.number, place.branch, created=False)
        if not place.there:
            self._push(proposal, place.branch)
        if proposal.kind == "push":
            return Proposed("", 0, place.branch, created=False)
        return open_pull(self.transport, proposal, place.branch)

    def comment(self, address: Address, text: str, *, marker: str) -> str:
        """Comment once; where the answer is lost, look before trying again."""
        doing = f"commenting on {address}"
        path = f"/repos/{address.repository}/issues/{address.number}/comments"
        found = self._comment(path, marker, doing)
        if found:
            return found
        body = {"body": f"{text}\n\n{marker}"}
        try:
            answer = self.transport.send("POST", path, body, doing)
        except ForgeUnreachable:
            found = self._comment(path, marker, doing)
            if found:
                return found
            answer = self.transport.send("POST", path, body, doing)
        return answer.read(CommentAnswer, doing).html_url

    def status(self, repository: Repository) -> Status:
        """What the repository is and what the token may do there."""
        return read_status(self.transport, repository, self._token, git=self._asks_to_push)

    def _fork(self, repository: Repository, owner: str, branch: str) -> Repository:
        """The fork of a repository that belongs to ``owner``, made if there is none, up to date.

        https://docs.github.com/rest/repos/forks#create-a-fork answers with the fork that is there.
        """
        doing = f"forking {repository}"
        answer = self.transport.send(
            "POST", f"/repos/{repository}/forks", {"default_branch_only": True}, doing
        ).read(RepositoryAnswer, doing)
        if answer.owner.login.lower() != owner.lower():
            raise ForgeRefused(f"{doing}: GitHub made {answer.full_name}, which is not {owner}'s")
        fork = Repository(repository.host, answer.owner.login, answer.name, repository.secure)
        self._wait_for(fork)
        path = f"/repos/{fork}/merge-upstream"
        try:
            self.transport.send("POST", path, {"branch": branch}, f"bringing {fork} up to date")
        except ForgeRefused as error:
            # Its owner has work of their own on that branch; the push says whether that matters.
            if "409" not in str(error) and "conflict" not in str(error):
                raise
        return fork

    def _wait_for(self, fork: Repository) -> None:
        """A fork is made in the background."""
        for _ in range(_FORK_TRIES):
            try:
                read_repository(self.transport, fork)
            except ForgeDenied:
                self._sleep(_FORK_PAUSE)
            else:
                return
        raise ForgeUnreachable(f"waiting for {fork}: it is not there yet; try again later")

    def _push(self, proposal: Proposal, branch: str) -> None:
        try:
            self._remote(proposal.head).push(proposal.store, proposal.commit, branch)
        except GitError as error:
            raise _git_failure(error, f"pushing {branch} to {proposal.head}") from error

    def _comment(self, path: str, marker: str, doing: str) -> str | None:
        for item in self.transport.pages(path, doing, _SEARCHED):
            comment = read(CommentAnswer, item, doing)
            if marker in (comment.body or ""):
                return comment.html_url
        return None

    def _remote(self, repository: Repository) -> Remote:
        return Remote(repository.git, self._token, self._network)

    def _asks_to_push(self, url: str, token: SecretStr) -> int:
        """What the git server answers to the question that begins every push."""
        with httpx.Client(transport=self._carrier, timeout=30) as client:
            try:
                return client.get(
                    f"{url}/info/refs",
                    params={"service": "git-receive-pack"},
                    headers={"Authorization": basic(token), "User-Agent": "git/2"},
                ).status_code
            except httpx.HTTPError as error:
                raise ForgeUnreachable(f"asking {url}: it cannot be reached ({error})") from error


def _git_failure(error: GitError, doing: str) -> ForgeError:
    """What git says as one of the three kinds of failure."""
    said = str(error)
    low = said.lower()
    if "error: 401" in low or "authentication failed" in low or "could not read username" in low:
        return ForgeDenied(
            f"{doing}: the token is not valid here, or none is set; set GITHUB_TOKEN"
        )
    if "error: 403" in low or "permission to" in low or "denied" in low:
        return ForgeDenied(f"{doing}: the token may not do this ({said})")
    if "workflow" in low and "refusing" in low:
        return ForgeDenied(f"{doing}: the token may not change workflows ({said})")
    if "couldn't find remote ref" in low:
        return ForgeRefused(f"{doing}: the branch is not there any more")
    if "not found" in low or "error: 404" in low:
        return ForgeRefused(f"{doing}: the repository is not there, or the token may not see it")
    if "protected" in low or "rule violations" in low or "hook declined" in low:
        return ForgeRefused(f"{doing}: a rule of the repository forbids that branch ({said})")
    if "non-fast-forward" in low or "fetch first" in low:
        return ForgeRefused(f"{doing}: the branch has moved on; look at it and start again")
    if "requested url returned error: 5" in low or any(word in low for word in _TROUBLE):
        return ForgeUnreachable(f"{doing}: {said}; try again later")
    return ForgeRefused(f"{doing}: {said}")
