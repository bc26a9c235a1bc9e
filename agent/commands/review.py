"""``patchwright review``: what is wrong in a pull request or a range of commits, line by line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands.exits import UsageError

if TYPE_CHECKING:
    from agent.config import Settings
    from agent.review import Reviewed, Subject
    from tools.forge import Address, GitHub


@click.command()
@click.argument("target", metavar="ADDRESS|RANGE")
@click.option(
    "--repository",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Where a RANGE is. [here]",
)
@click.option("--post", is_flag=True, help="Write the findings on the lines of the pull request.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--budget", "context", type=click.IntRange(0), help="Tokens of code. [64000]")
@click.option("--model", help="Name of the served model.")
@click.option("--base-url", help="OpenAI-compatible server, up to and including /v1.")
def review(
    target: str,
    repository: Path,
    *,
    post: bool,
    as_json: bool,
    context: int | None,
    model: str | None,
    base_url: str | None,
) -> None:
    """Say what is wrong in a change, by line.

    ADDRESS is that of a pull request or a comparison on GitHub, RANGE is OLD..NEW in a repository
    of this machine. Nothing is run, and nothing is ever approved.
    """
    from agent import config
    from agent import review as reading
    from agent.wiring import make_model
    from tools.forge import looks_like_address, parse

    settings = config.load({"context": context, "model": model, "base_url": base_url})
    if settings.embedded:
        raise UsageError("the embedded model cannot review; name a server with --base-url")
    address = parse(target, host=settings.github_host) if looks_like_address(target) else None
    if post and (address is None or address.kind == "compare"):
        raise UsageError("--post is for a pull request")
    asked = make_model(settings)
    asked.check()
    if address is None:
        found = reading.review(_range(repository, target), asked, settings)
    else:
        with _fetched(address, settings) as (subject, forge, pull):
            found = reading.review(subject, asked, settings)
            if post:
                click.echo(f"posted: {_posted(forge, pull, found)}", err=True)
    click.echo(_shown(found, as_json=as_json), nl=False)


def _range(repository: Path, target: str) -> "Subject":
    from agent.review import Subject
    from tools.forge import safe_revision
    from tools.git import commit_of, top_level

    old, dots, new = target.partition("...")
    if not dots:
        old, dots, new = target.partition("..")
    new = new or "HEAD"
    if not dots or not safe_revision(old) or not safe_revision(new):
        raise UsageError(f"{target} is neither an address nor a range OLD..NEW")
    place = top_level(repository.resolve())
    return Subject(place, commit_of(place, old), commit_of(place, new), target, "")


@contextmanager
def _fetched(
    address: "Address", settings: "Settings"
) -> "Iterator[tuple[Subject, GitHub, Address]]":
    """Both sides of a pull request or comparison, copied into a folder that is then removed."""
    from agent.review import Subject
    from agent.wiring import open_forge
    from sandbox.folder import temporary
    from tools.forge import Address, ForgeRefused, visible, visible_line
    from tools.forge.pulls import read_pull

    with (
        open_forge(address.repository, settings) as forge,
        temporary("review") as place,
    ):
        if address.kind == "compare":
            old, new = address.old, address.new
            title, text = f"{old}...{new}", ""
        elif address.kind in ("pull", "issue"):
            address = Address(address.repository, "pull", address.number)
            pull = read_pull(forge.transport, address)
            old, new = pull.base.sha, pull.head.sha
            title, text = visible_line(pull.title).text, visible(pull.body or "").text
        else:
            raise ForgeRefused(f"{address} is not a pull request or a comparison")
        sides = [
            forge.snapshot(address.repository, place, branch=name, commit=revision)
            for name, revision in (("old", old), ("new", new))
        ]
        before, after = sides
        yield Subject(after.folder, before.commit, after.commit, title, text), forge, address


def _posted(forge: "GitHub", pull: "Address", found: "Reviewed") -> str:
    from agent.review import to_post
    from tools.forge.pulls import post_review

    marker = f"<!-- patchwright:review={found.commit} -->"
    return post_review(forge.transport, pull, to_post(found, marker), marker=marker)


def _shown(found: "Reviewed", *, as_json: bool) -> str:
    from agent.narration import one_line

    if as_json:
        told = {
            "commit": found.commit,
            "findings": [f.model_dump() for f in (*found.findings, *found.elsewhere)],
            "left_out": list(found.left_out),
        }
        return json.dumps(told) + "\n"
    lines = [
        f"{one_line(f.path)}:{f.line}: {f.severity}: {one_line(f.text, 2000)}"
        for f in sorted((*found.findings, *found.elsewhere), key=lambda f: (f.path, f.line))
    ]
    lines += [f"not looked at, for want of room: {one_line(name)}" for name in found.left_out]
    return "\n".join(lines or ["nothing was found; that is no approval"]) + "\n"
