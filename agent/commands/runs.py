"""``patchwright runs`` and ``patchwright show``: what was run, and what came of it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands.options import RUNS

if TYPE_CHECKING:
    from agent.config import Settings


@click.command("runs")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option(
    "--clean",
    is_flag=True,
    help="Remove what ended runs no longer need, and what killed ones have left.",
)
@click.option(
    "--clean-images",
    is_flag=True,
    help="Remove the images that --setup has made and no box uses; not while a run needs them.",
)
@RUNS
def list_runs(*, as_json: bool, clean: bool, clean_images: bool, runs: Path | None) -> None:
    """List the runs, newest first."""
    import json

    from agent import config, console, variables
    from agent import runs as run_folders
    from agent.journal import JournalError
    from agent.summary import listed

    settings = config.load({"runs": runs})
    if clean:
        _clean(settings)
    if clean_images:
        _clean_images()
    if clean or clean_images:
        return
    folders = run_folders.everything(settings.runs)
    rows = []
    for folder in folders:
        try:
            rows.append(listed(folder))
        except JournalError as error:
            rows.append((folder.name, "unreadable", "", str(error)))
    if as_json:
        for row in rows:
            click.echo(
                json.dumps(dict(zip(("run", "outcome", "repository", "issue"), row, strict=True)))
            )
    elif rows:
        console.show_runs(console.make_console(color=not variables.no_color()), rows)
    else:
        click.echo("no runs yet")


def _clean(settings: "Settings") -> None:
    from agent import runs as run_folders
    from agent import variables
    from sandbox.choose import remove_leftovers

    boxes = remove_leftovers(variables.docker_address())
    count, size = run_folders.clean(settings.runs)
    click.echo(
        f"{count} ended run(s) made smaller by {size / 1e6:.1f} MB, journals, patches and reports"
        f" kept; {boxes} sandbox(es) of killed runs removed"
    )


def _clean_images() -> None:
    from agent import variables
    from sandbox.choose import remove_prepared

    images = remove_prepared(variables.docker_address())
    click.echo(f"{images} image(s) of set-ups removed; they are made again when they are wanted")


@click.command()
@click.argument("run")
@click.option("--patch", "patch_only", is_flag=True, help="Print only the patch.")
@click.option("--json", "as_json", is_flag=True, help="Print the journal, one JSON event a line.")
@RUNS
def show(run: str, *, patch_only: bool, as_json: bool, runs: Path | None) -> None:
    """Show what happened in RUN (an id, its beginning, or `last`), and its result."""
    from agent import config, console, variables
    from agent import runs as run_folders
    from agent.journal import read_journal
    from agent.summary import summarise

    folder = run_folders.find(config.load({"runs": runs}).runs, run)
    if patch_only:
        click.echo(folder.patch.read_bytes() if folder.patch.exists() else b"", nl=False)
        return
    screen = console.make_console(color=not variables.no_color())
    observer = console.JsonLines() if as_json else console.PlainLines(screen)
    for entry in read_journal(folder.journal):
        observer(entry)
    if not as_json:
        summarise(folder, screen)
