"""``patchwright runs`` and ``patchwright show``: what was run, and what came of it."""

from pathlib import Path

import click

from agent.commands.options import RUNS


@click.command("runs")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@RUNS
def list_runs(*, as_json: bool, runs: Path | None) -> None:
    """List the runs, newest first."""
    import json

    from agent import config, console
    from agent import runs as run_folders
    from agent.journal import JournalError
    from agent.summary import listed

    folders = run_folders.everything(config.load({"runs": runs}).runs)
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
        console.show_runs(console.make_console(color=not config.no_color()), rows)
    else:
        click.echo("no runs yet")


@click.command()
@click.argument("run")
@click.option("--patch", "patch_only", is_flag=True, help="Print only the patch.")
@click.option("--json", "as_json", is_flag=True, help="Print the journal, one JSON event a line.")
@RUNS
def show(run: str, *, patch_only: bool, as_json: bool, runs: Path | None) -> None:
    """Show what happened in RUN (an id, its beginning, or `last`), and its result."""
    from agent import config, console
    from agent import runs as run_folders
    from agent.journal import read_journal
    from agent.summary import summarise

    folder = run_folders.find(config.load({"runs": runs}).runs, run)
    if patch_only:
        click.echo(folder.patch.read_bytes() if folder.patch.exists() else b"", nl=False)
        return
    screen = console.make_console(color=not config.no_color())
    observer = console.JsonLines() if as_json else console.PlainLines(screen)
    for entry in read_journal(folder.journal):
        observer(entry)
    if not as_json:
        summarise(folder, screen)
