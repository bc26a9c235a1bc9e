"""Any command that leaves JUnit's XML or TAP in files that its user names."""

import shlex
from pathlib import PurePosixPath

from tools.checks.base import (
    Case,
    CoveredLine,
    Invocation,
    Outputs,
    ReportFiles,
    Request,
    Suite,
)
from tools.checks.events import EVENTS
from tools.checks.exit_code import noted, with_own_case
from tools.checks.finding import Repository
from tools.checks.junit import read_junit
from tools.checks.tap import read_tap

_STAMP = "stamp"


class _Reported:
    """The framework of those whose reports are named in the request."""

    name = "report files"

    def find(self, repository: Repository) -> Suite | None:  # noqa: ARG002
        """Never: no file shows which others a command leaves."""
        return None

    def understands(self, command: str) -> bool:  # noqa: ARG002
        """Never by its command: see ``Request.report``."""
        return False

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command, with every report that is there already made older than any it writes."""
        pattern = f"./{request.report.removeprefix('./')}"
        find = f"find . -type f -path {shlex.quote(pattern)}"
        stamp = shlex.quote(str(folder / _STAMP))
        return Invocation(
            command=noted(request.command, request.command, folder),
            setup=[
                f"{find} -exec touch -t 200001010000 {{}} +",
                f"touch -t 200001020000 {stamp}",
            ],
            reports=[ReportFiles(".", pattern, newer=str(folder / _STAMP))],
        )

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """The reports' cases, and the command's own where they hide its failure."""
        cases: list[Case] = []
        for path, text in sorted(outputs.files.items()):
            if PurePosixPath(path).name == EVENTS:
                continue
            is_xml = text.lstrip("\ufeff \t\r\n").startswith("<")
            cases += read_junit(text) if is_xml else read_tap(text, path.removeprefix("./"))
        return with_own_case(cases, outputs), []


REPORTED = _Reported()
