"""Waits for the modules of a test runner to be imported, and has its runs followed.

Nothing is imported before the program itself does so, as a package like ``unittest`` may be the
program's own, and as most of the Pythons that a test command starts run no tests at all.
"""

import os
import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import PathFinder
from types import ModuleType
from typing import TYPE_CHECKING

from . import OWNER
from .settings import ASKED, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

FOLLOWERS = {
    "unittest.suite": "unittest_runs",
    "sympy.testing.runtests": "sympy_runs",
    "sympy.utilities.runtests": "sympy_runs",
}
"""The module that is waited for, and the one of this package that follows it."""


def wait() -> None:
    """Start to wait; in a process that a test of an outer run has started, for its lines alone."""
    if OWNER in os.environ:
        import_module(f"{__package__}.programs").begin()
        return
    if os.path.exists(ASKED):
        import_module(f"{__package__}.trials").begin()
    settings = Settings.load()
    if settings is not None:
        sys.meta_path.insert(0, Watcher(settings))


class Watcher(MetaPathFinder):
    """Finds the modules that are waited for, where they would be found without it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def find_spec(
        self,
        fullname: str,
        path: "Sequence[str] | None",
        target: "ModuleType | None" = None,
    ) -> "ModuleSpec | None":
        """The module's own specification, with a loader that calls the follower."""
        if fullname not in FOLLOWERS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = Following(spec.loader, FOLLOWERS[fullname], self._settings)
        return spec


class Following(Loader):
    """Loads a module as its own loader does, and then has it followed."""

    def __init__(self, loader: Loader, follower: str, settings: Settings) -> None:
        self._loader = loader
        self._follower = follower
        self._settings = settings

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def create_module(self, spec: "ModuleSpec") -> "ModuleType | None":
        """As the module's own loader does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """As the module's own loader does, and then the follower."""
        self._loader.exec_module(module)
        import_module(f"{__package__}.{self._follower}").follow(module, self._settings)
