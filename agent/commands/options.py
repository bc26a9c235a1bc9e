"""Options and arguments that several commands share."""

import sys
from pathlib import Path
from typing import Any

import click

from agent.commands.exits import UsageError

POSITIVE = click.FloatRange(0, min_open=True)

_ISSUE_BYTES = 1_000_000


def budget_options(command: Any) -> Any:
    """How much a run may cost, and ``--json``."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print one JSON event a line."),
        click.option("--money", type=POSITIVE, help="Budget: what tokens cost; needs prices set."),
        click.option(
            "--gpu-seconds", type=POSITIVE, help="Budget: seconds of replies, times GPUs."
        ),
        click.option("--minutes", type=POSITIVE, help="Budget: minutes of running time. [30]"),
        click.option("--tokens", type=click.IntRange(1), help="Budget: tokens in, out. [2000000]"),
        click.option("--steps", type=click.IntRange(1), help="Budget: model replies. [100]"),
    ):
        command = option(command)
    return command


def forge_options(command: Any) -> Any:
    """What is written to GitHub, and as whom."""
    for option in (
        click.option("--force", is_flag=True, help="Go on where an issue would be left alone."),
        click.option(
            "--dry-run", is_flag=True, default=None, help="Write nothing to GitHub; see `publish`."
        ),
        click.option(
            "--fork", is_flag=True, default=None, help="Propose from a fork where needed."
        ),
        click.option("--author", help="Author of the commit: Name <address>. [the token's user]"),
        click.option("--sign-off", is_flag=True, default=None, help="Sign the commit off."),
        click.option(
            "--on-failure",
            type=click.Choice(["comment", "none"]),
            help="What is written to an issue that was not repaired. [comment]",
        ),
        click.option(
            "--push-attempt", is_flag=True, default=None, help="Push an unproven attempt, too."
        ),
    ):
        command = option(command)
    return command


RUNS = click.option(
    "--runs", type=click.Path(file_okay=False, path_type=Path), help="Folder that holds the runs."
)


def read_issue(issue: str) -> str:
    """The issue's text from TEXT, @FILE, or - for standard input; UsageError when it is empty."""
    if issue == "-":
        text = sys.stdin.buffer.read(_ISSUE_BYTES).decode(errors="replace")
    elif issue.startswith("@"):
        try:
            with Path(issue[1:]).open(encoding="utf-8", errors="replace") as file:
                text = file.read(_ISSUE_BYTES)
        except OSError as error:
            raise UsageError(f"cannot read the issue from {issue[1:]}: {error.strerror}") from error
    else:
        text = issue
    if not text.strip():
        raise UsageError("the issue is empty")
    return text
