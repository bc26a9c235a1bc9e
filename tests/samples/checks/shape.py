"""What is told of each sample project: its tests, how they end, and what it takes to run them."""

import importlib.util
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SAMPLES_FOLDER = Path(__file__).parent

ODD = 'it\'s "odd" [x] / é $HOME (1+1)'
"""A title of all that a shell, a pattern or a path could take for its own."""

PASSED = ("passed", "")
"""Outcome, and words of the message."""
SKIPPED = ("skipped", "not yet")


@dataclass(frozen=True)
class Hang:
    """Files with one test that ends and one that never does; it makes the file ``hanging``."""

    files: Mapping[str, str]
    ended: str
    running: str | None
    """What is told of the other: itself, the file that it is in, or nothing."""
    seconds: float = 0.5
    """How long the runner may take to tell of the first after the second has begun."""


@dataclass(frozen=True)
class Sample:
    """One project, and the framework that runs its tests."""

    framework: str
    folder: str
    command: str
    """What is found to run its tests."""
    expected: Mapping[str, tuple[str, str]]
    """Outcome and words of the message by the test's name."""
    chosen: Sequence[str]
    """Names to be run alone."""
    whole: tuple[str, int]
    """The name of a file, class or package, and how many tests lie in it."""
    gone: str
    """A name such as those of its tests, of a test that there is not."""
    missing: Callable[[], str | None]
    """What this machine lacks to run it, if anything."""
    run: str = ""
    """What is run instead of the command that is found, where that would run more."""
    hang: Hang | None = None
    broken: Mapping[str, str] = field(default_factory=dict)
    """Files with which a part of the suite cannot be loaded or built."""
    prepare: Callable[[Path], None] = lambda _root: None
    """Puts what is installed where the project looks for it."""
    environment: Callable[[Path], Mapping[str, str]] = lambda _shared: {}
    """Variables for the run, from a folder that the runs of a session share."""
    slow: bool = False
    """Whether a run takes long even for these few tests."""

    @property
    def line(self) -> str:
        """The command to run."""
        return self.run or self.command


def program_missing(*names: str) -> Callable[[], str | None]:
    """Says which of these programs is not installed."""

    def missing() -> str | None:
        absent = [name for name in names if shutil.which(name, path="/usr/bin:/bin") is None]
        return f"{' and '.join(absent)} not installed" if absent else None

    return missing


def module_missing(name: str) -> Callable[[], str | None]:
    """Says whether this Python package is not installed."""
    return lambda: None if importlib.util.find_spec(name) else f"{name} not installed"
