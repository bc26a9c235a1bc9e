"""What a development container's description says: https://containers.dev/implementors/json_reference/.

Of its many properties those count that say what tests need: the image or how it is built, and what
is run once it is made. Variables of the user's own machine stand empty, or for their default.
"""

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from tools.checks.finding import Repository

PATHS = (".devcontainer/devcontainer.json", ".devcontainer.json")
WORKSPACE = "/workspace"

_COMMANDS = ("onCreateCommand", "updateContentCommand", "postCreateCommand")
_TEXT_OR_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_LAST_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')
_LOCAL = re.compile(r"\$\{localEnv:[^}:]*(?::([^}]*))?\}")
_FOLDER = re.compile(r"\$\{(?:container|local)WorkspaceFolder\}")


def description(repository: Repository) -> tuple[str, dict[str, Any]]:
    """Its path and its properties; both empty where a repository has none that makes sense."""
    for path in PATHS:
        try:
            value = json.loads(_plain_json(repository.text(path)) or "null")
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return path, value
    return "", {}


def commands(properties: Mapping[str, Any]) -> tuple[str, ...]:
    """Shell lines that are run once the container is made, in their order."""
    lines: list[str] = []
    for name in _COMMANDS:
        value = properties.get(name)
        several = list(value.values()) if isinstance(value, dict) else [value]
        lines += [line for one in several if (line := _line(one))]
    return tuple(lines)


def resolved(text: str) -> str:
    """A value with the variables that it may hold, none of which is told of this machine."""
    return _FOLDER.sub(WORKSPACE, _LOCAL.sub(lambda match: match[1] or "", text))


def _line(value: object) -> str:
    if isinstance(value, list):
        value = shlex.join(map(str, value))
    return resolved(value) if isinstance(value, str) else ""


def _plain_json(text: str) -> str:
    """JSON with comments and last commas, without them."""
    without = _TEXT_OR_COMMENT.sub(lambda match: match[1] or "", text)
    return _LAST_COMMA.sub(lambda match: match[1] or "", without)
