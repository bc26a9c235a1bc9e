"""``patchwright context`` and ``patchwright index``: what a model would be shown, and why."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.commands.exits import UsageError
from agent.commands.options import read_issue

if TYPE_CHECKING:
    from agent.context import Place
    from tools.code.index import Index

_PATH = click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command()
@_PATH
@click.option("--issue", required=True, help="The issue: TEXT, @FILE, or - for standard input.")
@click.option("--budget", "context", type=click.IntRange(0), help="Tokens of code. [64000]")
@click.option("--model", help="Served model whose tokens count. [estimated]")
@click.option("--base-url", help="OpenAI-compatible server, up to and including /v1.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the text that the model would see to this file.",
)
@_JSON
def context(path: Path, issue: str, *, out: Path | None, as_json: bool, **flags: Any) -> None:
    """Show which code of PATH a model would see for an issue, and why.

    The last commit is read, and the commits before it; nothing is run.
    """
    from agent import config, variables
    from agent import context as looking
    from agent.wiring import make_model
    from prompts import render
    from tools.code.pack import pack

    text = read_issue(issue)
    settings = config.load(flags, repository=path)
    model = make_model(settings)
    model.check()
    with looking.opened(path) as place:
        index = _read(place, settings.index, quiet=as_json)
        ranking = looking.suspects(place, index, text)
        packed = pack(
            ranking,
            index,
            budget=min(settings.context, model.window // 2),
            count_tokens=model.count_tokens,
            render=render,
        )
    if out is not None:
        _write(out, packed.text)
    if as_json:
        click.echo(json.dumps(looking.told(packed, index)))
        return
    from agent import console, context_view

    screen = console.make_console(color=not variables.no_color())
    context_view.show_pack(screen, packed, index, estimated=settings.embedded)
    if out is not None:
        click.echo(f"written: {out}")


@click.command()
@_PATH
@_JSON
def index(path: Path, *, as_json: bool) -> None:
    """Read the last commit of PATH into the index, so that later runs need not."""
    from agent import config, console, context_view, variables
    from agent import context as looking

    settings = config.load({}, repository=path)
    with looking.opened(path) as place:
        found = _read(place, settings.index, quiet=as_json)
    if as_json:
        click.echo(json.dumps(looking.counted(found)))
    else:
        context_view.show_index(console.make_console(color=not variables.no_color()), found)


def _read(place: "Place", cache: Path, *, quiet: bool) -> "Index":
    from agent import console, context_view, variables
    from agent import context as looking

    screen = console.make_console(color=not variables.no_color())
    if quiet or not screen.is_terminal:
        return looking.read(place, cache)
    with context_view.progress(screen) as told:
        return looking.read(place, cache, progress=told)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
