"""Where a run that began at an address came from, and where its result is to go."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tools.forge import Address, Repository, parse


class Source(BaseModel):
    """Decided once, before a run costs anything; nothing that is read later changes it."""

    model_config = ConfigDict(frozen=True)

    url: str
    """Of the issue, the failed run or our own pull request."""
    title: str
    kind: Literal["issue", "pull", "run", "job", "check"]
    base: str
    """``OWNER/NAME`` that the pull request is for."""
    head: str
    """``OWNER/NAME`` that the branch goes to: the same, or a fork."""
    base_branch: str
    branch: str
    """The branch to make, or for a follow-up the one to go on with."""
    author: str
    """``Name <address>`` of the commit."""
    follow_up: bool = False
    """The branch is there already and is ours."""
    notes: list[str] = []
    """What a reader of the result should know: what was hidden, what was left out."""

    @property
    def address(self) -> Address:
        """The address, read again."""
        return parse(self.url)

    def repository(self, name: str) -> Repository:
        """``base`` or ``head`` on the host of the address."""
        owner, _, short = name.partition("/")
        there = self.address.repository
        return Repository(there.host, owner, short, there.secure)

    @property
    def short(self) -> str:
        """``#7`` for those who are in its repository, or its address."""
        numbered = self.kind in ("issue", "pull")
        return f"#{self.address.number}" if numbered else self.url
