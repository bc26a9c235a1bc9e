"""pytest's hooks: what pytest runs goes into the session."""

import os
from typing import TYPE_CHECKING

import pytest

from .case import Running
from .forks import COPIED, collecting, is_copy, leave
from .names import Names, Selection
from .outcome import add, crash_text
from .session import Session
from .settings import Settings

if TYPE_CHECKING:
    from collections.abc import Generator

    import pluggy

    Wrapped = Generator[None, pluggy.Result[object], None]

KEEPS_NOTES = ("lfplugin", "nfplugin", "stepwise", "stepwiseplugin")
"""Plugins of pytest's own that keep notes for the next run."""
QUIET = -2
"""Verbosity at which nothing is told of single tests, nor a summary."""
USES_NOTES = ("lf", "failedfirst", "newfirst", "stepwise", "stepwise_skip")
"""Options by which a run goes by the notes of the last one."""

wrapper = pytest.hookimpl(hookwrapper=True, tryfirst=True)


class Reporter:
    """Follows one session of pytest."""

    def __init__(self, config: "pytest.Config", settings: Settings) -> None:
        self._config = config
        self._session = Session(settings, pytest.fail.Exception)
        self._names = Names(settings.root, config)
        self._selection = Selection(settings.root, settings.tests) if settings.tests else None
        self._steer(settings)
        COPIED.append(self._be_brief)
        if is_copy():
            self._be_brief()

    def _steer(self, settings: Settings) -> None:
        # One file that cannot be imported must not hide every other test's result.
        self._config.option.continue_on_collection_errors = True
        if settings.stop_early:
            self._config.option.maxfail = 1
        if self._selection is not None:
            # In place of the command's own paths, which may not lead to what is asked for.
            self._config.args = self._selection.arguments()

    def _be_brief(self, _report: str = "") -> None:
        """In one of many copies: of a failure no more than the error, and no notes for later runs.

        To show the source of a failure costs more than most tests, and so does it to wake whoever
        reads what is shown.
        """
        self._config.option.tbstyle = "no"
        self._config.option.verbose = QUIET
        self._be_silent()
        if not any(getattr(self._config.option, name, None) for name in USES_NOTES):
            for name in KEEPS_NOTES:
                plugin = self._config.pluginmanager.get_plugin(name)
                if plugin is not None:
                    self._config.pluginmanager.unregister(plugin)

    def _be_silent(self) -> None:
        """Let nobody be told on the terminal how far it is."""
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        writer = getattr(terminal, "_tw", None)
        if hasattr(writer, "_file"):
            nowhere = open(os.devnull, "w")  # noqa: SIM115 - as long as the copy lives
            setattr(writer, "_file", nowhere)  # noqa: B010 - of pytest's own

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

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """The tests are about to be collected."""
        collecting(True)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self) -> None:
        """All tests are there, and none has run."""
        collecting(False)

    def pytest_collectreport(self, report: "pytest.CollectReport") -> None:
        """A file that cannot be collected, or wants to be skipped as a whole, is a case too."""
        if report.outcome == "passed":
            return
        outcome = "skipped" if report.outcome == "skipped" else "error"
        case = Running(self._names.of_node(report.nodeid), outcome)
        case.message = crash_text(report)
        self._session.write(case)

    @wrapper
    def pytest_runtest_protocol(self, item: "pytest.Item") -> "Wrapped":
        """One test, from its start to its end."""
        if is_copy() and type(item).repr_failure is pytest.Function.repr_failure:
            setattr(item, "repr_failure", _error)  # noqa: B010 - for this one item
        case = Running(self._names.of(item))
        self._session.begin(case)
        outcome = yield
        error = outcome.excinfo and outcome.excinfo[1]
        if error is not None:
            case.fail(f"the session was stopped in this test: {error!r}")
        self._session.finish()

    def pytest_runtest_logreport(self, report: "pytest.TestReport") -> None:
        """One phase of the test has ended, or one more try of it."""
        if self._session.running is not None:
            add(self._session.running, report)

    @wrapper
    def pytest_runtest_setup(self) -> "Wrapped":
        """The fixtures are set up."""
        self._session.resume()
        yield
        self._session.pause()

    @wrapper
    def pytest_runtest_call(self) -> "Wrapped":
        """The test itself runs."""
        self._session.resume()
        yield
        self._session.pause()

    @wrapper
    def pytest_runtest_teardown(self) -> "Wrapped":
        """The fixtures are torn down; lines run here speak for no outcome."""
        self._session.deadline.arm()
        yield
        self._session.deadline.disarm()

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> "Wrapped":
        """Write down what is left; a copy ends here.

        What would follow is the summary that nobody reads: plugins import for it what costs more
        than the tests.
        """
        self._session.end(int(exitstatus))
        yield
        if is_copy():
            leave(int(exitstatus))


def _error(excinfo: "pytest.ExceptionInfo[BaseException]", *_style: object) -> str:
    """A failure's own error, marked as pytest marks it, without the way that led to it."""
    return "\n".join(f"E   {line}" for line in excinfo.exconly(tryshort=True).splitlines())
