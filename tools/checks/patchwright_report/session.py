"""One run: each test goes into the record, within its time, with its lines."""

import os
import time
from typing import TYPE_CHECKING

from .case import MANY, SHORT, Running
from .deadline import Deadline
from .forks import COPIED
from .lines import Recorder, recorder
from .programs import take
from .record import Record
from .tally import Tally

if TYPE_CHECKING:
    from .settings import Settings

EVERY = 2.0
"""Seconds between two writings of the lines that passing tests ran."""
LINES_BYTES = 16 * 1024 * 1024
"""From then on the lines of failing tests wait for that time too."""


class Session:
    """What every runner's reporter does alike; ``failure`` is what is raised in a slow test."""

    def __init__(self, settings: "Settings", failure: "type[BaseException]") -> None:
        self.deadline = Deadline(settings.seconds, failure, self._give_up)
        self._coverage = settings.coverage
        self._report = settings.report
        self.lines = recorder(settings.root) if settings.coverage else Recorder()
        self.running: Running | None = None
        self._record = Record(settings.report)
        self._tally = Tally()
        self._flushed = self._now()
        self._broken = 0
        COPIED.append(self._become_copy)

    # Held by the class: tools that freeze time look for the clock among a module's names.
    _now = staticmethod(time.monotonic)

    def begin(self, case: Running) -> None:
        """A test begins."""
        self.running = case
        self._record.write("start", case.name)
        self.deadline.begin()
        self.lines.begin()

    def resume(self) -> None:
        """A phase of the test begins: its time runs, and its lines count."""
        self.lines.resume()
        self.deadline.arm()

    def pause(self) -> None:
        """The phase has ended."""
        self.deadline.disarm()
        self.lines.pause()

    def finish(self) -> None:
        """The test has ended."""
        case, self.running = self.running, None
        if case is None:
            return
        if self.deadline.expired:
            case.expire(self.deadline.message)
        self._conclude(case)

    def write(self, case: Running) -> None:
        """Note a result: of a test, or of a file or class that could not be made ready."""
        self._broken += case.broken
        message = case.message if self._broken <= MANY else case.message[:SHORT]
        self._record.write("case", case.name, case.outcome, round(case.seconds, 4), message)

    def flush(self, at_once: bool = True) -> None:
        """Write down the lines that tests ran since the last time, if it is time."""
        now = self._now()
        if not at_once and 0 <= now - self._flushed < EVERY:
            return
        self._flushed = now
        lines = self._tally.take()
        if lines:
            self._record.write("lines", lines)

    def end(self, exit_code: int) -> None:
        """The runner has ended."""
        self.lines.close()
        self.flush()
        self._record.write("end", exit_code)

    def _conclude(self, case: Running) -> None:
        self.write(case)
        if self._coverage:
            take(self._report, self.lines.seen)
        if case.outcome != "skipped" and self.lines.seen:
            self._tally.add(self.lines.seen, case.broken)
        self.flush(at_once=case.broken and self._record.written < LINES_BYTES)

    def _become_copy(self, report: str) -> None:
        self._record.move(report)
        self.deadline.restart()

    def _give_up(self) -> None:
        """End the process: every test after a test that swallows its failures would hang too."""
        if self.running is not None:
            self.running.fail(
                f"{self.deadline.message}; it swallowed what was raised to stop it,"
                " so the process was ended and the tests after it did not run"
            )
            self._conclude(self.running)
        os._exit(1)
