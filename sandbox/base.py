"""What a sandbox promises, whichever way it is built.

A *failing command is a value*: :class:`Completed` with its exit code, also when it was killed at
its deadline. A *failing provider is an exception*, never a command's output:

.. code-block:: text

    SandboxError
    ├── SandboxUnavailable   cannot be used here; the message says what to install or start
    └── SandboxLost          it was there and is gone; what became of the command is unknown

What every kind keeps, and ``tests/contracts/test_sandbox.py`` asks of each:

Commands
    One command is one program with arguments, without a shell, started in the workspace. Its exit
    code comes from the provider and never from text, so no output can forge one: 127 when the
    program is not there, 126 when it cannot be executed or its arguments cannot be passed, and
    128 + n for death by signal n, which is not a timeout. Nothing that a command does to its shell,
    its folder or its environment reaches the next one; files do.
Ends
    Every command is a process tree of its own. When its first process has ended, or its deadline
    has come, whatever the tree has left running is killed before ``run`` returns: children in the
    background, in sessions of their own, deaf to polite signals, or multiplying. A deadline is kept
    within seconds, also while output flows, and ``timed_out`` says so. A command cannot end the
    box; when the box ends all the same, that is :class:`SandboxLost`, at once, and nothing runs in
    it after.
Streams
    Output is bytes, standard error apart, and kept from both ends within ``output_limit``, in
    memory that does not grow with it; how much was dropped is said. Standard input is empty unless
    given; a command need not read it.
Environment
    Small, the same everywhere, and without anything of the host's.
Containing kinds, besides
    Commands are an ordinary user without capabilities who gains none. No file, process, socket or
    network of the host can be reached; the box's own loopback works. Processes, memory, files and
    output are bounded as far as ``bounds`` says. Before the first command each of these walls has
    been tried from inside (:mod:`sandbox.probe`); a box that lacks one is not given out, and never
    is a weaker kind given instead of the one asked for.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import TracebackType
from typing import Protocol, Self

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

MADE = "/opt/patchwright/made"
"""Folder of an image with what its set-up made inside the tree; it belongs into every workspace."""

Stdin = bytes | Iterable[bytes]


class SandboxError(Exception):
    """The provider of the sandbox failed; no command's failure is ever reported this way."""


class SandboxUnavailable(SandboxError):
    """The kind of sandbox cannot be used here; the message says what to install or start."""


class SandboxLost(SandboxError):
    """The sandbox died or its daemon went away; the result of the command is unknown."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one sandbox may use. A provider that cannot bound one of these says so in ``bounds``."""

    memory_bytes: int = 2 * GIB
    cpus: float = 2.0
    processes: int = 256
    workspace_bytes: int = GIB
    scratch_bytes: int = 256 * MIB
    file_bytes: int = 512 * MIB
    lifetime_seconds: int = 6 * 60 * 60


@dataclass(frozen=True, slots=True)
class Output:
    """One captured stream: its beginning, its end, and how many bytes between them were dropped."""

    head: bytes
    tail: bytes = b""
    omitted: int = 0

    @property
    def data(self) -> bytes:
        """Everything that was kept; the whole stream when ``omitted`` is zero."""
        return self.head + self.tail


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command ended. ``exit_code`` is the provider's word, 128 + n for death by signal n."""

    exit_code: int
    stdout: Output
    stderr: Output
    seconds: float
    timed_out: bool = False
    out_of_memory: bool = False
    """The box's memory was full, and something of the command was killed for it; told where the
    box's memory is bounded as a whole."""


class Closing(ABC):
    """Something that is closed at the end of its ``with`` block."""

    @abstractmethod
    def close(self) -> None:
        """Let go of all that it holds. Closing twice is harmless."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Sandbox(Protocol):
    """One box: a file tree and processes that can reach nothing outside it."""

    @property
    def workspace(self) -> PurePosixPath:
        """Absolute path, inside the box, of the folder for the repository; commands start there."""
        ...

    @property
    def scratch(self) -> PurePosixPath:
        """Absolute path, inside the box, of a writable folder outside the workspace."""
        ...

    def run(
        self,
        arguments: Sequence[str],
        *,
        timeout: float,
        stdin: Stdin = b"",
        environment: Mapping[str, str] | None = None,
        output_limit: int = MIB,
    ) -> Completed:
        """Run one command to its end or its deadline, and leave none of its processes behind.

        Args:
            arguments: The program and its arguments; no shell is involved. Keep each below
                128 KiB (Linux's MAX_ARG_STRLEN) and send anything longer through ``stdin``.
            timeout: Seconds until the whole process tree is killed.
            stdin: Bytes, or chunks of bytes, for the command's standard input.
            environment: Added to the box's own small environment; the host's never enters.
            output_limit: Bytes kept of each stream, half from its head and half from its tail.

        Raises:
            SandboxLost: The box or its provider failed while the command ran.
        """
        ...

    def close(self) -> None:
        """End every process and remove every file of the box. Closing twice is harmless."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class Provider(Protocol):
    """Makes boxes of one kind."""

    @property
    def name(self) -> str:
        """The word for ``--sandbox``, one of ``sandbox.choose.NAMES``."""
        ...

    @property
    def bounds(self) -> str:
        """One line for people and reports: what this kind contains, and what it cannot bound."""
        ...

    def check(self) -> None:
        """Return when a box could be started now.

        Raises:
            SandboxUnavailable: It could not; the message says why and what to do.
        """
        ...

    def remove_leftovers(self) -> int:
        """Remove what this machine's processes have left that died without closing their boxes.

        Boxes of this kind with all that runs in them, and folders for temporary files. What is in
        use, by whatever process, is left alone. Returns how many boxes and folders were removed.

        Raises:
            SandboxUnavailable: This kind cannot be used here.
        """
        ...

    def start(self, limits: Limits, *, run: str) -> Sandbox:
        """Start one box; ``run`` labels it, so that a left-over can be traced to its run.

        Raises:
            SandboxUnavailable: This kind cannot be used here.
            SandboxLost: It could be used, but this box did not come up.
        """
        ...
