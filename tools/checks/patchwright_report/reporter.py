"""The hooks: what pytest runs goes into the record, within its time, with its lines."""

import os
import time
from typing import TYPE_CHECKING

import pytest

from .deadline import Deadline
from .lines import Recorder, recorder
from .names import Names, Selection
from .outcome import MANY, SHORT, Running, shorten
from .record import Record
from .settings import Settings
from .tally import Tally

if TYPE_CHECKING:
    from collections.abc import Generator

    import pluggy

    Wrapped = Generator[None, pluggy.Result[object], None]

EVERY = 2.0
"""Seconds between two writings of the lines that passing tests ran."""
LINES_BYTES = 16 * 1024 * 1024
"""From then on the lines of failing tests wait for that time too."""

wrapper = pytest.hookimpl(hookwrapper=True, tryfirst=True)


class Reporter:
    """Follows one session."""

    def __init__(self, config: "pytest.Config", settings: Settings) -> None:
        self._config = config
        self._record = Record(settings.report)
        self._names = Names(settings.root, config)
        self._selection = Selection(settings.root, settings.tests) if settings.tests else None
        self._deadline = Deadline(settings.seconds, self._give_up)
        self._lines = recorder(settings.root) if settings.coverage else Recorder()
        self._tally = Tally()
        self._flushed = time.monotonic()
        self._running: Running | None = None
        self._broken = 0
        self._steer(settings)

    def _steer(self, settings: Settings) -> None:
        # One file that cannot be imported must not hide every other test's result.
        self._config.option.continue_on_collection_errors = True
        if settings.stop_early:
            self._config.option.maxfail = 1
        if self._selection is not None:
            # In place of the command's own paths, which may not lead to what is asked for.
            self._config.args = self._selection.arguments()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: "list[pytest.Item]") -> None:
        """Leave the tests that were asked for."""
        if self._selection is None:
            return
        kept: list[pytest.Item] = []
        dropped: list[pytest.Item] = []
        for item in items:
            (kept if self._selection.holds(self._names.of(item)) else dropped).append(item)
        if dropped:
            self._config.hook.pytest_deselected(items=dropped)
            items[:] = kept

    def pytest_collectreport(self, report: "pytest.CollectReport") -> None:
        """A file that cannot be collected, or wants to be skipped as a whole, is a case too."""
        if report.outcome == "passed":
            return
        case = Running(self._names.of_node(report.nodeid))
        case.outcome = "skipped" if report.outcome == "skipped" else "error"
        case.message = shorten(report)
        self._write(case)

    @wrapper
    def pytest_runtest_protocol(self, item: "pytest.Item") -> "Wrapped":
        """One test, from its start to its end."""
        self._running = Running(self._names.of(item))
        self._record.write("start", self._running.name)
        self._deadline.begin()
        self._lines.begin()
        outcome = yield
        self._finish(self._running, outcome.excinfo and outcome.excinfo[1])
        self._running = None

    def pytest_runtest_logreport(self, report: "pytest.TestReport") -> None:
        """One phase of the test has ended, or one more try of it."""
        if self._running is not None:
            self._running.add(report)

    @wrapper
    def pytest_runtest_setup(self) -> "Wrapped":
        """The fixtures are set up."""
        self._lines.resume()
        self._deadline.arm()
        yield
        self._deadline.disarm()
        self._lines.pause()

    @wrapper
    def pytest_runtest_call(self) -> "Wrapped":
        """The test itself runs."""
        self._lines.resume()
        self._deadline.arm()
        yield
        self._deadline.disarm()
        self._lines.pause()

    @wrapper
    def pytest_runtest_teardown(self) -> "Wrapped":
        """The fixtures are torn down; lines run here speak for no outcome."""
        self._deadline.arm()
        yield
        self._deadline.disarm()

    def _finish(self, case: Running, error: "BaseException | None") -> None:
        if error is not None:
            case.fail(f"the session was stopped in this test: {error!r}")
        elif self._deadline.expired:
            case.expire(self._deadline.message)
        self._write(case)
        if case.outcome != "skipped" and self._lines.seen:
            self._tally.add(self._lines.seen, case.broken)
        self._flush(at_once=case.broken and self._record.written < LINES_BYTES)

    def _give_up(self) -> None:
        """End the process: every test after a test that swallows its failures would hang too."""
        if self._running is not None:
            self._running.fail(
                f"{self._deadline.message}; it swallowed what was raised to stop it,"
                " so the process was ended and the tests after it did not run"
            )
            self._finish(self._running, None)
        os._exit(1)

    def _write(self, case: Running) -> None:
        self._broken += case.broken
        message = case.message if self._broken <= MANY else case.message[:SHORT]
        self._record.write("case", case.name, case.outcome, round(case.seconds, 4), message)

    def _flush(self, at_once: bool) -> None:
        now = time.monotonic()
        if not at_once and 0 <= now - self._flushed < EVERY:
            return
        self._flushed = now
        lines = self._tally.take()
        if lines:
            self._record.write("lines", lines)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write down what is left."""
        self._lines.close()
        self._flush(at_once=True)
        self._record.write("end", int(exitstatus))
