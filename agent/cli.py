"""The command line: ``patchwright fix``, ``runs``, ``show``, ``resume``.

Exit codes: 0 proven patch, 1 none found, 2 usage or configuration, 3 a service is unreachable,
130 interrupted, 143 terminated, 70 a bug of ours. What a command needs is imported inside it, so
that ``--help`` costs little.
"""

import signal
import sys
from contextlib import ExitStack
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from agent.config import Settings
    from agent.events import Started
    from agent.journal import Observer
    from agent.runs import RunFolder

EXIT_PROVEN, EXIT_NONE, EXIT_USAGE, EXIT_SERVICE, EXIT_BUG = 0, 1, 2, 3, 70
EXIT_INTERRUPTED, EXIT_TERMINATED = 130, 143

_ISSUE_BYTES = 1_000_000


class Terminated(BaseException):
    """SIGTERM arrived; as with Ctrl-C, everything is closed and the run can be resumed."""


class UsageError(click.ClickException):
    """Something about the command line that click cannot see for itself."""

    exit_code = EXIT_USAGE


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(metadata.version("patchwright"), prog_name="patchwright")
def cli() -> None:
    """Issue in, proven patch out: repair a repository with the model you serve yourself.

    Exit codes: 0 proven patch, 1 none found, 2 usage or configuration, 3 a service is unreachable,
    130 interrupted.
    """


_POSITIVE = click.FloatRange(0, min_open=True)


def _budget_options(command: Any) -> Any:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print one JSON event a line."),
        click.option("--minutes", type=_POSITIVE, help="Budget: minutes of running time. [30]"),
        click.option("--tokens", type=click.IntRange(1), help="Budget: tokens in, out. [2000000]"),
        click.option("--steps", type=click.IntRange(1), help="Budget: model replies. [100]"),
    ):
        command = option(command)
    return command


_RUNS = click.option(
    "--runs", type=click.Path(file_okay=False, path_type=Path), help="Folder that holds the runs."
)


@cli.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--issue", required=True, help="The issue: TEXT, @FILE, or - for standard input.")
@click.option("--test", metavar="COMMAND", help="How the tests are run. [found from the files]")
@click.option("--test-seconds", type=_POSITIVE, help="When one test counts as failed. [60]")
@click.option("--test-minutes", type=_POSITIVE, help="When a run of all tests is killed. [10]")
@click.option("--model", help="Name of the served model, or `embedded`. [embedded]")
@click.option("--base-url", help="OpenAI-compatible server, up to and including /v1.")
@click.option(
    "--sandbox",
    type=click.Choice(["auto", "docker", "bubblewrap", "none"]),
    help="What contains the tests and the model's commands. [auto: the strongest there is]",
)
@click.option("--image", help="Docker image of the sandbox. [patchwright-sandbox:latest]")
@click.option(
    "--output",
    type=click.Choice(["patch", "branch", "worktree"]),
    help="Where a proven patch goes besides the run's folder. [patch: nowhere]",
)
@click.option("--dirty", is_flag=True, help="Start from the work tree as it is, not from HEAD.")
@click.option("--yes", is_flag=True, help="Answer every question with yes.")
@_budget_options
@_RUNS
def fix(path: Path, issue: str, *, dirty: bool, yes: bool, as_json: bool, **flags: Any) -> None:
    """Repair the repository at PATH and prove it.

    The run starts from HEAD. Your work tree is not touched unless you ask with --output worktree.
    Settings come from patchwright.toml, PATCHWRIGHT_* variables and flags, the last one winning.
    """
    from agent import config
    from agent.events import Started
    from tools.git import top_level

    repository = top_level(path.resolve())
    settings = config.load(flags, repository=repository)
    _confirm(settings, repository, yes=yes)
    started = Started(
        version=metadata.version("patchwright"),
        repository=str(repository),
        issue=_read_issue(issue),
        from_dirty=dirty,
        settings=settings.model_dump(mode="json", exclude={"api_key"}),
    )
    _carry_out(started, settings, None, as_json=as_json)


@cli.command()
@click.argument("run")
@_budget_options
@_RUNS
def resume(run: str, *, as_json: bool, runs: Path | None, **flags: Any) -> None:
    """Go on with RUN (an id, its beginning, or `last`) where it stopped."""
    from agent import config
    from agent import runs as run_folders

    settings_now = config.load({"runs": runs})
    folder = run_folders.find(settings_now.runs, run)
    started = _started(folder)
    given = {name: value for name, value in flags.items() if value is not None}
    settings = config.load({**started.settings, "runs": settings_now.runs, **given})
    version = metadata.version("patchwright")
    if started.version != version:
        raise UsageError(
            f"run {folder.name} was started by patchwright {started.version}, this is {version};"
            " resume it with that version or start a new run"
        )
    _carry_out(started, settings, folder, as_json=as_json)


@cli.command("runs")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@_RUNS
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


@cli.command()
@click.argument("run")
@click.option("--patch", "patch_only", is_flag=True, help="Print only the patch.")
@click.option("--json", "as_json", is_flag=True, help="Print the journal, one JSON event a line.")
@_RUNS
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


def _carry_out(
    started: "Started", settings: "Settings", folder: "RunFolder | None", *, as_json: bool
) -> NoReturn:
    """Run the machine on a run that stopped, or on a new one once its services are there."""
    from agent import config, console, runs
    from agent.graph import run
    from agent.summary import summarise
    from agent.wiring import choose_sandbox, make_model, open_kit

    choice = choose_sandbox(settings)
    model = make_model(settings)
    model.check()
    folder = folder or runs.create(settings.runs)
    screen = console.make_console(color=not config.no_color())
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
                notes=choice.passed_over,
                observers=(observer,),
            )
            record = run(stack.enter_context(kit))
    except BaseException:
        click.echo(f"go on with: patchwright resume {folder.name}", err=True)
        raise
    if not as_json:
        summarise(folder, screen)
    codes = {"proven": EXIT_PROVEN, "none": EXIT_NONE, "refused": EXIT_USAGE}
    sys.exit(codes[record.outcome or "none"])


def _confirm(settings: "Settings", repository: Path, *, yes: bool) -> None:
    questions = []
    if settings.sandbox == "none":
        questions.append(
            "without a sandbox, the repository's code and the model's commands run on this machine"
            " as you"
        )
    if settings.output == "worktree":
        questions.append(f"a proven patch will be applied to the work tree of {repository}")
    for question in () if yes else questions:
        if not sys.stdin.isatty():
            raise UsageError(f"{question}; say so with --yes")
        click.confirm(f"{question}. Go on?", abort=True, err=True)


def _read_issue(issue: str) -> str:
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


def _started(folder: "RunFolder") -> "Started":
    from agent.events import Started
    from agent.journal import read_journal

    entries = read_journal(folder.journal)
    if not entries or not isinstance(entries[0].event, Started):
        raise UsageError(f"run {folder.name} was stopped before it began; start a new one")
    return entries[0].event


def main() -> NoReturn:
    """Run the command line; the only place that catches everything."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        cli(standalone_mode=False)
        code = 0
    except click.exceptions.Abort:
        code = _fail("interrupted", EXIT_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        code = EXIT_USAGE
    except Terminated:
        code = _fail("terminated", EXIT_TERMINATED)
    except KeyboardInterrupt:
        code = _fail("interrupted", EXIT_INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - whatever it is, it becomes an exit code
        code = _failure(error)
    sys.exit(code)


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise Terminated


def _failure(error: Exception) -> int:
    from agent.config import ConfigurationError
    from agent.journal import JournalError
    from agent.model.base import ModelError, ModelRefused
    from agent.runs import RunError
    from sandbox.base import SandboxError
    from tools.git import GitError

    if isinstance(error, ConfigurationError | RunError | JournalError | GitError | ModelRefused):
        return _fail(str(error), EXIT_USAGE)
    if isinstance(error, ModelError | SandboxError):
        return _fail(str(error), EXIT_SERVICE)
    import traceback

    traceback.print_exception(error)
    return _fail("this is a bug in patchwright; please report it with the text above", EXIT_BUG)


def _fail(message: str, code: int) -> int:
    click.echo(f"patchwright: {message}", err=True)
    return code
