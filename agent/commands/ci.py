"""``patchwright ci``: the entry point of the GitHub action, in stages with different rights.

``check`` sees that the token of the one that writes will do, before anything costs anything.
``repair`` reads the event, checks who asks, and runs with a token that may only read; what is to be
written it leaves in a folder. ``publish`` runs nothing of the repository and writes what is there.
"""

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.commands.exits import UsageError

if TYPE_CHECKING:
    from agent.workflow_event import Listed, Wanted
    from tools.forge import GitHub, Repository

_LARGEST_EVENT = 10_000_000
_FILES = ("handover.json", "patch.diff", "report.md")


@click.group()
def ci() -> None:
    """Run as a GitHub Actions step; see action.yml."""


@ci.command()
def check() -> None:
    """See that the token may push and open a pull request, before a repair costs anything."""
    from agent import config, intake, variables
    from agent.wiring import open_forge

    repository = _repository(variables.workflow())
    settings = config.load({})
    with open_forge(repository, settings) as forge:
        head = intake.destination(forge, forge.status(repository), settings)
    click.echo(f"the token may push to {head} and open pull requests in {repository}")


@ci.command()
@click.option("--label", default="patchwright", help="Label that asks for a repair.")
@click.option("--target", default="", help="Address to repair, instead of the event's.")
@click.option("--limit", default=5, type=click.IntRange(1, 100), help="Most issues of a list.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to leave.")
def repair(label: str, target: str, limit: int, out: Path) -> None:
    """Repair what the event asks for, if one who may write asked; write nothing to GitHub."""
    from agent import config, variables
    from agent.wiring import open_forge
    from agent.workflow_event import Ignored, decide

    workflow = variables.workflow()
    repository = _repository(workflow)
    decision = decide(
        workflow.get("GITHUB_EVENT_NAME", ""),
        _payload(workflow),
        repository,
        label=label,
        target=target,
    )
    if isinstance(decision, Ignored):
        _finish(workflow, out, [], f"nothing to do: {decision.reason}")
        return
    with open_forge(repository, config.load({})) as forge:
        wanted = list(_allowed(forge, repository, decision, label, limit))
    outcomes = [_repaired(one, out / str(number)) for number, one in enumerate(wanted)]
    _finish(workflow, out, outcomes, "nobody who may write has asked for a repair")


@ci.command()
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="What was left.")
@click.option("--digest", required=True, help="The digest that the repair stage told.")
def publish(folder: Path, digest: str) -> None:
    """Propose what the repair stage left; nothing of the repository is executed."""
    from agent import config, handover, variables
    from agent.wiring import open_forge

    workflow = variables.workflow()
    repository = _repository(workflow)
    if digest != _digest(folder):
        raise UsageError(f"{folder} is not what the repair stage left: its digest is another")
    urls = []
    with open_forge(repository, config.load({})) as forge:
        for place in _left(folder):
            left = handover.read(place, None)
            if left.source.address.repository != repository or left.source.base != str(repository):
                raise UsageError(f"{place} is not for {repository}")
            urls.append(handover.deliver(place, left, forge))
    for url in urls:
        click.echo(url)
    _tell(workflow, {"url": urls[0] if urls else ""})


def _repository(workflow: dict[str, str]) -> "Repository":
    from tools.forge import parse

    name = workflow.get("GITHUB_REPOSITORY")
    if not name:
        raise UsageError("GITHUB_REPOSITORY is not set: this is for a step of GitHub Actions")
    server = workflow.get("GITHUB_SERVER_URL", "https://github.com")
    return parse(f"{server}/{name}").repository


def _payload(workflow: dict[str, str]) -> Any:
    path = Path(workflow.get("GITHUB_EVENT_PATH", ""))
    try:
        with path.open("rb") as file:
            return json.loads(file.read(_LARGEST_EVENT))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"the event's payload {path} cannot be read: {error}") from error


def _allowed(
    forge: "GitHub", repository: "Repository", decision: "Wanted | Listed", label: str, limit: int
) -> "Iterator[Wanted]":
    """What was asked for by those who may write."""
    from agent.workflow_event import Wanted
    from tools.forge.labels import labelled
    from tools.forge.permissions import may_write

    if isinstance(decision, Wanted):
        found = [decision]
    else:
        found = [Wanted(a, actor) for a, actor in labelled(forge.transport, repository, label)]
    given = 0
    for wanted in found:
        if given == limit:
            return
        actor = wanted.actor
        if actor is not None and not (actor and may_write(forge.transport, repository, actor)):
            click.echo(f"{wanted.address} is left alone: {actor or 'a machine'} may not ask")
            continue
        given += 1
        yield wanted


def _repaired(wanted: "Wanted", place: Path) -> str:
    """How one repair ended; what it left for the other stage lies in ``place``."""
    from agent.commands.carry_out import fix_address
    from agent.intake import Skipped
    from tools.forge import ForgeRefused

    # The output of tests is shown below; no line of it may be a command to the runner.
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    silence = secrets.token_hex(16)
    click.echo(f"::stop-commands::{silence}")
    try:
        done = fix_address(
            wanted.address, {"dry_run": True}, until=wanted.until, written=wanted.written
        )
    except (Skipped, ForgeRefused) as reason:
        # One issue that cannot be done does not keep the others of a list from it.
        click.echo(str(reason))
        return "skipped"
    finally:
        click.echo(f"::{silence}::")
    for name in _FILES:
        if (done.folder.path / name).exists() and done.folder.handover.exists():
            place.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(done.folder.path / name, place / name)
    return str(done.record.outcome)


def _finish(workflow: dict[str, str], out: Path, outcomes: list[str], otherwise: str) -> None:
    """Tell the runner how it ended: the best of the outcomes, and what was left where."""
    order = ["proven", "none", "refused", "skipped"]
    outcome = min(outcomes, key=order.index, default="ignored")
    if not outcomes:
        click.echo(otherwise)
    left = any(_left(out))
    _tell(
        workflow,
        {
            "outcome": outcome,
            "handover": str(out) if left else "",
            "digest": _digest(out) if left else "",
        },
    )
    _summarise(workflow, out)


def _left(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob("*/handover.json"))


def _digest(folder: Path) -> str:
    """One digest over all that was left: names and contents."""
    whole = hashlib.sha256()
    for place in _left(folder):
        for name in _FILES:
            data = (place / name).read_bytes() if (place / name).exists() else b""
            whole.update(f"{place.name}/{name} {hashlib.sha256(data).hexdigest()}\n".encode())
    return whole.hexdigest()


def _tell(workflow: dict[str, str], outputs: dict[str, str]) -> None:
    """Write a step's outputs, each between borders that no value can hold."""
    path = workflow.get("GITHUB_OUTPUT")
    if not path:
        return
    with Path(path).open("a", encoding="utf-8") as file:
        for name, value in outputs.items():
            border = secrets.token_hex(16)
            file.write(f"{name}<<{border}\n{value}\n{border}\n")


def _summarise(workflow: dict[str, str], out: Path) -> None:
    """Show the evidence on the page of the workflow run."""
    from tools.forge.harmless import harmless_markdown

    path = workflow.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    with Path(path).open("a", encoding="utf-8") as file:
        for place in _left(out):
            report = place / "report.md"
            if report.exists():
                file.write(harmless_markdown(report.read_text(errors="replace")) + "\n")
