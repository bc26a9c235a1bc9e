"""Every test framework there is a module for, in the order they are asked."""

from collections.abc import Callable, Sequence

from tools.checks.base import Framework
from tools.checks.command import COMMAND
from tools.checks.pytest import PYTEST

FRAMEWORKS: tuple[Framework, ...] = (PYTEST, COMMAND)


def find_command(paths: Sequence[str], read: Callable[[str], str]) -> str | None:
    """The command that runs a repository's tests, or None when no framework is at home there.

    Args:
        paths: Every file of the repository, relative to its root.
        read: Returns the text of one of them.
    """
    found = (framework.find(paths, read) for framework in FRAMEWORKS)
    return next((command for command in found if command is not None), None)


def framework_for(command: str) -> Framework:
    """The framework whose report can be had from this shell line."""
    return next(framework for framework in FRAMEWORKS if framework.understands(command))
