"""Read lines of a file of the repository."""

from pathlib import PurePosixPath
from typing import Any

from pydantic import Field

from tools.actions.base import Action, Arguments, Bench
from tools.workspace import FileTooLarge

_SHOWN_LINES = 500
_LINE_CHARACTERS = 1_000


class ReadArguments(Arguments):
    """Lines are counted from 1; ``last`` is included."""

    path: str
    first: int = Field(default=1, ge=1)
    last: int | None = Field(default=None, ge=1)


def _perform(bench: Bench, arguments: ReadArguments) -> dict[str, Any]:
    shown: dict[str, Any] = {"path": arguments.path, "problem": "", "first": arguments.first}
    try:
        data = bench.workspace.get(PurePosixPath(arguments.path))
    except FileTooLarge:
        return shown | {"problem": "too large"}
    if data is None:
        return shown | {"problem": "missing"}
    if b"\0" in data[:8192]:
        return shown | {"problem": "binary"}
    lines = data.decode(errors="replace").split("\n")
    if lines[-1] == "":
        lines.pop()
    last = min(arguments.last or len(lines), arguments.first + _SHOWN_LINES - 1, len(lines))
    return shown | {
        "last": last,
        "total": len(lines),
        "lines": [line[:_LINE_CHARACTERS] for line in lines[arguments.first - 1 : last]],
    }


READ = Action("read", ReadArguments, _perform)
