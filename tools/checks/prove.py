"""Perl's ``prove``, for test programs that print TAP.

A test's name is that of its file and its description, ``t/half.t::half of three``. Only whole files
can be chosen, ``prove t/half.t``, so all are run and the others left out of the report.
"""

from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Outcome, Outputs, Request, Suite
from tools.checks.cases import clean, shortened
from tools.checks.finding import Repository, in_folder
from tools.checks.hooks import REPORTS, export
from tools.checks.shell_line import any_command, runs_program
from tools.checks.tap import read_tap

_DUMPED = "tap"
_MANIFESTS = ("Makefile.PL", "Build.PL", "cpanfile", "dist.ini", "META.json")


class _Prove:
    """The framework."""

    name = "prove"

    def find(self, repository: Repository) -> Suite | None:
        """``prove`` on the folder ``t`` of a Perl distribution."""
        for evidence in repository.named("t/*.t", "*/t/*.t"):
            folder = evidence.partition("t/")[0].rstrip("/")
            inside = f"{folder}/" if folder else ""
            if any(f"{inside}{manifest}" in repository for manifest in _MANIFESTS):
                # Merged, the reasons of failures lie between the results.
                command = in_folder(folder, "prove --merge --lib --recurse t")
                return Suite(self.name, command, "Perl", evidence, folder)
        return None

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is ``prove``."""
        return any_command(command, lambda words: runs_program(words, "prove", "pg_prove"))

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command as it is; what each test program prints is kept besides."""
        return Invocation(
            command=request.command,
            # https://metacpan.org/pod/TAP::Harness::Env
            setup=[export("PERL_TEST_HARNESS_DUMP_TAP", f"{folder}/{REPORTS}/{_DUMPED}")],
        )

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases of all the programs that were run."""
        cases: list[Case] = []
        for path, text in sorted(outputs.files.items()):
            _, found, file = path.partition(f"/{REPORTS}/{_DUMPED}/")
            if found:
                cases += _read(text, file.removeprefix(outputs.root.lstrip("/") + "/"))
        return cases, []


PROVE = _Prove()


def _read(text: str, file: str) -> list[Case]:
    """The cases of one program; itself, where it has told of none."""
    message = shortened(clean(text.strip() or "it printed no result"))
    return read_tap(text, file) or [Case(name=file, outcome=Outcome.ERROR, message=message)]
