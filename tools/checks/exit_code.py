"""A command's own case: named by its line, judged by its exit code.

Its start and its end are noted where our reporters report, so that a command that was killed has
failed, and one that steps out of its line is judged all the same.
"""

import json
import shlex
from collections.abc import Iterable
from pathlib import PurePosixPath

from tools.checks.base import Case, Outcome, Outputs
from tools.checks.cases import STILL_RUNNING
from tools.checks.events import EVENTS, read_events
from tools.checks.hooks import REPORTS


def noted(name: str, command: str, folder: PurePosixPath) -> str:
    """Shell lines that run a command, and note its name, that it began and how it ended."""
    report = shlex.quote(str(folder / REPORTS / EVENTS))
    lines = [
        f"printf '%s\\n' {shlex.quote(json.dumps(['command', name]))} >> {report}",
        f"( eval {shlex.quote(command)} )",
        "patchwright_exit_code=$?",
        f'printf \'["exit", %d]\\n\' "$patchwright_exit_code" >> {report}',
        'exit "$patchwright_exit_code"',
    ]
    return "\n".join(lines)


def with_own_case(cases: Iterable[Case], outputs: Outputs) -> list[Case]:
    """The cases, and the command's own where there are none or where they hide its failure."""
    found = {case.name: case for case in cases}
    own = _own_case("\n".join(outputs.named(EVENTS)))
    hidden = own is not None and own.broken and not any(case.broken for case in found.values())
    if own is not None and (hidden or not found):
        found[own.name] = own
    return list(found.values())


def _own_case(report: str) -> Case | None:
    name: str | None = None
    exit_code: int | None = None
    for event in read_events(report):
        match event:
            case ["command", str(command)] if name is None:
                name = command
            case ["exit", int(code)]:
                exit_code = code
    if name is None:
        return None
    if exit_code is None:
        return Case(name=name, outcome=Outcome.FAILED, message=STILL_RUNNING)
    if exit_code:
        return Case(name=name, outcome=Outcome.FAILED, message=f"exit code {exit_code}")
    return Case(name=name, outcome=Outcome.PASSED)
