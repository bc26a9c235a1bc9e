"""One box in a Docker container: runs commands and leaves none of their processes behind."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import PurePosixPath

from sandbox.arguments import refused
from sandbox.attach import Attachment, Frames
from sandbox.base import MIB, Closing, Completed, Limits, SandboxLost, Stdin
from sandbox.census import Census
from sandbox.engine import Engine
from sandbox.streams import Capture, Feed

SCRATCH = "/tmp"  # noqa: S108 - inside the box, where it is private
USER = "1000:1000"
WORKSPACE = "/workspace"

_IDLE = 2  # the init process and its sleep
_REAP_SECONDS = 10.0
_DRAIN_SECONDS = 3.0
_KILL = ("sh", "-c", "kill -9 -1")

# Everything a command does gives way to what ends it: with a box full of busy processes, ours would
# otherwise wait seconds for its turn.
_POLITE = ("nice", "-n", "19", "--")
_HEADROOM = 512
"""Processes that a full box is allowed besides, so that the one that ends them all can start."""


class DockerBox(Closing):
    """A running container; ``docker.py`` starts it."""

    workspace = PurePosixPath(WORKSPACE)
    scratch = PurePosixPath(SCRATCH)

    def __init__(self, engine: Engine, container: str, limits: Limits) -> None:
        self._engine = engine
        self._container = container
        self._processes = limits.processes
        self._closed = False
        try:
            self._census = Census(engine, container)
            self._settle()
        except SandboxLost:
            self.close()
            raise

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
        variables = dict(environment or {})
        refusal = refused(arguments, variables) or refused(words := _words(arguments), variables)
        if refusal is not None:
            return refusal
        try:
            with closing(Feed(stdin)) as feed:
                command = self._engine.prepare(
                    self._container, words, user=USER, stdin=stdin != b"", environment=variables
                )
                return self._attend(command, feed, timeout, output_limit)
        except SandboxLost:
            # What became of the command is unknown, so nothing may run here after it.
            self.close()
            raise

    def close(self) -> None:
        """Remove the container and everything in it; see the protocol."""
        if self._closed:
            return
        self._closed = True
        # An engine that is gone cannot be told; the box then ends by itself, with its lifetime.
        with suppress(SandboxLost):
            self._engine.remove(self._container)
        self._engine.close()

    def _settle(self) -> None:
        """Wait until the box is as it is between commands."""
        deadline = time.monotonic() + _REAP_SECONDS
        while self._census.count() != _IDLE:
            if time.monotonic() > deadline:
                raise SandboxLost("the container did not come up")
            time.sleep(0.005)

    def _attend(self, command: str, feed: Feed, timeout: float, output_limit: int) -> Completed:
        """Start a command and stay to its end."""
        started = time.monotonic()
        stdout, stderr = Capture(output_limit), Capture(output_limit)
        frames = Frames(stdout, stderr)
        killed = self._census.killed_for_memory()
        with self._engine.attach(command, deadline=started + timeout) as attachment:
            try:
                in_time = self._converse(command, attachment, feed, frames, started + timeout)
            finally:
                exit_code, ran = self._reap(command, attachment, frames)
            # With every writer dead, the rest of the output comes at once.
            drained = time.monotonic() + _DRAIN_SECONDS
            while attachment.is_open and time.monotonic() < drained:
                attachment.move(None, frames, until=drained)
        completed = Completed(
            exit_code=exit_code,
            stdout=stdout.output(),
            stderr=stderr.output(),
            seconds=time.monotonic() - started,
            timed_out=not in_time,
            out_of_memory=self._census.killed_for_memory() > killed,
        )
        if not ran:
            # An engine reports its own failure as the command's output.
            said = (completed.stdout.data + completed.stderr.data).decode(errors="replace").strip()
            raise SandboxLost(f"a command did not start: {said}")
        return completed

    def _converse(
        self, command: str, attachment: Attachment, feed: Feed, frames: Frames, deadline: float
    ) -> bool:
        """Move bytes until the command has ended; False when the deadline came first.

        The end of the output is no sign: a command may close it and go on, and a child may hold it
        open when the command has ended. So the engine is asked, ever less often.
        """
        for pause in _pauses(0.05, 1.0):
            look = min(time.monotonic() + pause, deadline)
            while attachment.is_open and time.monotonic() < look:
                attachment.move(feed, frames, until=look)
            if not attachment.is_open or look == deadline:
                break
            if self._engine.ended(command) is not None:
                return True
        for pause in _pauses(0.002, 0.25):
            if self._engine.ended(command) is not None:
                return True
            if (remaining := deadline - time.monotonic()) <= 0:
                break
            time.sleep(min(pause, remaining))
        return False

    def _reap(self, command: str, attachment: Attachment, frames: Frames) -> tuple[int, bool]:
        """Return when the command and all it started are dead; its exit code and whether it ran."""
        if (ended := self._idle_after(command)) is not None:
            return ended
        deadline = time.monotonic() + _REAP_SECONDS
        with self._headroom():
            while (ended := self._idle_after(command)) is None:
                if time.monotonic() > deadline:
                    raise SandboxLost("the processes of a command could not be killed")
                self._kill()
                self._drain(command, attachment, frames)
        return ended

    def _idle_after(self, command: str) -> tuple[int, bool] | None:
        # Asked in this order: a command that has yet to start has no processes to count.
        ended = self._engine.ended(command)
        if ended is None or (count := self._census.count()) > _IDLE:
            return None
        if count < _IDLE:
            # What ends the box ends the command too, whose exit code is then not its own.
            raise SandboxLost("the container is ending")
        return ended

    @contextmanager
    def _headroom(self) -> Iterator[None]:
        """Let a box that is full of processes have a few more, as long as it takes to end them."""
        raised = self._census.count() > self._processes // 2 and self._engine.allow_processes(
            self._container, self._processes + _HEADROOM
        )
        yield
        if raised and not self._engine.allow_processes(self._container, self._processes):
            raise SandboxLost("the number of processes could not be bounded again")

    def _kill(self) -> None:
        # In a box that is full again it cannot be started; then it is tried again.
        with suppress(SandboxLost):
            self._engine.launch(self._engine.prepare(self._container, _KILL, user=USER))

    def _drain(self, command: str, attachment: Attachment, frames: Frames) -> None:
        """Give the command a moment to be gone; its output must flow for that."""
        patience = time.monotonic() + 0.5
        for pause in _pauses(0.005, 0.1):
            if self._idle_after(command) is not None or time.monotonic() > patience:
                return
            look = time.monotonic() + pause
            while attachment.is_open and time.monotonic() < look:
                attachment.move(None, frames, until=look)
            time.sleep(max(0.0, look - time.monotonic()))


def _words(arguments: Sequence[str]) -> list[str]:
    return [*_POLITE, *portable(arguments)]


def portable(arguments: Sequence[str]) -> list[str]:
    """The same command for an interface that carries only text.

    A file name need not be valid UTF-8; such an argument goes through in octal and is put together
    by the box's own shell, which has ``printf`` and nothing to expand.
    """
    try:
        "".join(arguments).encode()
    except UnicodeEncodeError:
        octal = [
            "".join(f"\\0{byte:03o}" for byte in argument.encode(errors="surrogateescape"))
            for argument in arguments
        ]
        return ["sh", "-c", _FROM_OCTAL, "sh", *octal]
    return list(arguments)


# The dot keeps trailing newlines, which command substitution would drop.
_FROM_OCTAL = (
    "n=$#; while [ $n -gt 0 ]; do "
    'word=$(printf %b. "$1"); shift; set -- "$@" "${word%.}"; n=$((n - 1)); '
    'done; exec "$@"'
)


def _pauses(first: float, longest: float) -> Iterator[float]:
    pause = first
    while True:
        yield pause
        pause = min(pause * 1.5, longest)
