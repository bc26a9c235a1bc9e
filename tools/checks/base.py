"""The words every test framework is spoken of in, and the protocol its module follows.

A framework is pure: it turns a request into a command line and a report back into cases. Only
:mod:`tools.checks.run` touches a workspace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from tools.checks.finding import Repository


class Outcome(StrEnum):
    """What became of one test."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


class Case(BaseModel):
    """One test's result."""

    model_config = ConfigDict(frozen=True)

    name: str
    """The framework's own id for the test, the one its command line accepts."""
    outcome: Outcome
    seconds: float = 0.0
    message: str = ""
    """Why it did not pass: the framework's traceback or error text, shortened; else empty."""

    @property
    def broken(self) -> bool:
        """Whether the test failed or could not run."""
        return self.outcome in (Outcome.FAILED, Outcome.ERROR)


class CoveredLine(BaseModel):
    """One source line, and how many failing and passing tests ran it."""

    model_config = ConfigDict(frozen=True)

    path: str
    """Relative to the repository's root."""
    line: int
    """Counted from 1."""
    failing: int
    passing: int


class Report(BaseModel):
    """What one run of a test command showed."""

    model_config = ConfigDict(frozen=True)

    command: str
    framework: str = ""
    """The name of the framework whose report this is."""
    cases: list[Case] = []
    exit_code: int = 0
    timed_out: bool = False
    """The whole command was killed at its deadline; ``cases`` holds what had ended before."""
    seconds: float = 0.0
    output: str = ""
    """The end of what the command printed, for when there are no cases to speak for it."""
    lines: list[CoveredLine] = []
    """Lines that at least one failing test ran; filled when coverage was asked for."""

    @property
    def broken(self) -> list[Case]:
        """The cases that failed or could not run."""
        return [case for case in self.cases if case.broken]

    @property
    def passed(self) -> list[Case]:
        """The cases that passed."""
        return [case for case in self.cases if case.outcome is Outcome.PASSED]

    def outcome(self, name: str) -> Outcome | None:
        """The outcome of one test, or None when the run never came to it."""
        return next((case.outcome for case in self.cases if case.name == name), None)


@dataclass(frozen=True, slots=True)
class Request:
    """What to run and how."""

    command: str
    """The repository's test command, a line for the shell."""
    tests: Sequence[str] = ()
    """Ids to run; empty means all that the command runs by itself."""
    coverage: bool = False
    """Also tell which source lines the failing and the passing tests ran."""
    stop_early: bool = False
    """Stop at the first test that fails."""
    seconds_per_test: float | None = None
    """A test that runs longer fails with a message that says so, where the framework can stop one
    test by itself: pytest, unittest, Django's and SymPy's runner, Mocha, node:test. Elsewhere only
    ``timeout`` bounds it."""
    timeout: float = 600.0
    """Seconds until the whole command is killed."""
    report: str = ""
    """Files of JUnit XML or TAP that the command writes, a glob from the repository's root whose
    ``*`` crosses slashes. Where it is given, these speak for the command, and nothing else does."""


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Regular files that a command leaves, as ``find -path`` looks for them."""

    folder: str
    """Absolute path inside the box, or relative to the repository's root."""
    pattern: str
    """What the whole path, which begins with ``folder``, must match; ``*`` crosses slashes."""
    newer: str = ""
    """Where it is given: only files written after this one, an absolute path, are meant."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A request in a framework's own terms."""

    command: str
    setup: Sequence[str] = ()
    """Shell lines to run before the command, in the same shell."""
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    """Helper files to lay into the folder given to ``invoke`` before the command: name to text.
    Those that begin with ``#!`` are made executable; ``bin/`` comes first on the search path."""
    reports: Sequence[ReportFiles] = ()
    """Where the command leaves its reports."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a command has left. All of it may be cut off, and all of it may be forged."""

    files: Mapping[str, str] = field(default_factory=dict)
    """Report files: path inside the box to text."""
    printed: str = ""
    """What the command printed; empty when it was too long to be kept whole."""
    root: str = "/"
    """The repository's root inside the box."""

    def named(self, pattern: str) -> list[str]:
        """The texts of the reports whose file names match, in the order of their paths."""
        return [
            self.files[path]
            for path in sorted(self.files)
            if fnmatchcase(PurePosixPath(path).name, pattern)
        ]


@dataclass(frozen=True, slots=True)
class Suite:
    """Tests that were found in a repository, and how they are run."""

    framework: str
    """Name of the framework."""
    command: str
    """A line for the shell, from the repository's root."""
    language: str
    """The language of the tests, as in :data:`tools.checks.finding.LANGUAGES`; empty: any."""
    evidence: str
    """The file that shows it."""
    folder: str = ""
    """Where the command does its work; empty for the repository's root."""
    certain: bool = True
    """Whether the evidence configures or calls the framework, and does not merely look like it."""


class Framework(Protocol):
    """One test framework; implemented by a module-level object in a module of its own."""

    @property
    def name(self) -> str:
        """The framework's name as its users write it."""
        ...

    def find(self, repository: Repository) -> Suite | None:
        """How this repository's tests are run, or None when it does not use this framework."""
        ...

    def understands(self, command: str) -> bool:
        """Whether this shell line runs this framework, so that its report can be had."""
        ...

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command, environment and helper files that carry out the request.

        ``folder`` lies inside the box, outside the repository, and is this run's own; its
        ``reports`` is there for reports, and read whatever the invocation says.
        """
        ...

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases in the order they ended, and covered lines.

        A report that was cut off (the command was killed) yields what it holds up to there, and
        one that makes no sense yields nothing; this never raises.
        """
        ...
