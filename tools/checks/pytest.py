"""pytest, spoken of through the plugin of :mod:`tools.checks.patchwright_report`.

The plugin chooses the tests, not the command line: so it works alike for a plain ``pytest``, for
one in a script or a Makefile, and for more names than a command line can hold.
"""

import re
from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Outputs, Request, Suite
from tools.checks.events import EVENTS, gather
from tools.checks.finding import Repository
from tools.checks.python_hook import keep_on_path, listen, start_file
from tools.checks.shell_line import Words, any_command, runs_module, runs_program

COMMAND = "python3 -m pytest"

_PLUGIN = "patchwright_report.plugin"
_NAMES = ("pytest", "py.test")
_SECTIONS = {
    "pyproject.toml": re.compile(r"^\s*\[tool\.pytest(\.ini_options)?\]", re.MULTILINE),
    "setup.cfg": re.compile(r"^\[tool:pytest\]", re.MULTILINE),
    "tox.ini": re.compile(r"^\[pytest\]", re.MULTILINE),
}
_NO_AUTOLOAD = re.compile("disable.plugin.autoload", re.IGNORECASE)

# An entry point is how pytest finds a plugin that no command line names. The record keeps older
# versions, which look through a distribution's files, from failing over a missing list of them.
_DISTRIBUTION = {
    f"python/patchwright_report-1.dist-info/{name}": text
    for name, text in (
        ("METADATA", "Metadata-Version: 2.1\nName: patchwright_report\nVersion: 1\n"),
        ("RECORD", "patchwright_report-1.dist-info/RECORD,,\n"),
        ("entry_points.txt", f"[pytest11]\n{_PLUGIN} = {_PLUGIN}\n"),
    )
}


class _Pytest:
    """The framework."""

    name = "pytest"

    def find(self, repository: Repository) -> Suite | None:
        """``python3 -m pytest`` where a file or a section of one shows that pytest is at home."""
        for file, section in _SECTIONS.items():
            if section.search(repository.text(file)):
                return Suite(self.name, COMMAND, "Python", file)
        for files, certain in (
            (repository.named("pytest.ini", ".pytest.ini", "conftest.py"), True),
            (repository.named("test_*.py", "*_test.py"), False),
        ):
            if files:
                return Suite(self.name, COMMAND, "Python", files[0], certain=certain)
        return None

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is pytest, by itself or through ``python -m``."""
        return any_command(command, _runs_pytest)

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command as it is, with the plugin on Python's path and its settings beside it."""
        return listen(
            request,
            folder,
            command=keep_on_path(request.command, folder),
            setup=[_named(request.command)],
            # By the plugin alone, programs that tests start would tell nothing of their lines.
            files=_DISTRIBUTION | (start_file() if request.coverage else {}),
        )

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases and lines; a test that began and never ended has failed."""
        return gather("\n".join(outputs.named(EVENTS)))


PYTEST = _Pytest()


def _runs_pytest(words: Words) -> bool:
    return runs_program(words, *_NAMES) or runs_module(words, *_NAMES)


def _named(command: str) -> str:
    """A shell line that names the plugin to a pytest that looks for no entry points."""
    line = f'export PYTEST_ADDOPTS="-p {_PLUGIN} ${{PYTEST_ADDOPTS:-}}"'
    if _NO_AUTOLOAD.search(command):
        return line
    return f'[ -z "${{PYTEST_DISABLE_PLUGIN_AUTOLOAD:-}}" ] || {line}'
