"""Change one file of the repository: replace an exact text, insert, create or delete."""

from difflib import SequenceMatcher
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import Field

from tools.actions.base import Action, Arguments, Bench
from tools.workspace import FileTooLarge

_NEAREST_LINES = 12


class EditArguments(Arguments):
    """Which fields count depends on ``operation``; see ``prompts/tools/edit.md.j2``."""

    operation: Literal["replace", "insert", "create", "delete"]
    path: str
    old: str = ""
    new: str = ""
    line: int = Field(default=0, ge=0)


def _perform(bench: Bench, arguments: EditArguments) -> dict[str, Any]:
    shown = {"operation": arguments.operation, "path": arguments.path, "problem": ""}
    path = PurePosixPath(arguments.path)
    if _outside(bench, path):
        return shown | {"problem": "outside"}
    if arguments.operation == "create":
        bench.workspace.put(path, _encode(arguments.new))
        return shown
    try:
        data = bench.workspace.get(path)
    except FileTooLarge:
        return shown | {"problem": "too large"}
    if data is None:
        return shown | {"problem": "missing"}
    if arguments.operation == "delete":
        bench.workspace.run(["rm", "--", str(bench.workspace.root / path)], timeout=30.0)
        return shown
    text = data.decode(errors="surrogateescape")
    changed = _insert(text, arguments) if arguments.operation == "insert" else None
    if arguments.operation == "replace":
        problem = _problem(text, arguments)
        if problem:
            return shown | problem
        changed = text.replace(arguments.old, arguments.new)
    if changed is None:
        return shown | {"problem": "no such line", "total": len(text.splitlines())}
    bench.workspace.put(path, _encode(changed))
    return shown


def _outside(bench: Bench, path: PurePosixPath) -> bool:
    full = bench.workspace.root / path
    return ".." in path.parts or not full.is_relative_to(bench.workspace.root)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogateescape")


def _insert(text: str, arguments: EditArguments) -> str | None:
    lines = text.splitlines(keepends=True)
    if arguments.line > len(lines):
        return None
    before, after = lines[: arguments.line], lines[arguments.line :]
    if before and not before[-1].endswith("\n"):
        before[-1] += "\n"
    new = arguments.new if arguments.new.endswith("\n") else arguments.new + "\n"
    return "".join([*before, new, *after])


def _problem(text: str, arguments: EditArguments) -> dict[str, Any]:
    """Why the replacement cannot be made, or nothing when it can."""
    if not arguments.old:
        return {"problem": "old is empty"}
    if arguments.old == arguments.new:
        return {"problem": "no change"}
    count = text.count(arguments.old)
    if count == 1:
        return {}
    if count > 1:
        return {"problem": "ambiguous", "count": count}
    return {"problem": "no match", "nearest": nearest(text, arguments.old)}


def nearest(text: str, wanted: str) -> list[tuple[int, str]]:
    """The numbered lines of ``text`` that are most like ``wanted``, as many as it has."""
    lines = text.splitlines()
    size = max(1, min(len(wanted.splitlines()), _NEAREST_LINES, len(lines)))
    wanted_lines = [line.strip() for line in wanted.splitlines()[:size]]
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2("\n".join(wanted_lines))
    best, best_start = -1.0, 0
    for start in range(max(1, len(lines) - size + 1)):
        matcher.set_seq1("\n".join(line.strip() for line in lines[start : start + size]))
        if matcher.real_quick_ratio() <= best or matcher.quick_ratio() <= best:
            continue
        ratio = matcher.ratio()
        if ratio > best:
            best, best_start = ratio, start
    return [(best_start + i + 1, line) for i, line in enumerate(lines[best_start:][:size])]


EDIT = Action("edit", EditArguments, _perform)
