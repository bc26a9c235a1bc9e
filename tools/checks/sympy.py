"""SymPy's runner, ``bin/test``.

A test's name is that of its file and its function, ``sympy/core/tests/test_basic.py::test_xor``,
which the runner takes too, as all functions of the file that have the second in their names.
Newer ones hand over to pytest, whose names are the same.
"""

from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Outputs, Request, Suite
from tools.checks.events import EVENTS, gather
from tools.checks.finding import Repository
from tools.checks.hooks import joined
from tools.checks.pytest import PYTEST
from tools.checks.python_hook import keep_on_path, listen, start_file
from tools.checks.shell_line import Words, any_command, is_python

_SCRIPT = "bin/test"
_RUNNERS = ("sympy/testing/runtests.py", "sympy/utilities/runtests.py")


class _SymPy:
    """The framework."""

    name = "SymPy"

    def find(self, repository: Repository) -> Suite | None:
        """``bin/test``, without its cache, where that is SymPy's own."""
        for runner in _RUNNERS:
            if _SCRIPT in repository and runner in repository:
                return Suite(self.name, f"python3 {_SCRIPT} -C", "Python", runner)
        return None

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is the script, called through Python.

        Other projects have a ``bin/test`` too; most of them are shell scripts.
        """
        return any_command(command, _runs_sympy)

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command as it is; the reporter leaves the tests that were asked for."""
        command = keep_on_path(request.command, folder)
        own = listen(request, folder, command=command, files=start_file())
        return joined(command, [own, PYTEST.invoke(request, folder)])

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases and lines; a test that began and never ended has failed."""
        return gather("\n".join(outputs.named(EVENTS)))


SYMPY = _SymPy()


def _runs_sympy(words: Words) -> bool:
    return is_python(words[0]) and any(
        word == _SCRIPT or word.endswith("/" + _SCRIPT) for word in words
    )
