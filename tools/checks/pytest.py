"""pytest, spoken of through the plugin of :mod:`tools.checks.patchwright_report`.

The plugin chooses the tests, not the command line: so it works alike for a plain ``pytest``, for
one in a script or a Makefile, and for more names than a command line can hold.
"""

import json
import posixpath
import re
import shlex
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from importlib import resources
from itertools import pairwise
from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Request
from tools.checks.events import gather
from tools.checks.shell_line import RUNNERS, program, simple_commands

COMMAND = "python3 -m pytest"
PLUGIN = "patchwright_report"
REPORT = "report.jsonl"

_NAMES = ("pytest", "py.test")
_FILES = ("pytest.ini", ".pytest.ini", "conftest.py", "test_*.py", "*_test.py")
_SECTIONS = {
    "pyproject.toml": re.compile(r"^\s*\[tool\.pytest(\.ini_options)?\]", re.MULTILINE),
    "setup.cfg": re.compile(r"^\[tool:pytest\]", re.MULTILINE),
    "tox.ini": re.compile(r"^\[pytest\]", re.MULTILINE),
}
_SETS_PYTHONPATH = re.compile(r"(?<![\w$/-])PYTHONPATH=(?=(\S?))")
_NO_AUTOLOAD = re.compile("disable.plugin.autoload", re.IGNORECASE)

# An entry point is how pytest finds a plugin that no command line names. The record keeps older
# versions, which look through a distribution's files, from failing over a missing list of them.
_DISTRIBUTION = {
    "METADATA": f"Metadata-Version: 2.1\nName: {PLUGIN}\nVersion: 1\n",
    "RECORD": f"{PLUGIN}-1.dist-info/RECORD,,\n",
    "entry_points.txt": f"[pytest11]\n{PLUGIN} = {PLUGIN}\n",
}


class _Pytest:
    """The framework."""

    name = "pytest"

    def find(self, paths: Sequence[str], read: Callable[[str], str]) -> str | None:
        """``python3 -m pytest`` where a file or a section of one shows that pytest is at home."""
        known = set(paths)
        configured = any(
            file in known and section.search(read(file)) for file, section in _SECTIONS.items()
        )
        return COMMAND if configured or any(_is_pytest_file(path) for path in paths) else None

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is pytest, by itself or through ``python -m``."""
        return any(_runs_pytest(words) for words in simple_commands(command))

    def invoke(self, request: Request, scratch: PurePosixPath) -> Invocation:
        """The command as it is, with the plugin on Python's path and its settings beside it."""
        report = scratch / REPORT
        return Invocation(
            command=_exports(request.command, scratch) + _on_path(request.command, scratch),
            # A file edited within the second keeps its time and often its size: Python would
            # take the bytecode of the old one for the new one's.
            environment={"PYTHONDONTWRITEBYTECODE": "1"},
            files=_plugin_files() | {"settings.json": _settings(request, report)},
            report=report,
        )

    def parse(self, report: str) -> tuple[list[Case], list[CoveredLine]]:
        """Cases and lines; a test that began and never ended has failed."""
        return gather(report)


PYTEST = _Pytest()


def _is_pytest_file(path: str) -> bool:
    return any(fnmatchcase(posixpath.basename(path), pattern) for pattern in _FILES)


def _runs_pytest(words: Sequence[str]) -> bool:
    first = program(words[0])
    if first in _NAMES:
        return True
    if not (first.startswith(("python", "pypy")) or first in RUNNERS):
        return False
    by_module = any(pair[0] == "-m" and pair[1] in _NAMES for pair in pairwise(words))
    return by_module or (first in RUNNERS and any(program(word) in _NAMES for word in words[1:]))


def _exports(command: str, scratch: PurePosixPath) -> str:
    lines = [
        'export PATCHWRIGHT_WORKSPACE="$PWD"',
        f'export PYTHONPATH={shlex.quote(str(scratch))}"${{PYTHONPATH:+:$PYTHONPATH}}"',
    ]
    named = f'export PYTEST_ADDOPTS="-p {PLUGIN} ${{PYTEST_ADDOPTS:-}}"'
    if _NO_AUTOLOAD.search(command):
        lines.append(named)
    else:
        lines.append(f'[ -z "${{PYTEST_DISABLE_PLUGIN_AUTOLOAD:-}}" ] || {named}')
    return "\n".join([*lines, ""])


def _on_path(command: str, scratch: PurePosixPath) -> str:
    """The command, with the plugin's folder before what it sets ``PYTHONPATH`` to itself."""

    def extend(match: re.Match[str]) -> str:
        separator = "" if match[1] in ("", ";", "&", "|", ")") else ":"
        return f"PYTHONPATH={scratch}{separator}"

    return _SETS_PYTHONPATH.sub(extend, command)


def _plugin_files() -> dict[str, str]:
    folder = resources.files("tools.checks").joinpath(PLUGIN)
    files = {f"{PLUGIN}-1.dist-info/{name}": text for name, text in _DISTRIBUTION.items()}
    for file in folder.iterdir():
        if file.name.endswith(".py"):
            files[f"{PLUGIN}/{file.name}"] = file.read_text(encoding="utf-8")
    return files


def _settings(request: Request, report: PurePosixPath) -> str:
    return json.dumps(
        {
            "report": str(report),
            "tests": list(request.tests),
            "coverage": request.coverage,
            "stop_early": request.stop_early,
            "seconds": request.seconds_per_test,
        }
    )
