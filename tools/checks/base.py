"""The words every test framework is spoken of in, and the protocol its module follows.

A framework is pure: it turns a request into a command line and a report back into cases. Only
:mod:`tools.checks.run` touches a workspace.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Protocol

from pydantic import BaseModel, ConfigDict


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
    """A test that runs longer fails with a message that says so."""
    timeout: float = 600.0
    """Seconds until the whole command is killed."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A request in a framework's own terms."""

    command: str
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    """Helper files to lay into the folder given to ``invoke`` before the command: name to text."""
    report: PurePosixPath | None = None
    """Where the command leaves its report, if it leaves one."""


class Framework(Protocol):
    """One test framework; implemented by a module-level object in a module of its own."""

    @property
    def name(self) -> str:
        """The framework's name as its users write it."""
        ...

    def find(self, paths: Sequence[str], read: Callable[[str], str]) -> str | None:
        """The command that runs this repository's tests, or None when it does not use this one.

        Args:
            paths: Every file of the repository, relative to its root.
            read: Returns the text of one of them.
        """
        ...

    def understands(self, command: str) -> bool:
        """Whether this shell line runs this framework, so that its report can be had."""
        ...

    def invoke(self, request: Request, scratch: PurePosixPath) -> Invocation:
        """The command, environment and helper files that carry out the request.

        ``scratch`` is a folder inside the box, outside the repository, that is this run's own.
        """
        ...

    def parse(self, report: str) -> tuple[list[Case], list[CoveredLine]]:
        """Cases in the order they ended, and covered lines, from the text left at ``report``.

        A report that was cut off (the command was killed) yields what it holds up to there.
        """
        ...
