"""Rules every test lives by: no home directory, none of the user's git configuration.

A session keeps its temporary files in one folder, which is gone at its end with whatever the
programs that were tested have left there.
"""

import os
import shutil
import tempfile
from collections import Counter

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Give the session, and the workers that inherit from it, a folder for temporary files."""
    if hasattr(config, "workerinput"):
        return
    # Where pytest keeps the folders of the last sessions to be looked at.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    # Short, because sockets are made below it, whose paths may have 107 bytes (unix(7)).
    place = tempfile.mkdtemp(prefix="tests-")
    config.add_cleanup(lambda: shutil.rmtree(place))
    os.environ["TMPDIR"] = tempfile.tempdir = place


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not tested and why, a line for each reason."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    if reasons:
        terminalreporter.section("skipped here", sep="-")
    for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        terminalreporter.write_line(f"{count:4} {reason}")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that writes to the user's folders writes to a temporary one, and finds it empty."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "GIT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
