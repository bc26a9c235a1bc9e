"""No sandbox at all: bare processes of the host in a temporary folder, under the same contract.

It contains nothing: for fixtures and for people who know what they run. Who may ask for it is
decided elsewhere.
"""

import contextlib
import os
import secrets
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from sandbox import process
from sandbox.arguments import failed_to_start, refused
from sandbox.base import MIB, Closing, Completed, Limits, Sandbox, SandboxLost, Stdin
from sandbox.folder import Folder, remove_leftovers
from sandbox.toolchains import environment as small_environment
from sandbox.toolchains import running_python

_MARK = "PATCHWRIGHT_BOX"
_DEATH_SECONDS = 10.0


class HostProvider:
    """Starts boxes that are nothing but a folder."""

    name = "none"
    bounds = "contains nothing: commands run on the host as you, with your files and network"

    def __init__(self, toolchains: Sequence[Path] | None = None) -> None:
        self._toolchains = running_python() if toolchains is None else tuple(toolchains)

    def check(self) -> None:
        """Return: a folder can always be made; see the protocol."""

    def remove_leftovers(self) -> int:
        """Remove the folders of dead owners; see the protocol."""
        return remove_leftovers()

    def start(self, limits: Limits, *, run: str) -> Sandbox:  # noqa: ARG002 - nothing is bounded
        """Start one box; see the protocol."""
        return HostBox(Folder(), self._toolchains)


class HostBox(Closing):
    """A folder, and bare processes that start in it."""

    def __init__(self, folder: Folder, toolchains: Sequence[Path]) -> None:
        self._folder = folder
        self._token = secrets.token_hex(16)
        self._environment = {
            **small_environment(toolchains, str(folder.scratch)),
            _MARK: self._token,
        }
        self._closed = False

    @property
    def workspace(self) -> PurePosixPath:
        """The folder for the repository; see the protocol."""
        return PurePosixPath(self._folder.workspace)

    @property
    def scratch(self) -> PurePosixPath:
        """A writable folder outside the workspace; see the protocol."""
        return PurePosixPath(self._folder.scratch)

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
        if self._closed or not self._folder.workspace.is_dir():
            raise SandboxLost("the sandbox was closed, or its folder was removed")
        variables = {**self._environment, **(environment or {})}
        if (refusal := refused(arguments, variables)) is not None:
            return refusal
        try:
            return process.run(
                arguments,
                timeout=timeout,
                stdin=stdin,
                environment=variables,
                cwd=self._folder.workspace,
                output_limit=output_limit,
            )
        except process.ProcessFailed as error:
            return failed_to_start(str(error), error.exit_code)
        finally:
            self._end_strays()

    def close(self) -> None:
        """End every process and remove the folder; see the protocol."""
        if not self._closed:
            self._closed = True
            self._end_strays()
            self._folder.remove()

    def _end_strays(self) -> None:
        """Kill what left the command's group; the mark in its environment gives it away."""
        mark = f"{_MARK}={self._token}".encode()
        deadline = time.monotonic() + _DEATH_SECONDS
        while strays := list(_marked(mark)):
            if time.monotonic() > deadline:
                raise SandboxLost("the processes of a command could not be killed")
            for pid in strays:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)


def _marked(mark: bytes) -> Iterator[int]:
    """Every process that was started with this mark and has not ended."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            # What is not ours to read, or has just ended, is not ours to kill.
            with contextlib.suppress(OSError):
                if mark in Path(entry.path, "environ").read_bytes().split(b"\0"):
                    yield int(entry.name)
