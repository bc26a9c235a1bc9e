"""One box of bubblewrap: runs commands and leaves none of their processes behind."""

import contextlib
import json
import os
import select
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from sandbox import process, seccomp
from sandbox.arguments import refused
from sandbox.base import KIB, MIB, Closing, Completed, SandboxLost, Stdin
from sandbox.confinement import SCRATCH, WORKSPACE, Confinement
from sandbox.toolchains import environment as small_environment

_HOST_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
_STATUS_LIMIT = 64 * KIB
_DEATH_SECONDS = 10.0


class BubblewrapBox(Closing):
    """A folder and the way to run commands on it; ``bubblewrap.py`` makes it."""

    workspace = PurePosixPath(WORKSPACE)
    scratch = PurePosixPath(SCRATCH)

    def __init__(self, confinement: Confinement) -> None:
        self._confinement = confinement
        self._environment = small_environment(confinement.toolchains, SCRATCH)
        self._closed = False

    def run(
        self,
        arguments: Sequence[str],
        *,
        timeout: float,
        stdin: Stdin = b"",
        environment: Mapping[str, str] | None = None,
        output_limit: int = MIB,
    ) -> Completed:
        """Run one command; see the protocol."""
        if self._closed:
            raise SandboxLost("the sandbox was closed")
        variables = {**self._environment, **(environment or {})}
        if (refusal := refused(arguments, variables)) is not None:
            return refusal
        reading, writing = os.pipe()
        try:
            with seccomp.descriptor() as system_calls:
                completed = process.run(
                    self._confinement.words(
                        arguments, variables, status=writing, system_calls=system_calls
                    ),
                    timeout=timeout,
                    stdin=stdin,
                    environment=_HOST_ENVIRONMENT,
                    output_limit=output_limit,
                    pass_fds=[file for file in (writing, system_calls) if file is not None],
                )
        except process.ProcessFailed as error:
            raise SandboxLost(str(error)) from error
        finally:
            os.close(writing)
            status = _Status.read(_rest(reading))
            _await_death(status.first_process)
        if not (completed.timed_out or status.ended):
            said = completed.stderr.data.decode(errors="replace").strip()
            raise SandboxLost(f"bubblewrap did not start a command: {said}")
        return completed

    def close(self) -> None:
        """Remove the box's files; see the protocol."""
        if not self._closed:
            self._closed = True
            self._confinement.folder.remove()


@dataclass(frozen=True, slots=True)
class _Status:
    """What bubblewrap said of a command: the box's first process, and whether the command ended.

    Only bubblewrap holds the pipe it is said on, so a command cannot forge it.
    """

    first_process: int | None = None
    ended: bool = False

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Join the documents, one a line."""
        document = {}
        for line in data.splitlines():
            with contextlib.suppress(ValueError):
                document.update(json.loads(line))
        return cls(document.get("child-pid"), "exit-code" in document)


def _rest(pipe: int) -> bytes:
    """What a pipe holds; closes it. A process that still holds its other end is not waited for."""
    os.set_blocking(pipe, False)
    try:
        return os.read(pipe, _STATUS_LIMIT)
    except BlockingIOError:
        return b""
    finally:
        os.close(pipe)


def _await_death(first_process: int | None) -> None:
    """End the box's first process, and return when it has: it does so after all the others have.

    ``--die-with-parent`` alone is not enough: bubblewrap asks for that signal only after it has
    left our process group, and when its parent is killed between the two it lives on.
    """
    if first_process is None or not _is_bubblewrap(first_process):
        return
    try:
        descriptor = os.pidfd_open(first_process)
    except ProcessLookupError:
        return
    try:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        if not select.select([descriptor], [], [], _DEATH_SECONDS)[0]:
            raise SandboxLost("the processes of a command could not be killed")
    finally:
        os.close(descriptor)


def _is_bubblewrap(pid: int) -> bool:
    """False when the number has become another process's."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() == "bwrap"
    except OSError:
        return False
