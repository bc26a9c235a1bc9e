"""``patchwright doctor``: what works here, what does not, and what mends it."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands.exits import EXIT_NONE, UsageError
from agent.commands.options import RUNS

if TYPE_CHECKING:
    from agent.config import Settings
    from agent.doctor import Finding
    from tools.forge import Repository

_SIGNS = {"ok": "ok     ", "warning": "warning", "failure": "FAILURE"}


@click.command()
@click.argument("repository", metavar="[REPO]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--model", help="Name of the served model, or `embedded`.")
@click.option("--base-url", help="OpenAI-compatible server, up to and including /v1.")
@RUNS
def doctor(
    repository: str | None,
    *,
    as_json: bool,
    model: str | None,
    base_url: str | None,
    runs: Path | None,
) -> None:
    """Check this machine, the model, and what the token may do in REPO.

    REPO is a folder whose `origin` is on GitHub, or OWNER/NAME, or an address. Nothing is changed.
    Exit codes: 0 a run can go, 1 something has failed.
    """
    from agent import config, doctor
    from agent.doctor import State

    flags = {"model": model, "base_url": base_url, "runs": runs}
    place = Path(repository) if repository and Path(repository).is_dir() else None
    settings = config.load(flags, repository=place)
    target = _target(repository, place, settings)
    findings = []
    for found in (
        doctor.check_git(),
        doctor.check_sandboxes(settings),
        doctor.check_model(settings),
        doctor.check_forge(settings, target),
        doctor.check_images(),
        doctor.check_disk(settings),
    ):
        findings += found
        for finding in found:
            click.echo(_shown(finding, as_json=as_json))
    sys.exit(EXIT_NONE if any(f.state is State.FAILURE for f in findings) else 0)


def _target(
    repository: str | None, place: Path | None, settings: "Settings"
) -> "Repository | None":
    """The repository on the forge that is meant; None where there is none."""
    from tools.forge import BadAddress, parse
    from tools.forge.address import from_remote
    from tools.git import origin, top_level

    if place is not None:
        top_level(place)
        address = origin(place)
        return from_remote(address) if address else None
    if repository is None:
        return None
    try:
        return parse(repository, host=settings.github_host).repository
    except BadAddress as error:
        raise UsageError(f"{repository} is neither a folder nor an address: {error}") from error


def _shown(finding: "Finding", *, as_json: bool) -> str:
    from agent.narration import one_line

    if as_json:
        return json.dumps(finding.model_dump(mode="json"))
    line = f"{_SIGNS[finding.state]}  {finding.subject}: {one_line(finding.text, 400)}"
    return f"{line}\n         → {finding.remedy}" if finding.remedy else line
