"""Issues that carry a label, and who put it on."""

from collections.abc import Iterator

from tools.forge.address import Address, Repository
from tools.forge.issues import EVENTS
from tools.forge.transport import Transport
from tools.forge.wire import IssueAnswer, TimelineAnswer, read

_LISTED = 200


def labelled(
    transport: Transport, repository: Repository, label: str
) -> Iterator[tuple[Address, str]]:
    """Open issues with the label, longest untouched first, each with the one who put it on last.

    The name is empty where that was a machine, or cannot be told.
    """
    doing = f"listing the issues of {repository}"
    items = transport.pages(
        f"/repos/{repository}/issues",
        doing,
        _LISTED,
        state="open",
        labels=label,
        sort="updated",
        direction="asc",
    )
    for item in items:
        issue = read(IssueAnswer, item, doing)
        if issue.pull_request is None:
            address = Address(repository, "issue", issue.number)
            yield address, _labeller(transport, address, label)


def _labeller(transport: Transport, address: Address, label: str) -> str:
    doing = f"asking who labelled {address}"
    path = f"/repos/{address.repository}/issues/{address.number}/timeline"
    name = ""
    for item in transport.pages(path, doing, EVENTS):
        event = read(TimelineAnswer, item, doing)
        if event.event == "labeled" and event.label and event.label.name == label:
            name = event.actor.login if event.actor and event.actor.type == "User" else ""
    return name
