"""Python's unittest, by its own command line.

A test's name is its id, ``tests.test_half.HalfTest.test_odd``, which ``python -m unittest`` takes
as it is; a class or a module that could not be made ready is a case of its own.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Outputs, Request, Suite
from tools.checks.events import EVENTS, gather
from tools.checks.finding import Repository
from tools.checks.python_hook import keep_on_path, listen, start_file
from tools.checks.shell_line import Words, any_command, is_python, runs_module

_TEST_FILES = ("test*.py", "*_test.py", "*_tests.py")
_MENTIONING = (
    *("requirements*.txt", "*requirements.txt", "setup.py", "setup.cfg", "pyproject.toml"),
    *("tox.ini", "noxfile.py", "Pipfile", "environment.yml", "Makefile", ".travis.yml"),
    ".github/workflows/*",
)
_FILES_READ = 40
_IMPORTS = re.compile(r"^\s*(?:import|from) unittest\b", re.MULTILINE)
_PYTEST = re.compile(r"\bpy\.?test\b")


class _Unittest:
    """The framework."""

    name = "unittest"

    def find(self, repository: Repository) -> Suite | None:
        """``python3 -m unittest`` where test files import it and nothing speaks of pytest."""
        files = repository.named(*_TEST_FILES)
        own = [path for path in files[:_FILES_READ] if _IMPORTS.search(repository.text(path))]
        mentioning = [*files, *repository.named(*_MENTIONING)][: 2 * _FILES_READ]
        if not own or any(_PYTEST.search(repository.text(path)) for path in mentioning):
            return None
        # Beside a manage.py, the cases are more likely than not of the kind that Django runs.
        certain = not repository.named("manage.py")
        return Suite(self.name, _command(files, repository), "Python", own[0], certain=certain)

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is ``python -m unittest`` or ``setup.py test``."""
        return any_command(command, _runs_unittest)

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command as it is; the reporter leaves the tests that were asked for."""
        return listen(
            request, folder, command=keep_on_path(request.command, folder), files=start_file()
        )

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases and lines; a test that began and never ended has failed."""
        return gather("\n".join(outputs.named(EVENTS)))


UNITTEST = _Unittest()


def _runs_unittest(words: Words) -> bool:
    by_setup = is_python(words[0]) and "setup.py" in words and "test" in words
    return by_setup or runs_module(words, "unittest")


def _command(files: Sequence[str], repository: Repository) -> str:
    """Discovery from the folder that holds the tests; from the root if it is a package there."""
    top, _ = Counter(_top(path) for path in files).most_common(1)[0]
    inside = [posixpath.basename(path) for path in files if _top(path) == top]
    words = ["python3", "-m", "unittest", "discover"]
    if top:
        words += ["-s", top]
    if f"{top}/__init__.py" in repository:
        words += ["-t", "."]
    if not any(name.startswith("test") for name in inside):
        plural = any(name.endswith("_tests.py") for name in inside)
        words += ["-p", "'*_tests.py'" if plural else "'*_test.py'"]
    return " ".join(words)


def _top(path: str) -> str:
    return path.split("/", 1)[0] if "/" in path else ""
