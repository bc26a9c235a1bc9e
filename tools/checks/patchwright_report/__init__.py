"""A pytest plugin that writes down what pytest runs; laid into the box as text, never used here.

It must run wherever a repository's own pytest runs: Python 3.6 or later, pytest 4 or later, and
the standard library alone. Type hints that Python 3.6 cannot evaluate are therefore quoted.

pytest finds it by its entry point on ``PYTHONPATH``, so that any wrapper that ends up running
pytest is seen, and one that replaces ``PYTHONPATH`` still runs its tests, only unseen. Beside this
package lies ``settings.json``; what is seen goes to the file named there, one JSON list a line:

.. code-block:: text

    ["start", NAME]                                       a test begins
    ["case", NAME, OUTCOME, SECONDS, MESSAGE]             a test has ended
    ["lines", {PATH: [[FIRST, LAST, FAILING, PASSING]]}]  lines run by tests, to be added up
    ["end", EXIT_CODE]                                    pytest has ended
"""

import os

import pytest

from .reporter import Reporter
from .settings import Settings

OWNER = "PATCHWRIGHT_OWNER"
"""Environment variable that holds the id of the process that reports."""
REPORTER = "patchwright_reporter"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: "pytest.Config") -> None:
    """Start to report, unless an outer pytest already does."""
    settings = Settings.load()
    if settings is None or not _outermost(config):
        return
    os.environ[OWNER] = str(os.getpid())
    config.pluginmanager.register(Reporter(config, settings), REPORTER)


def pytest_unconfigure(config: "pytest.Config") -> None:
    """Let the next pytest of this process report."""
    if config.pluginmanager.hasplugin(REPORTER):
        os.environ.pop(OWNER, None)


def _outermost(config: "pytest.Config") -> bool:
    """Whether this is the run that was asked for, not a pytest that one of its tests has started.

    A worker of pytest-xdist runs the tests of the process that has started it, so it reports too;
    the controller then runs none itself and stays silent.
    """
    owner = os.environ.get(OWNER)
    return owner is None or (hasattr(config, "workerinput") and owner == str(os.getppid()))
