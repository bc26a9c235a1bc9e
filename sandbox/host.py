"""No sandbox at all: bare processes of the host in a temporary folder, under the same contract.

It contains nothing: for fixtures and for people who know what they run. Who may ask for it is
decided elsewhere.
"""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from sandbox import process, strays
from sandbox.arguments import failed_to_start, refused
from sandbox.base import MIB, Closing, Completed, Limits, Sandbox, SandboxLost, Stdin
from sandbox.folder import MARK, Folder, remove_leftovers
from sandbox.toolchains import environment as small_environment
from sandbox.toolchains import running_python


class HostProvider:
    """Starts boxes that are nothing but a folder."""

    name = "none"
    bounds = "contains nothing: commands run on the host as you, with your files and network"

    def __init__(self, toolchains: Sequence[Path] | None = None) -> None:
        self._toolchains = running_python() if toolchains is None else tuple(toolchains)

    def check(self) -> None:
        """Return: a folder can always be made; see the protocol."""

    def remove_leftovers(self) -> int:
        """Remove what dead owners have left; see the protocol."""
        return remove_leftovers()

    def start(self, limits: Limits, *, run: str) -> Sandbox:  # noqa: ARG002 - nothing is bounded
        """Start one box; see the protocol."""
        return HostBox(Folder(), self._toolchains)


class HostBox(Closing):
    """A folder, and bare processes that start in it."""

    def __init__(self, folder: Folder, toolchains: Sequence[Path]) -> None:
        self._folder = folder
        self._token = secrets.token_hex(16)
        # Should we be killed, the next run ends by it what commands have left running.
        folder.write(MARK, self._token)
        self._environment = {
            **small_environment(toolchains, str(folder.scratch)),
            strays.MARK: self._token,
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
            strays.end(self._token)

    def close(self) -> None:
        """End every process and remove the folder; see the protocol."""
        if not self._closed:
            self._closed = True
            strays.end(self._token)
            self._folder.remove()
