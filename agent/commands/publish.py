"""``patchwright publish``: propose what a run with --dry-run, here or elsewhere, has left."""

from pathlib import Path

import click

from agent.commands.exits import UsageError
from agent.commands.options import RUNS


@click.command()
@click.argument("run")
@click.option("--digest", help="SHA-256 of handover.json, as the machine that ran it told.")
@click.option("--repository", help="OWNER/NAME: refuse if it is for another.")
@RUNS
def publish(run: str, *, digest: str | None, repository: str | None, runs: Path | None) -> None:
    """Propose the result of RUN: an id, its beginning, `last`, or a run's FOLDER.

    Nothing of the repository is executed. The proven tree is made again from its commit and the
    patch; if that is not what was proven, nothing is written.
    """
    from agent import config, handover
    from agent import runs as run_folders
    from agent.wiring import open_forge

    settings = config.load({"runs": runs})
    folder = Path(run)
    if not (folder / "handover.json").is_file():
        folder = run_folders.find(settings.runs, run).path
    left = handover.read(folder, digest)
    if repository is not None and left.source.base.lower() != repository.lower():
        raise UsageError(f"{folder} is for {left.source.base}, not for {repository}")
    with open_forge(left.source.address.repository, settings) as forge:
        click.echo(handover.deliver(folder, left, forge))
