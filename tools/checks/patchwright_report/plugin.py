"""The pytest plugin."""

import os
from importlib import import_module

import pytest

from . import OWNER
from .reporter import Reporter
from .settings import ASKED, COMPARED, Settings

REPORTER = "patchwright_reporter"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: "pytest.Config") -> None:
    """Before anything of the repository is imported: wait for what changes are to be tried on."""
    options = early_config.known_args_namespace
    if os.path.exists(ASKED):
        several = getattr(options, "numprocesses", None) or getattr(options, "tx", None)
        import_module(f"{__package__}.trials").begin(distributed=bool(several))
    if os.path.exists(COMPARED):
        import_module(f"{__package__}.compare").begin()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: "pytest.Config") -> None:
    """Start to report, unless an outer run already does."""
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
