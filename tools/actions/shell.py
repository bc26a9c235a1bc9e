"""Run a shell command in the repository's root, inside the sandbox."""

from typing import Any

from pydantic import Field

from sandbox.base import Output
from tools.actions.base import Action, Arguments, Bench, excerpt

_SHOWN_CHARACTERS = 12_000


class ShellArguments(Arguments):
    """``timeout`` is in seconds."""

    command: str
    timeout: float = Field(default=60.0, gt=0, le=1800)


def _perform(bench: Bench, arguments: ShellArguments) -> dict[str, Any]:
    result = bench.workspace.shell(arguments.command, timeout=arguments.timeout)
    return {
        "exit_code": result.exit_code,
        "timed_out": result.timed_out,
        "timeout": arguments.timeout,
        "out_of_memory": result.out_of_memory,
        "output": excerpt(_text(result.stdout), _SHOWN_CHARACTERS),
    }


def _text(output: Output) -> str:
    head, tail = (part.decode(errors="replace") for part in (output.head, output.tail))
    gap = f"\n({output.omitted} bytes were dropped here)\n" if output.omitted else ""
    return head + gap + tail


SHELL = Action("shell", ShellArguments, _perform)
