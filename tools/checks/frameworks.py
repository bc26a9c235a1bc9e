"""Every test framework there is a module for, and which of them a repository uses.

The order is that of precedence among frameworks of one language that show themselves equally well:

- SymPy's and Django's own runners before pytest, whose file names their tests have as well, and
  which cannot run them all;
- pytest before unittest, as it runs unittest's cases too and not the other way round; between
  them, what tox and nox are said to run: it is the project's own word, but may ask for more than
  the tests need;
- any command comes last, as nothing but its exit code is known.

Where a repository holds several, what runs from the root goes before what runs from a folder of
it; then the language that most of the source files are in; then what the repository configures or
calls before what it merely looks like; then this order.
"""

from collections.abc import Callable, Sequence

from tools.checks.base import Framework, Request, Suite
from tools.checks.cargo import CARGO
from tools.checks.command import Command
from tools.checks.ctest import CTEST
from tools.checks.django import DJANGO
from tools.checks.finding import Repository
from tools.checks.go import GO
from tools.checks.gradle import GRADLE
from tools.checks.jest import JEST
from tools.checks.maven import MAVEN
from tools.checks.minitest import MINITEST
from tools.checks.mocha import MOCHA
from tools.checks.node_test import NODE_TEST
from tools.checks.phpunit import PHPUNIT
from tools.checks.prove import PROVE
from tools.checks.pytest import PYTEST
from tools.checks.reported import REPORTED
from tools.checks.rspec import RSPEC
from tools.checks.sympy import SYMPY
from tools.checks.unittest import UNITTEST
from tools.checks.vitest import VITEST
from tools.checks.wrappers import without_wrapper, wrapped_command

_LEAST_SHARE = 0.1
"""Of the sources, in the language of a suite that nothing at the root speaks of."""

_KNOWN: tuple[Framework, ...] = (
    *(SYMPY, DJANGO, PYTEST, UNITTEST),
    *(VITEST, JEST, MOCHA, NODE_TEST),
    *(GO, CARGO, MAVEN, GRADLE),
    *(RSPEC, MINITEST, PHPUNIT, CTEST, PROVE),
)
COMMAND = Command(_KNOWN, readers=(PYTEST, GO, CARGO, MAVEN, PHPUNIT, CTEST, PROVE))
FRAMEWORKS: tuple[Framework, ...] = (*_KNOWN, COMMAND)


def find_suites(paths: Sequence[str], read: Callable[[str], str]) -> list[Suite]:
    """Every way to test a repository that its files show, the one to choose first.

    Args:
        paths: Every file of the repository, relative to its root.
        read: Returns the text of one of them.
    """
    repository = Repository(paths, read)
    found = [framework.find(repository) for framework in FRAMEWORKS]
    found.insert(FRAMEWORKS.index(UNITTEST), _wrapped(repository))

    def precedence(suite: Suite) -> tuple[int, float, bool]:
        depth = len(suite.folder.split("/")) if suite.folder else 0
        return depth, -repository.share(suite.language), not suite.certain

    suites = [suite for suite in found if suite is not None and not _is_marginal(suite, repository)]
    return sorted(suites, key=precedence)


def find_command(paths: Sequence[str], read: Callable[[str], str]) -> str | None:
    """The command that runs a repository's tests, or None when no framework is at home there."""
    suites = find_suites(paths, read)
    return suites[0].command if suites else None


def direct_command(command: str, paths: Sequence[str], read: Callable[[str], str]) -> str:
    """What ``tox`` or ``nox`` would run in the environment that it makes; other commands as is.

    The network that they want is not there, and what is run inside is not seen from outside.
    """
    return without_wrapper(command, Repository(paths, read), _is_known)


def _is_marginal(suite: Suite, repository: Repository) -> bool:
    """Whether these are tests of a script in a corner, which tell nothing of the project."""
    share = repository.share(suite.language)
    return "/" in suite.evidence and bool(suite.language) and share < _LEAST_SHARE


def _wrapped(repository: Repository) -> Suite | None:
    """What tox or nox is said to run: the best there is where it is not pytest."""
    found = wrapped_command(repository, _is_known)
    if found is None:
        return None
    command, file = found
    return Suite(framework_for(command).name, command, "Python", file)


def _is_known(command: str) -> bool:
    return framework_for(command) is not COMMAND


def framework_for(command: str) -> Framework:
    """The framework whose report can be had from this shell line."""
    return next(framework for framework in FRAMEWORKS if framework.understands(command))


def framework_of(request: Request) -> Framework:
    """The framework that carries out a request."""
    return REPORTED if request.report else framework_for(request.command)
