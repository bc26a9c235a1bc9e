"""Follows SymPy's own runner, ``sympy/testing/runtests.py`` and its older places and forms."""

import os
import time
from types import ModuleType
from typing import TYPE_CHECKING, Any

from . import OWNER
from .case import SHORT, Running
from .errors import error_text
from .session import Session

if TYPE_CHECKING:
    from .settings import Settings


class OvertimeError(Exception):
    """Raised in a test that runs too long; SymPy's runner catches nothing but Exceptions."""


def follow(module: ModuleType, settings: "Settings") -> None:
    """Follow the runner and the reporter of this module."""
    runs = Runs(settings)
    runs.follow_runner(module.SymPyTests)
    runs.follow_reporter(module.PyTestReporter)


class Stopped(BaseException):
    """Raised between two tests after the first failure."""


class Runs:
    """The tests of this process."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._session = Session(settings, OvertimeError)
        self._file = ""
        self._started = 0.0
        self._stopped = False

    # Held by the class: tools that freeze time look for the clock among a module's names.
    _now = staticmethod(time.monotonic)

    def follow_runner(self, runner: Any) -> None:
        """Have only what was asked for run, and only up to the first failure where that is asked.

        SymPy takes file names too, but a part of one stands for every file that has it in its name.
        """
        test_file, matches, test = runner.test_file, runner.matches, runner.test

        def chosen_file(this: Any, filename: str, *arguments: Any, **options: Any) -> Any:
            self._file = self._path(filename)
            if not self._stopped and self._asked_for(self._file):
                return test_file(this, filename, *arguments, **options)
            return None

        def chosen(this: Any, function: Any) -> Any:
            return self._holds(function) and matches(this, function)

        def whole(this: Any, *arguments: Any, **options: Any) -> Any:
            try:
                return test(this, *arguments, **options)
            except Stopped:
                return this._reporter.finish()  # noqa: SLF001
            finally:
                self._session.flush()

        runner.test_file, runner.matches, runner.test = chosen_file, chosen, whole

    def follow_reporter(self, reporter: Any) -> None:
        """Hear what the reporter is told."""
        self._listen(reporter, "entering_test", self._start)
        self._listen(reporter, "test_pass", lambda *_: self._end("passed", ""))
        self._listen(reporter, "test_xpass", lambda *_: self._end("passed", ""))
        self._listen(reporter, "test_xfail", lambda *_: self._end("skipped", "expected to fail"))
        self._listen(
            reporter, "test_skip", lambda why=None, *_: self._end("skipped", str(why or "")[:SHORT])
        )
        self._listen(reporter, "test_fail", lambda error: self._end("failed", error_text(error)))
        self._listen(reporter, "test_exception", self._end_with_error)
        self._listen(reporter, "import_error", lambda _, error: self._end_with_error(error))

    def _listen(self, reporter: Any, name: str, hear: Any) -> None:
        method = getattr(reporter, name)

        def heard(this: Any, *arguments: Any, **options: Any) -> Any:
            hear(*arguments)
            return method(this, *arguments, **options)

        setattr(reporter, name, heard)

    def _start(self, function: Any) -> None:
        if self._stopped:
            raise Stopped
        self._started = self._now()
        self._session.begin(Running(f"{self._file}::{function.__name__}"))
        os.environ[OWNER] = str(os.getpid())
        self._session.resume()

    def _end_with_error(self, error: Any) -> None:
        overtime = error[0] is OvertimeError
        self._end("failed" if overtime else "error", error_text(error))

    def _end(self, outcome: str, message: str) -> None:
        case = self._session.running
        if case is None:
            self._broken_file(outcome, message)
            return
        self._session.pause()
        os.environ.pop(OWNER, None)
        case.seconds = self._now() - self._started
        case.become(outcome, message)
        self._session.finish()
        self._stop_at(case)

    def _broken_file(self, outcome: str, message: str) -> None:
        """The file itself could not be run."""
        case = Running(self._file, outcome)
        case.message = message
        self._session.write(case)
        self._stop_at(case)

    def _stop_at(self, case: Running) -> None:
        self._stopped = self._stopped or (self._settings.stop_early and case.broken)

    def _path(self, filename: str) -> str:
        return os.path.relpath(os.path.realpath(filename), os.path.realpath(self._settings.root))

    def _asked_for(self, path: str) -> bool:
        """Whether a file, one of its folders or something in it was asked for."""
        asked = [name.rstrip("/") for name in self._settings.tests]
        return not asked or any(
            name.partition("::")[0] == path or path.startswith(name + "/") for name in asked
        )

    def _holds(self, function: Any) -> bool:
        asked = [name.rstrip("/") for name in self._settings.tests]
        name = f"{self._file}::{function.__name__}"
        return not asked or any(
            other in (name, self._file) or self._file.startswith(other + "/") for other in asked
        )
