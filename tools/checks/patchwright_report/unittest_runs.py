"""Follows unittest: its own runner, Django's, and any other that runs suites of its cases."""

import os
import re
import threading
import time
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest.case import TestCase

from . import OWNER
from .case import SHORT, Running
from .errors import error_text
from .forks import COPIED
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .settings import Settings

NOT_LOADED = re.compile(r"unittest\.loader\.(_FailedTest|ModuleImportFailure|LoadTestsFailure)\.")
FIXTURE = re.compile(r"(\w+) \((.+)\)")
"""The id of what stands in for a test where the fixture of a class or a module fails."""
WATCHED = "_patchwright_watched"
OUTCOMES = ("Success", "Error", "Failure", "Skip", "ExpectedFailure", "UnexpectedSuccess")


class Overtime(BaseException):
    """Raised in a test that runs too long; not an Exception, which many a test would catch."""


def follow(module: ModuleType, settings: "Settings") -> None:
    """Follow the suites of this module, ``unittest.suite``, and the cases they hold."""
    runs = Runs(settings)
    suite: Any = module.TestSuite
    case: Any = TestCase
    run_suite, run_case = suite.run, case.run

    def suite_run(self: Any, result: Any, *arguments: Any, **options: Any) -> Any:
        outermost = runs.watch(result, self)
        try:
            return run_suite(self, result, *arguments, **options)
        finally:
            if outermost:
                runs.flush()

    def case_run(self: Any, result: Any = None) -> Any:
        runs.watch(result)
        return run_case(self, result)

    suite.run = suite_run
    case.run = case_run


class Runs:
    """The tests that this process runs, in one suite after the other."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._process = 0
        self._forked = False
        self._sessions: list[Session] = []
        self._running: dict[tuple[int, str], tuple[Running, float]] = {}
        self._lock = threading.Lock()
        COPIED.append(self._become_copy)

    # Held by the class: tools that freeze time look for the clock among a module's names.
    _now = staticmethod(time.monotonic)

    def watch(self, result: Any, suite: Any = None) -> bool:
        """Start to hear what this result is told, and leave the tests that were asked for.

        A result that a test itself makes, to test a runner, is no part of the run; nor is one of a
        run that somebody else reports.
        """
        if result is None or self._forked or hasattr(result, WATCHED) or self._is_within_test():
            return False
        if type(result).__module__.startswith("_pytest"):
            return False
        setattr(result, WATCHED, True)
        if self._settings.stop_early:
            result.failfast = True
        if suite is not None and self._settings.tests:
            prune(suite, self._settings.tests)
        self._listen(result, "startTest", self._start)
        self._listen(result, "stopTest", self._stop)
        self._listen(result, "addSubTest", self._add_subtest)
        for outcome in OUTCOMES:
            self._listen(result, f"add{outcome}", getattr(self, f"_add_{outcome.lower()}"))
        return True

    def _is_within_test(self) -> bool:
        """Whether a test, of this thread or of an outer run, is what runs this."""
        own = str(self._process)
        if os.environ.get(OWNER, own) != own:
            return True
        here = threading.get_ident()
        return any(thread == here for thread, _ in list(self._running))

    def flush(self) -> None:
        """A whole run has ended; write down what is left."""
        if not self._forked:
            self._session().flush()

    def _become_copy(self, report: str) -> None:
        self._settings.report = report
        self._process = self._process and os.getpid()

    def _session(self) -> Session:
        """The session of this process; a runner in several processes has one in each."""
        if os.getpid() != self._process:
            self._process = os.getpid()
            self._sessions = [Session(self._settings, Overtime)]
            # Another thread may have held it at the moment of the fork.
            self._lock = threading.Lock()
        return self._sessions[0]

    def _listen(self, result: Any, name: str, hear: "Callable[..., None]") -> None:
        method = getattr(result, name, None)
        if method is None:
            return

        def heard(*arguments: Any, **options: Any) -> Any:
            hear(*arguments)
            return method(*arguments, **options)

        setattr(result, name, heard)

    def _start(self, test: Any) -> None:
        session = self._session()
        case = Running(name_of(test), outcome="")
        with self._lock:
            self._running[key_of(test)] = (case, self._now())
            os.environ[OWNER] = str(self._process)
            # With tests in several threads only one of them has its time and its lines measured.
            measured = session.running is None
            if measured:
                session.begin(case)
        if measured:
            session.resume()

    def _stop(self, test: Any) -> None:
        # A test that forks and returns into the runner would report everything twice.
        self._forked = self._forked or os.getpid() != self._process
        if self._forked:
            return
        with self._lock:
            case, started = self._running.pop(key_of(test), (None, 0.0))
            if case is not None and not self._running:
                os.environ.pop(OWNER, None)
        if case is None:
            return
        case.seconds = self._now() - started
        if not case.outcome:
            case.fail("it ended without a result")
        session = self._session()
        if session.running is case:
            session.pause()
            session.finish()
        else:
            session.write(case)

    def _become(self, test: Any, outcome: str, message: str = "") -> None:
        case, _ = self._running.get(key_of(test), (None, 0.0))
        if case is not None:
            case.become(outcome, message)
        elif outcome != "passed" and not self._forked:
            self._write_fixture(test.id(), outcome, message)

    def _write_fixture(self, description: str, outcome: str, message: str) -> None:
        found = FIXTURE.fullmatch(description)
        case = Running(found.group(2) if found else description, outcome)
        case.message = f"at {found.group(1)}:\n{message}" if found else message
        self._session().write(case)

    def _add_success(self, test: Any) -> None:
        self._become(test, "passed")

    def _add_error(self, test: Any, error: Any) -> None:
        overtime = isinstance(error, tuple) and error[0] is Overtime
        self._become(test, "failed" if overtime else "error", error_text(error))

    def _add_failure(self, test: Any, error: Any) -> None:
        self._become(test, "failed", error_text(error))

    def _add_subtest(self, test: Any, subtest: Any, error: Any) -> None:
        if error is not None:
            failed = issubclass(error[0], test.failureException)
            outcome = "failed" if failed or error[0] is Overtime else "error"
            self._become(test, outcome, f"{subtest}\n{error_text(error)}")

    def _add_skip(self, test: Any, reason: Any) -> None:
        # A part of a test may be skipped: it is told of under the part's name.
        self._become(getattr(test, "test_case", test), "skipped", str(reason)[:SHORT])

    def _add_expectedfailure(self, test: Any, error: Any) -> None:
        last = error_text(error).splitlines()[-1:]
        self._become(test, "skipped", "expected to fail: {}".format(*last)[:SHORT])

    def _add_unexpectedsuccess(self, test: Any) -> None:
        self._become(test, "failed", "it was expected to fail, and passed")


def key_of(test: Any) -> "tuple[int, str]":
    """Tells the runs of a test apart that several threads make at the same time."""
    return threading.get_ident(), test.id()


def name_of(test: Any) -> str:
    """The name that ``python -m unittest`` takes; of a module, where that could not be loaded."""
    return NOT_LOADED.sub("", test.id())


def prune(suite: Any, asked: "Sequence[str]") -> None:
    """Leave the tests of a suite that were asked for by name, by class, by module or by package.

    A module that could not be loaded is left where it may hold what was asked for.
    """
    tests = getattr(suite, "_tests", None)
    if not isinstance(tests, list):
        return
    kept = []
    for test in tests:
        if hasattr(test, "_tests"):
            prune(test, asked)
            if test.countTestCases():
                kept.append(test)
        elif _is_asked_for(name_of(test), asked):
            kept.append(test)
    tests[:] = kept


def _is_asked_for(name: str, asked: "Sequence[str]") -> bool:
    return any(
        name == other or name.startswith(other + ".") or other.startswith(name + ".")
        for other in asked
    )
