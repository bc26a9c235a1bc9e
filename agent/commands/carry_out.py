"""Carrying a run out: from an address or from what was kept of it, up to its last word."""

import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any

import click

from agent.commands.exits import UsageError

if TYPE_CHECKING:
    from agent.config import Settings
    from agent.events import Started
    from agent.journal import Observer
    from agent.runs import RunFolder
    from agent.state import Repair
    from tools.forge import Address


@dataclass(frozen=True, slots=True)
class Done:
    """A run that has ended."""

    folder: "RunFolder"
    record: "Repair"


def fix_address(
    address: "Address",
    flags: dict[str, Any],
    *,
    force: bool = False,
    as_json: bool = False,
    until: datetime | None = None,
    written: str | None = None,
) -> Done:
    """Ask first whether it may and should be done, copy the repository, and run.

    Args:
        address: What to repair.
        flags: Settings of the command line.
        force: Do it although there is a reason to leave it alone.
        as_json: Show events as JSON.
        until: When it was asked for; now when not given.
        written: The issue's text at that time, where it is known.
    """
    from agent import config, intake, runs
    from agent.claim import claimed
    from agent.events import Started
    from agent.wiring import open_forge

    settings = config.load(flags)
    if settings.sandbox == "none":
        raise UsageError("an issue from the network is never run without a sandbox")
    with open_forge(address.repository, settings, written=written) as forge:
        taken = intake.take(forge, address, settings, until=until or datetime.now(UTC), force=force)
        with claimed(settings.runs, taken.source.url):
            folder = runs.create(settings.runs)
            try:
                copy = intake.copy(forge, taken, folder)
                settings = config.load(flags, repository=copy.parent)
                started = Started(
                    version=metadata.version("patchwright"),
                    repository=str(copy),
                    issue=taken.issue,
                    settings=kept(settings),
                    source=taken.source,
                )
                return carry_out(started, settings, folder, as_json=as_json)
            finally:
                if not folder.journal.exists():
                    shutil.rmtree(folder.path)


def kept(settings: "Settings") -> dict[str, Any]:
    """What a journal keeps of the settings: everything but secrets."""
    from agent import config

    return settings.model_dump(mode="json", exclude=set(config.SECRETS))


def carry_out(
    started: "Started", settings: "Settings", folder: "RunFolder | None", *, as_json: bool
) -> Done:
    """Run the machine on a run that stopped, or on a new one once its services are there."""
    from agent import console, failure, runs, variables
    from agent.graph import run
    from agent.summary import summarise
    from agent.wiring import choose_sandbox, make_helpers, make_model, open_forge, open_kit

    choice = choose_sandbox(settings)
    model, helpers = make_model(settings), make_helpers(settings)
    model.check()
    helpers.check()
    folder = folder or runs.create(settings.runs)
    screen = console.make_console(color=not variables.no_color())
    source = started.source
    forge = open_forge(source.address.repository, settings) if source else None
    try:
        with ExitStack() as stack:
            observer: Observer = console.JsonLines()
            if not as_json and screen.is_terminal:
                observer = stack.enter_context(console.LiveView(screen, settings.steps))
            elif not as_json:
                observer = console.PlainLines(screen)
            kit = open_kit(
                started,
                settings,
                folder,
                choice.provider,
                model,
                helpers=helpers,
                forge=forge,
                notes=choice.passed_over,
                observers=(observer,),
            )
            opened = stack.enter_context(kit)
            record = run(opened)
            failure.report(opened, record)
    except BaseException:
        click.echo(f"go on with: patchwright resume {folder.name}", err=True)
        raise
    if not as_json:
        summarise(folder, screen)
    return Done(folder, record)
