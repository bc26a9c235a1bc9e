"""Any other command: one case, named by the command and judged by its exit code.

It listens for every framework too, as ``make test`` may well end up in one; then its cases speak.
Where none has reported, TAP or JUnit's XML that the command has printed does.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Framework, Invocation, Outputs, Request, Suite
from tools.checks.exit_code import noted, with_own_case
from tools.checks.finding import Repository
from tools.checks.hooks import joined
from tools.checks.junit import read_junit
from tools.checks.python_hook import keep_on_path
from tools.checks.tap import looks_like_tap, read_tap

_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_TARGET = re.compile(r"^(test|tests|check)\s*::?(?!=)", re.MULTILINE)
_XML = re.compile(r"<\?xml |<testsuites?[ >]")


class Command:
    """The framework of those that have none.

    Args:
        others: Whom it listens for.
        readers: Those of them by whom all reports of the others are read, each once.
    """

    name = "command"

    def __init__(self, others: Sequence[Framework], readers: Sequence[Framework]) -> None:
        self._others = others
        self._readers = readers

    def find(self, repository: Repository) -> Suite | None:
        """``make test`` or ``make check``, where the root's Makefile has such a target."""
        for file in _MAKEFILES:
            target = _TARGET.search(repository.text(file))
            if target:
                return Suite(self.name, f"make {target[1]}", "", file, certain=False)
        return None

    def understands(self, command: str) -> bool:  # noqa: ARG002
        """Always: every command has an exit code."""
        return True

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command, with its start and its exit code noted where our reporters report."""
        listening = [framework.invoke(request, folder) for framework in self._others]
        command = noted(request.command, keep_on_path(request.command, folder), folder)
        return joined(command, listening)

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """The frameworks' cases if there are any, and the command's where they hide its failure."""
        cases: list[Case] = []
        lines: list[CoveredLine] = []
        for framework in self._readers:
            found, covered = framework.parse(outputs)
            cases += found
            lines += covered
        return with_own_case(cases or _printed(outputs.printed), outputs), lines


def _printed(text: str) -> list[Case]:
    """The cases of a report that a command has printed."""
    if looks_like_tap(text):
        return read_tap(text)
    xml = _XML.search(text)
    return read_junit(text[xml.start() :]) if xml else []
