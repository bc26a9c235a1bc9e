"""CMake's CTest, which runs programs: those of GoogleTest, Catch2 and others, or any.

A test's name is that given to ``add_test``, which ``ctest -R '^name$'`` takes.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Outcome, Outputs, Request, Suite
from tools.checks.cases import Cases
from tools.checks.finding import Repository, in_folder
from tools.checks.hooks import helper_files
from tools.checks.junit import read_junit
from tools.checks.shell_line import any_command, runs_program

_TESTING = re.compile(
    r"^\s*(?:enable_testing\s*\(|include\s*\(\s*CTest\s*\))", re.IGNORECASE | re.MULTILINE
)
# Outside the repository: what is built there would be taken for a part of the change. Kept from one
# run to the next of a box, so that only what has changed is built again.
_BUILD = '"${TMPDIR:-$HOME}/build"'
_COMMAND = (
    f"cmake -S . -B {_BUILD} && cmake --build {_BUILD} --parallel && ctest --test-dir {_BUILD}"
)
_LINE = re.compile(
    r"\s*\d+/\d+ Test +#\d+: (?P<name>.+?) \.*\s*"
    r"(?P<outcome>[*\w][*\w ()]*?):?\s+(?P<seconds>\d+(?:\.\d+)?) sec"
)
_START = re.compile(r"\s*Start +\d+: (?P<name>.+)")
_OUTCOMES = {"Passed": Outcome.PASSED, "***Skipped": Outcome.SKIPPED}


class _CTest:
    """The framework."""

    name = "CTest"

    def find(self, repository: Repository) -> Suite | None:
        """Configure, build and test, where the CMake files of a project enable testing."""
        files = repository.named("CMakeLists.txt", "*.cmake")
        for evidence in repository.named("CMakeLists.txt")[:1]:
            folder = evidence.removesuffix("CMakeLists.txt").rstrip("/")
            inside = [path for path in files if path.startswith(folder)]
            if any(_TESTING.search(repository.text(path)) for path in inside):
                return Suite(self.name, in_folder(folder, _COMMAND), "C++", evidence, folder)
        return None

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is ``ctest``."""
        return any_command(command, lambda words: runs_program(words, "ctest"))

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:  # noqa: ARG002
        """The command as it is, with a program before ``ctest`` that has it report."""
        return Invocation(command=request.command, files=_helpers() | _choice(request))

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases of its report; of its log, which knows of crashes, where they are not told."""
        logged = {c.name: c for text in outputs.named("ctest-*.log") for c in _read_log(text)}
        reported = [
            _judged(case, logged.get(case.name))
            for text in outputs.named("ctest-*.xml")
            for case in read_junit(text, _name)
        ]
        return reported or list(logged.values()), []


CTEST = _CTest()


@cache
def _helpers() -> dict[str, str]:
    return helper_files("bin/find-program", "bin/ctest")


def _choice(request: Request) -> dict[str, str]:
    seconds = request.seconds_per_test
    files = {
        "ctest/pattern": _pattern(request.tests),
        "ctest/seconds": f"{seconds:g}" if seconds else "",
    }
    return files | {"ctest/stop-early": ""} if request.stop_early else files


def _pattern(tests: Sequence[str]) -> str:
    """CMake's regular expressions know no other escape than a backslash before a mark."""
    names = [re.sub(r"([][^$.*+?()|\\])", r"\\\1", name) for name in tests]
    return f"^({'|'.join(names)})$" if names else ""


def _name(attributes: Mapping[str, str]) -> str:
    return attributes.get("name", "")


def _judged(case: Case, logged: Case | None) -> Case:
    """A test whose program is not there was not skipped: it could not run."""
    if case.outcome is Outcome.SKIPPED and re.search("Unable to find|dependency", case.message):
        return case.model_copy(update={"outcome": Outcome.ERROR})
    if case.broken and not case.message and logged is not None:
        return case.model_copy(update={"message": logged.message})
    return case


def _read_log(text: str) -> list[Case]:
    cases = Cases()
    for line in text.splitlines():
        started = _START.fullmatch(line[:2000])
        ended = _LINE.match(line[:2000])
        if started:
            cases.start(started["name"])
        elif ended and "Disabled" in ended["outcome"]:
            cases.end(ended["name"], Outcome.SKIPPED)
        elif ended:
            outcome = _OUTCOMES.get(ended["outcome"], Outcome.FAILED)
            message = "" if outcome is Outcome.PASSED else ended["outcome"].replace("***", " ")
            cases.end(ended["name"], outcome, float(ended["seconds"]), message.strip())
    return cases.ended()
