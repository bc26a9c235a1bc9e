"""``patchwright verify``: the gate alone, on anybody's patch, without a model."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.commands.exits import EXIT_NONE, EXIT_PROVEN, UsageError
from agent.commands.options import POSITIVE, read_issue

if TYPE_CHECKING:
    from agent.config import Settings
    from agent.evidence.dossier import Dossier
    from agent.verification import Answer, Question
    from tools.git import ObjectStore

_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--patch", required=True, type=_FILE, help="The patch, a diff of the base; - reads.")
@click.option("--issue", help="What it is to repair: TEXT, @FILE, or - for standard input.")
@click.option("--test-patch", type=_FILE, help="Tests that show the bug, a diff of the base.")
@click.option(
    "--test", "tests", multiple=True, metavar="NAME", help="A test that shows the bug; repeatable."
)
@click.option("--own-tests", is_flag=True, help="Take the tests that the patch itself brings.")
@click.option("--base", default="HEAD", metavar="REVISION", help="What the patch is for. [HEAD]")
@click.option("--test-command", metavar="COMMAND", help="How tests are run. [found from the files]")
@click.option(
    "--setup",
    metavar="COMMAND",
    help="Installs what the tests need, or `auto` or `dockerfile`; once, with network. [nothing]",
)
@click.option("--test-seconds", type=POSITIVE, help="When one test counts as failed. [60]")
@click.option("--test-minutes", type=POSITIVE, help="When a run of all tests is killed. [10]")
@click.option(
    "--sandbox",
    type=click.Choice(["auto", "isolated", "docker", "podman", "bubblewrap", "none"]),
    help="What contains the tests. [auto: the strongest there is]",
)
@click.option("--image", help="Docker image of the sandbox. [patchwright-sandbox:latest]")
@click.option("--report", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Write report.md, report.html, verdict.json and patch.diff there.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Answer every question with yes.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as one JSON object.")
def verify(
    path: Path,
    patch: Path,
    issue: str | None,
    test_patch: Path | None,
    report: Path | None,
    test_command: str | None,
    *,
    as_json: bool,
    yes: bool,
    **flags: Any,
) -> None:
    """Judge a patch for the repository at PATH by running its tests; no model is asked.

    The patch is proven when the tests that show the bug fail on the base and pass with it, and no
    test that passed fails. What it changes in the tests is left out. Those that show the bug are
    the ones of --test-patch or --test; without either, the failing tests that the issue is about.

    Exit codes: 0 proven, 1 not proven, 2 usage, 3 no sandbox can be used.
    """
    if issue == "-" and str(patch) == "-":
        raise UsageError("only one of --issue and --patch can be read from standard input")
    question = _question(patch, issue, test_patch, flags)
    settings = _settings(path, flags, test_command)
    _confirm(settings, yes=yes)
    answer, dossier = _answered(path, flags["base"], settings, question, quiet=as_json)
    if report is not None:
        _write(report, answer, dossier)
    _show(answer, as_json=as_json, report=report)
    sys.exit(EXIT_PROVEN if answer.verdict.proven else EXIT_NONE)


def _question(
    patch: Path, issue: str | None, test_patch: Path | None, flags: dict[str, Any]
) -> "Question":
    from agent.verification import Question

    return Question(
        base="",
        patch=_read(patch),
        issue=read_issue(issue) if issue else "",
        test_patch=_read(test_patch) if test_patch else b"",
        tests=flags["tests"],
        own_tests=flags["own_tests"],
    )


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


_SETTINGS = ("setup", "test_seconds", "test_minutes", "sandbox", "image")


def _settings(path: Path, flags: dict[str, Any], test_command: str | None) -> "Settings":
    from agent import config
    from tools.git import top_level

    chosen = {name: flags[name] for name in _SETTINGS}
    return config.load({**chosen, "test": test_command}, repository=top_level(path.resolve()))


def _confirm(settings: "Settings", *, yes: bool) -> None:
    if settings.sandbox != "none" or yes:
        return
    question = "without a sandbox, the repository's code and the patch run on this machine as you"
    if not sys.stdin.isatty():
        raise UsageError(f"{question}; say so with --yes")
    click.confirm(f"{question}. Go on?", abort=True, err=True)


def _answered(
    path: Path, revision: str, settings: "Settings", question: "Question", *, quiet: bool
) -> "tuple[Answer, Dossier]":
    """Judge the patch with a store that is gone afterwards."""
    from dataclasses import replace
    from functools import partial

    from agent.environment import prepared
    from agent.evidence.checker import Checker
    from agent.verification import Unverifiable, dossier_of, verify
    from agent.wiring import choose_sandbox
    from sandbox.base import Limits
    from sandbox.boxes import Boxes
    from sandbox.folder import temporary
    from tools.checks.base import Report
    from tools.git import ObjectStore, top_level

    def show(seen: Report) -> None:
        if not quiet:
            words = f"{len(seen.passed)} passed, {len(seen.broken)} broken in {seen.seconds:.1f} s"
            click.echo(f"tests: {words}", err=True)

    choice = choose_sandbox(settings)
    repository = top_level(path.resolve())
    with temporary("verify") as folder:
        store = ObjectStore(folder)
        commit, tree = store.fetch(repository, revision)
        provider = prepared(settings, choice.provider, store, tree)
        boxes = Boxes(partial(provider.start, Limits(), run="verify"))
        check = Checker(
            store,
            boxes,
            _command(settings, store, tree, repository),
            seconds_per_test=settings.test_seconds,
            timeout=settings.test_minutes * 60,
            show=show,
        )
        asked = replace(question, base=tree)
        try:
            with boxes, boxes.hurrying():
                answer = verify(store, check, asked)
        except Unverifiable as error:
            raise UsageError(str(error)) from error
        return answer, dossier_of(store, answer, asked, check.command, commit, provider)


def _command(settings: "Settings", store: "ObjectStore", tree: str, repository: Path) -> str:
    from tools.sources import command_of

    command = command_of(store, tree, settings.test)
    if command is None:
        raise UsageError(
            f"no test runner that patchwright knows is used in {repository};"
            " say how its tests are run with --test-command"
        )
    return command


def _write(folder: Path, answer: "Answer", dossier: "Dossier") -> None:
    from agent.evidence.report import write

    try:
        folder.mkdir(parents=True, exist_ok=True)
        write(dossier, folder)
        (folder / "verdict.json").write_text(answer.verdict.model_dump_json(indent=2) + "\n")
        (folder / "patch.diff").write_bytes(answer.diff)
    except OSError as error:
        raise UsageError(f"cannot write the report to {folder}: {error.strerror}") from error


def _show(answer: "Answer", *, as_json: bool, report: Path | None) -> None:
    if as_json:
        click.echo(answer.verdict.model_dump_json())
        return
    from agent import console, variables

    console.show_verdict(console.make_console(color=not variables.no_color()), answer.verdict)
    if report is not None:
        click.echo(f"report: {report / 'report.html'}")
