"""What a GitHub Actions event asks for. Pure: an event's name and payload in, a decision out.

https://docs.github.com/webhooks/webhook-events-and-payloads. Every event but those named here is
refused: above all ``pull_request_target``, whose payload a stranger's fork decides.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from tools.forge import Address, Repository, parse

TRUSTED_EVENTS = ("push", "schedule", "workflow_dispatch", "workflow_run", "repository_dispatch")
"""Events that only those who may write, or GitHub itself, can cause."""
_COMMAND = re.compile(r"/patchwright(?:[ \t]+(?P<word>\w+)|[ \t]*$)?", re.MULTILINE)


class _Payload(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _User(_Payload):
    login: str
    type: str = "User"


class _Label(_Payload):
    name: str


class _Issue(_Payload):
    number: int
    body: str | None = None
    updated_at: datetime
    pull_request: dict[str, Any] | None = None


class _Comment(_Payload):
    body: str
    user: _User
    created_at: datetime


class _Pull(_Payload):
    number: int


class _Event(_Payload):
    action: str | None = None
    sender: _User | None = None
    issue: _Issue | None = None
    label: _Label | None = None
    comment: _Comment | None = None
    pull_request: _Pull | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing to repair, and who asks for it."""

    address: Address
    actor: str | None
    """Must be allowed to write; None when the event itself says so much."""
    until: datetime | None = None
    written: str | None = None
    """The issue's text in the event."""


@dataclass(frozen=True, slots=True)
class Listed:
    """All open issues with the label are wanted, each by the one who put it on."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing is to be done; the reason is for the log."""

    reason: str


Decision = Wanted | Listed | Ignored


def decide(
    name: str, payload: Any, repository: Repository, *, label: str, target: str = ""
) -> Decision:
    """What an event asks for.

    Args:
        name: The event's name.
        payload: Its payload, as it was sent.
        repository: The one that the workflow runs in; nothing of another is ever touched.
        label: The label that asks for a repair.
        target: An address that the workflow's author wrote down, used instead of the payload.
    """
    if target:
        return _named(name, repository, target)
    if name in ("schedule", "workflow_dispatch"):
        return Listed()
    try:
        event = _Event.model_validate(payload)
    except ValidationError as error:
        return Ignored(f"the payload of {name} cannot be read: {error.errors()[0]['msg']}")
    if name == "issues":
        return _labelled(event, repository, label)
    if name in ("issue_comment", "pull_request_review_comment"):
        return _commented(event, repository)
    return Ignored(f"{name} is not an event that asks for a repair")


def _named(name: str, repository: Repository, target: str) -> Decision:
    address = parse(target, host=repository.host)
    if name not in TRUSTED_EVENTS:
        return Ignored(f"a target is not used on {name}, which a stranger may cause")
    if (address.repository.host, str(address.repository).lower()) != (
        repository.host,
        str(repository).lower(),
    ):
        return Ignored(f"{address} is not in {repository}")
    return Wanted(Address(repository, address.kind, address.number), actor=None)


def _labelled(event: _Event, repository: Repository, label: str) -> Decision:
    if event.action != "labeled" or event.label is None or event.issue is None:
        return Ignored("no label was put on")
    if event.label.name != label:
        return Ignored(f"the label is not {label!r}")
    if event.issue.pull_request is not None or event.sender is None:
        return Ignored("it is a pull request")
    address = Address(repository, "issue", event.issue.number)
    actor = _person(event.sender)
    return Wanted(address, actor, event.issue.updated_at, event.issue.body or "")


def _commented(event: _Event, repository: Repository) -> Decision:
    comment = event.comment
    if event.action != "created" or comment is None:
        return Ignored("no comment was written")
    command = _COMMAND.match(comment.body)
    if command is None:
        return Ignored("the comment does not begin with /patchwright")
    actor = _person(comment.user)
    if event.pull_request is not None:
        address = Address(repository, "pull", event.pull_request.number)
        return Wanted(address, actor, comment.created_at)
    if event.issue is None:
        return Ignored("the comment is on nothing")
    if event.issue.pull_request is not None:
        address = Address(repository, "pull", event.issue.number)
        return Wanted(address, actor, comment.created_at)
    if command["word"] != "fix":
        return Ignored("on an issue, the command is /patchwright fix")
    address = Address(repository, "issue", event.issue.number)
    return Wanted(address, actor, comment.created_at, event.issue.body or "")


def _person(user: _User) -> str:
    """A name that will not be allowed anything, for a machine."""
    return user.login if user.type == "User" else ""
