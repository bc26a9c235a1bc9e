"""Our own reporter for Python's test runners, and how it gets on Python's path."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import PurePosixPath

from tools.checks.base import Invocation, Request
from tools.checks.hooks import prepend, settings

_SETS_PYTHONPATH = re.compile(r"(?<![\w$/-])PYTHONPATH=(?=(\S?))")


def listen(
    request: Request,
    folder: PurePosixPath,
    *,
    command: str,
    setup: Sequence[str] = (),
    files: Mapping[str, str],
) -> Invocation:
    """The command, with the reporter and these files on Python's path."""
    return Invocation(
        command=command,
        setup=[prepend("PYTHONPATH", str(folder / "python")), *setup],
        # A file edited within the second keeps its time and often its size: Python would take
        # the bytecode of the old one for the new one's.
        environment={"PYTHONDONTWRITEBYTECODE": "1"},
        files=_reporter() | dict(files) | settings(request, folder),
    )


def start_file() -> dict[str, str]:
    """The file by which every Python that starts is followed.

    It looks for runners other than pytest, and tells its lines where a test has started it.
    """
    return {"python/sitecustomize.py": _reporter()["python/patchwright_report/sitecustomize.py"]}


def keep_on_path(command: str, folder: PurePosixPath) -> str:
    """The command, with the reporter before what it sets ``PYTHONPATH`` to itself."""

    def extend(match: re.Match[str]) -> str:
        separator = "" if match[1] in ("", ";", "&", "|", ")") else ":"
        return f"PYTHONPATH={folder}/python{separator}"

    return _SETS_PYTHONPATH.sub(extend, command)


@cache
def _reporter() -> dict[str, str]:
    package = resources.files("tools.checks").joinpath("patchwright_report")
    return {
        f"python/patchwright_report/{file.name}": file.read_text(encoding="utf-8")
        for file in package.iterdir()
        if file.name.endswith(".py")
    }
