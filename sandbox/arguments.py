"""Commands that no operating system would start, answered alike by every kind of sandbox."""

from collections.abc import Mapping, Sequence

from sandbox.base import KIB, MIB, Completed, Output

_ARGUMENT_LIMIT = 128 * KIB - 1  # Linux's MAX_ARG_STRLEN, less the closing NUL
_TOTAL_LIMIT = MIB  # half of what Linux allows with its usual 8 MiB stack

NOT_FOUND = 127
NOT_EXECUTABLE = 126


def refused(arguments: Sequence[str], environment: Mapping[str, str]) -> Completed | None:
    """How the command ends when it cannot even be started, None when it may be tried.

    Asked before anything is sent: one argument that is too long wedges an old Docker engine.
    """
    complaint = _complaint(arguments, environment)
    return None if complaint is None else failed_to_start(complaint, NOT_EXECUTABLE)


def failed_to_start(complaint: str, exit_code: int) -> Completed:
    """A command that never ran, as a shell would report it."""
    stderr = Output(f"{complaint}\n".encode(errors="surrogateescape"))
    return Completed(exit_code=exit_code, stdout=Output(b""), stderr=stderr, seconds=0.0)


def _complaint(arguments: Sequence[str], environment: Mapping[str, str]) -> str | None:
    if not arguments or not arguments[0]:
        return "no command was given"
    if any(not name or "=" in name for name in environment):
        return "an environment variable has no usable name"
    words = [*arguments, *(f"{name}={value}" for name, value in environment.items())]
    if any("\0" in word for word in words):
        return "an argument holds a NUL character, which no command can receive"
    try:
        sizes = [len(word.encode(errors="surrogateescape")) for word in words]
    except UnicodeEncodeError:
        return "an argument holds a lone surrogate, which no command can receive"
    if max(sizes) > _ARGUMENT_LIMIT:
        return "an argument is longer than 128 KiB: send it through standard input"
    if sum(sizes) > _TOTAL_LIMIT:
        return "the arguments are longer than 1 MiB: send them through standard input"
    return None
