"""Any other command: one case, named by the command and judged by its exit code.

It listens for pytest too, as ``make test`` may well end up there; then pytest's cases speak.
"""

import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Outcome, Request
from tools.checks.events import STILL_RUNNING, read_events
from tools.checks.pytest import PYTEST


class _Command:
    """The framework of those that have none."""

    name = "command"

    def find(self, paths: Sequence[str], read: Callable[[str], str]) -> str | None:  # noqa: ARG002
        """Never: no file shows which command to run."""
        return None

    def understands(self, command: str) -> bool:  # noqa: ARG002
        """Always: every command has an exit code."""
        return True

    def invoke(self, request: Request, scratch: PurePosixPath) -> Invocation:
        """The command, with its start and its exit code noted where the plugin reports."""
        listening = PYTEST.invoke(request, scratch)
        report = shlex.quote(str(listening.report))
        start = shlex.quote(json.dumps(["command", request.command]))
        lines = [
            f"printf '%s\\n' {start} >> {report}",
            f"( eval {shlex.quote(listening.command)} )",
            "patchwright_exit_code=$?",
            f'printf \'["exit", %d]\\n\' "$patchwright_exit_code" >> {report}',
            'exit "$patchwright_exit_code"',
        ]
        return replace(listening, command="\n".join(lines))

    def parse(self, report: str) -> tuple[list[Case], list[CoveredLine]]:
        """Pytest's cases where there are any, and the command's own where they hide its failure."""
        cases, lines = PYTEST.parse(report)
        own = _own_case(report)
        if own is not None and (not cases or (own.broken and not any(c.broken for c in cases))):
            cases = [*cases, own]
        return cases, lines


COMMAND = _Command()


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
