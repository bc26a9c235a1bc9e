"""Helper files that are laid into the box, and how several frameworks' invocations are joined."""

import json
import shlex
from collections.abc import Iterable
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from tools.checks.base import Invocation, Request
from tools.checks.events import EVENTS

REPORTS = "reports"
"""The folder, within the run's own, that every report goes to where a framework lets us choose."""


def settings(request: Request, folder: PurePosixPath) -> dict[str, str]:
    """The file that tells our own reporters what is asked of this run."""
    values = {
        "report": str(folder / REPORTS / EVENTS),
        "tests": list(request.tests),
        "coverage": request.coverage,
        "stop_early": request.stop_early,
        "seconds": request.seconds_per_test,
    }
    return {"settings.json": json.dumps(values)}


@cache
def helper_files(*names: str) -> dict[str, str]:
    """The text of files and folders of ``tools/checks/hooks``, by their name."""
    found: dict[str, str] = {}
    for name in names:
        found |= _texts(resources.files("tools.checks").joinpath("hooks", name), name)
    return found


def export(name: str, value: str) -> str:
    """A shell line that sets an environment variable."""
    return f"export {name}={shlex.quote(value)}"


def prepend(name: str, value: str, separator: str = ":") -> str:
    """A shell line that puts something before what an environment variable holds."""
    return f'export {name}={shlex.quote(value)}"${{{name}:+{separator}${name}}}"'


def joined(command: str, invocations: Iterable[Invocation]) -> Invocation:
    """One invocation of a command that may lead to any of several frameworks."""
    parts = list(invocations)
    return Invocation(
        command=command,
        setup=tuple(dict.fromkeys(line for part in parts for line in part.setup)),
        environment={k: v for part in parts for k, v in part.environment.items()},
        files={k: v for part in parts for k, v in part.files.items()},
        reports=tuple(report for part in parts for report in part.reports),
    )


def _texts(file: Traversable, name: str) -> dict[str, str]:
    if file.is_file():
        return {name: file.read_text(encoding="utf-8")}
    found: dict[str, str] = {}
    for inner in file.iterdir():
        if not inner.name.startswith(("__pycache__", ".")):
            found |= _texts(inner, f"{name}/{inner.name}")
    return found
