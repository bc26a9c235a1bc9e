"""Tries many changes of files on the same tests in one run.

A run of its own for each change pays every time for what all have in common: a Python that starts,
the framework and its plug-ins, what the tests import. Here that is paid once a call; how, and what
guards it, is told in :mod:`tools.checks.patchwright_report.trials`. Each copy reports as a run of
its own does, through the same reporter, and is read by the same rules: what a run of its own cannot
be made to believe, neither can a copy. Where changes cannot be tried like this, nothing is tried,
and the reason comes back. For JavaScript ``hooks/node/trials.cjs`` does it: Mocha runs the changes
one after the other in one process; with other runners each run is a whole one.
"""

import json
import re
import secrets
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from tools.checks.base import Outputs, Report, Request
from tools.checks.events import gather, read_events
from tools.checks.frameworks import framework_of
from tools.checks.run import Box, asked_for, carry_out

SPARE = 30.0
"""Seconds beyond those for the changes, until the whole call is killed."""
_WAITING = 4.0
"""So many times its own seconds a change can take where it has to wait for a processor; as the
helper files' ``MOST``."""

_SERVERS = ("python/patchwright_report/trials.py", "node/trials.cjs")
"""Helper files that can run a framework's tests on several changes."""
_LOG = "trials.jsonl"
_TRIAL = re.compile(r"trial-(\d+)\.jsonl")
_CUT = 124
"""The exit code that timeout(1) gives to what it has ended."""


@dataclass(frozen=True, slots=True)
class Change:
    """One passage of a file, which is there exactly once, becomes another."""

    path: str
    """Relative to the repository's root."""
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Trials:
    """What became of changes."""

    problem: str = ""
    """Why none was tried; empty where at least the unchanged files were."""
    unchanged: Report | None = None
    """The same run with no change."""
    reports: Sequence[Report | None] = field(default_factory=tuple)
    """One a change, in their order; None for those there was no time for, or that do not fit."""
    seconds: float = 0.0
    """What the whole call took."""


def try_changes(
    box: Box, request: Request, changes: Sequence[Change], *, seconds: float, each: float
) -> Trials:
    """Run the tests that are asked for on each change alone; the files are left as they were.

    Args:
        box: Where the repository is.
        request: The command and the tests; coverage is not had here.
        changes: Of files that the tests import.
        seconds: For all of it; changes that are not begun by then are left out.
        each: Seconds for one change, without those in which it waits for a processor; after that
            it is ended, with all that it has started.

    Raises:
        SandboxError: The box failed; nothing is known of the changes.
    """
    framework = framework_of(request)
    folder = box.scratch / f"checks-{secrets.token_hex(8)}"
    invocation = framework.invoke(replace(request, coverage=False), folder)
    if not any(server in invocation.files for server in _SERVERS):
        return Trials(f"it is not known how {framework.name} could try several changes in one run")
    asked = {
        "changes": [[change.path, change.old, change.new] for change in changes],
        "seconds": seconds,
        "each": each,
    }
    paths = list(dict.fromkeys(change.path for change in changes))
    invocation = replace(
        invocation,
        files={**invocation.files, "trials.json": json.dumps(asked)},
        setup=[*invocation.setup, *_copies(paths, folder)],
    )
    completed, outputs = carry_out(box, folder, invocation, seconds + _WAITING * each + SPARE)
    if not any(event == ["served"] for event in _events(outputs)):
        box.shell("\n".join(_copies(paths, folder, back=True)), timeout=SPARE)
    found = _read(outputs, request, framework.name, len(changes))
    return replace(found, seconds=completed.seconds)


def _copies(paths: Sequence[str], folder: PurePosixPath, back: bool = False) -> list[str]:
    """Shell lines that put the files aside, or back, should the run die while one is changed."""
    kept = [(path, f"{folder}/kept-{number}") for number, path in enumerate(paths)]
    pairs = [(aside, path) if back else (path, aside) for path, aside in kept]
    return [f"cp -p -- {shlex.quote(one)} {shlex.quote(other)}" for one, other in pairs]


def _events(outputs: Outputs) -> list[list[Any]]:
    return list(read_events("\n".join(outputs.named(_LOG))))


def _read(outputs: Outputs, request: Request, framework: str, count: int) -> Trials:
    ended: dict[int, tuple[int, float]] = {}
    problem = "the tests import none of the changed files in the process that runs them"
    for event in _events(outputs):
        match event:
            case ["refused", str(reason)]:
                problem = reason[:200]
            case ["begin", int(number)]:
                # Unless more is said, it took its process with it.
                ended.setdefault(number, (128 + 9, 0.0))
            case ["trial", int(number), int(code), int() | float() as took, bool(cut)]:
                ended[number] = (_CUT if cut else code, float(took))
    texts = _texts(outputs)
    if 0 not in ended or 0 not in texts:
        return Trials(problem)

    def report(number: int) -> Report | None:
        if number not in ended or number not in texts:
            return None
        code, took = ended[number]
        cases, _ = gather(texts[number])
        return Report(
            command=request.command,
            framework=framework,
            cases=asked_for(cases, request),
            exit_code=code,
            timed_out=code == _CUT,
            seconds=took,
        )

    return Trials("", report(0), tuple(report(number) for number in range(1, count + 1)))


def _texts(outputs: Outputs) -> dict[int, str]:
    """What each copy has reported."""
    found: dict[int, Any] = {}
    for path, text in outputs.files.items():
        name = _TRIAL.fullmatch(PurePosixPath(path).name)
        if name:
            found[int(name[1])] = text
    return found


def passed(report: Report) -> bool:
    """Whether a run that was not cut off has tests, all of which passed."""
    return bool(report.passed) and not report.broken and not report.timed_out
