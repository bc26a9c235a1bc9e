"""``patchwright fix`` and ``patchwright resume``: carry out a run, new or stopped."""

import sys
from contextlib import nullcontext
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from agent.commands.carry_out import Done, carry_out, fix_address, kept
from agent.commands.exits import EXIT_NONE, EXIT_PROVEN, EXIT_USAGE, UsageError
from agent.commands.options import POSITIVE, RUNS, budget_options, forge_options, read_issue

if TYPE_CHECKING:
    from agent.config import Settings
    from agent.events import Started
    from agent.runs import RunFolder


@click.command()
@click.argument("target", metavar="PATH|ADDRESS")
@click.option("--issue", help="The issue of PATH: TEXT, @FILE, or - for standard input.")
@click.option("--test", metavar="COMMAND", help="How the tests are run. [found from the files]")
@click.option(
    "--setup",
    metavar="COMMAND",
    help="Installs what the tests need, or `auto` or `dockerfile`; once, with network. [nothing]",
)
@click.option("--test-seconds", type=POSITIVE, help="When one test counts as failed. [60]")
@click.option("--test-minutes", type=POSITIVE, help="When a run of all tests is killed. [10]")
@click.option("--model", help="Served model, `embedded`, or `replay:` a run. [embedded]")
@click.option(
    "--first-try",
    type=click.Choice(["embedded"]),
    help="Search without a model first, which costs no tokens; it hands over what it learned.",
)
@click.option("--first-try-minutes", type=POSITIVE, help="How long that may take. [1]")
@click.option("--base-url", help="OpenAI-compatible server, up to and including /v1.")
@click.option("--small-model", help="Smaller served model for notes and long documents. [none]")
@click.option("--small-base-url", help="Its server. [that of --base-url]")
@click.option("--review-model", help="Served model for second opinions. [none]")
@click.option("--review-base-url", help="Its server. [that of --base-url]")
@click.option(
    "--route",
    type=click.Choice(["main", "auto"]),
    help="Who repairs: the main model, or the small one while it is simple. [main]",
)
@click.option(
    "--sandbox",
    type=click.Choice(["auto", "isolated", "docker", "podman", "bubblewrap", "none"]),
    help="What contains the tests and the model's commands. [auto: the strongest there is]",
)
@click.option("--image", help="Docker image of the sandbox. [patchwright-sandbox:latest]")
@click.option(
    "--output",
    type=click.Choice(["patch", "branch", "worktree"]),
    help="Where a proven patch goes besides the run's folder. [patch: nowhere]",
)
@click.option("--candidates", type=click.IntRange(1, 64), help="Repairs to attempt at once. [1]")
@click.option("--parallel", type=click.IntRange(1), help="How many of them side by side. [2]")
@click.option(
    "--all",
    "every_candidate",
    flag_value=True,
    default=None,
    help="Judge every candidate, not only until one is proven.",
)
@click.option(
    "--no-minimise",
    "minimise",
    flag_value=False,
    default=None,
    help="Keep a proven patch as it is, not only the hunks that it needs.",
)
@click.option("--dirty", is_flag=True, help="Start from the work tree as it is, not from HEAD.")
@click.option("--yes", is_flag=True, help="Answer every question with yes.")
@forge_options
@budget_options
@RUNS
def fix(
    target: str,
    issue: str | None,
    *,
    dirty: bool,
    yes: bool,
    force: bool,
    as_json: bool,
    **flags: Any,
) -> None:
    """Repair the repository at PATH, or what an ADDRESS on GitHub names, and prove it.

    At a PATH the run starts from HEAD; your work tree is not touched unless you ask with --output
    worktree. An ADDRESS is that of an issue (also OWNER/REPO#7), of a failed workflow run, job or
    check, or of a pull request that patchwright opened; a proven patch becomes a pull request.
    Settings come from patchwright.toml, PATCHWRIGHT_* variables and flags, the last one winning.
    """
    from agent import config
    from tools.forge import looks_like_address, parse

    if looks_like_address(target) and not Path(target).exists():
        if issue is not None or dirty:
            raise UsageError("--issue and --dirty are for a PATH; an ADDRESS has its own issue")
        settings = config.load(flags)
        address = parse(target, host=settings.github_host)
        _exit(fix_address(address, flags, force=force, as_json=as_json))
    path = Path(target)
    if not path.is_dir():
        raise UsageError(f"Invalid value for 'PATH|ADDRESS': Directory '{path}' does not exist.")
    if issue is None:
        raise UsageError("Missing option '--issue'.")
    _fix_path(path, issue, flags, dirty=dirty, yes=yes, as_json=as_json)


def _fix_path(
    path: Path, issue: str, flags: dict[str, Any], *, dirty: bool, yes: bool, as_json: bool
) -> NoReturn:
    from agent import config
    from agent.events import Started
    from agent.wiring import recording
    from tools.git import top_level

    repository = top_level(path.resolve())
    settings = config.load(flags, repository=repository)
    _confirm(settings, repository, yes=yes)
    if settings.replayed:  # `last` is another run as soon as this one begins
        journal = recording(settings).resolve()
        settings = settings.model_copy(update={"model": f"{config.REPLAY}{journal}"})
    started = Started(
        version=metadata.version("patchwright"),
        repository=str(repository),
        issue=read_issue(issue),
        from_dirty=dirty,
        settings=kept(settings),
    )
    _exit(carry_out(started, settings, None, as_json=as_json))


@click.command()
@click.argument("run")
@budget_options
@RUNS
def resume(run: str, *, as_json: bool, runs: Path | None, **flags: Any) -> None:
    """Go on with RUN (an id, its beginning, or `last`) where it stopped."""
    from agent import config
    from agent import runs as run_folders
    from agent.claim import claimed

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
    held = claimed(settings.runs, started.source.url) if started.source else nullcontext()
    with held:
        done = carry_out(started, settings, folder, as_json=as_json)
    _exit(done)


def _exit(done: Done) -> NoReturn:
    codes = {"proven": EXIT_PROVEN, "none": EXIT_NONE, "refused": EXIT_USAGE}
    sys.exit(codes[done.record.outcome or "none"])


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


def _started(folder: "RunFolder") -> "Started":
    from agent.events import Started
    from agent.journal import read_journal

    entries = read_journal(folder.journal)
    if not entries or not isinstance(entries[0].event, Started):
        raise UsageError(f"run {folder.name} was stopped before it began; start a new one")
    return entries[0].event
