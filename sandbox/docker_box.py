"""One box in a Docker container: runs commands and leaves none of their processes behind."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import PurePosixPath

from sandbox.arguments import NOT_EXECUTABLE, NOT_FOUND, failed_to_start, refused
from sandbox.attach import Attachment, Frames
from sandbox.base import MIB, Closing, Completed, SandboxLost, Stdin
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

# An engine reports its own failure as the command's output. Only before the first quotation mark
# are the words its own: what follows is the name of a program, which may say anything.
_PROGRAM = re.compile(rb'[^"]*: exec: "')
_MISSING = re.compile(rb"not found|no such file")


class DockerBox(Closing):
    """A running container; ``docker.py`` starts it."""

    workspace = PurePosixPath(WORKSPACE)
    scratch = PurePosixPath(SCRATCH)

    def __init__(self, engine: Engine, container: str) -> None:
        self._engine = engine
        self._container = container
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
        refusal = refused(arguments, variables) or refused(words := portable(arguments), variables)
        if refusal is not None:
            return refusal
        try:
            with closing(Feed(stdin)) as feed:
                command = self._engine.prepare(
                    self._container, words, user=USER, stdin=stdin != b"", environment=variables
                )
                completed, ran = self._attend(command, feed, timeout, output_limit)
            return completed if ran else _never_ran(arguments[0], completed)
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

    def _attend(
        self, command: str, feed: Feed, timeout: float, output_limit: int
    ) -> tuple[Completed, bool]:
        """Start a command and stay to its end; also tells whether it ever ran."""
        started = time.monotonic()
        stdout, stderr = Capture(output_limit), Capture(output_limit)
        frames = Frames(stdout, stderr)
        with self._engine.attach(command, deadline=started + timeout) as attachment:
            try:
                in_time = self._converse(command, attachment, feed, frames, started + timeout)
            finally:
                exit_code, ran = self._reap(command)
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
        )
        return completed, ran

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

    def _reap(self, command: str) -> tuple[int, bool]:
        """Return when the command and all it started are dead; its exit code and whether it ran."""
        deadline = time.monotonic() + _REAP_SECONDS
        while (ended := self._idle_after(command)) is None:
            if time.monotonic() > deadline:
                raise SandboxLost("the processes of a command could not be killed")
            self._kill(command)
        return ended

    def _idle_after(self, command: str) -> tuple[int, bool] | None:
        # Asked in this order: a command that has yet to start has no processes to count.
        ended = self._engine.ended(command)
        return ended if ended is not None and self._census.count() <= _IDLE else None

    def _kill(self, command: str) -> None:
        self._engine.launch(self._engine.prepare(self._container, _KILL, user=USER))
        patience = time.monotonic() + 0.5
        for pause in _pauses(0.005, 0.1):
            if self._idle_after(command) is not None or time.monotonic() > patience:
                return
            time.sleep(pause)


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


def _never_ran(program: str, completed: Completed) -> Completed:
    """Tell a program that is not there, which is the command's failure, from a failing engine."""
    said = completed.stdout.data + completed.stderr.data
    if not _PROGRAM.match(said):
        raise SandboxLost(f"a command did not start: {said.decode(errors='replace').strip()}")
    # The name may hold the words searched for, so they are looked for behind it.
    reason = said.rpartition(b'"')[2]
    if _MISSING.search(reason):
        failed = failed_to_start(f"{program}: command not found", NOT_FOUND)
    else:
        failed = failed_to_start(f"{program}: cannot be executed", NOT_EXECUTABLE)
    return replace(failed, seconds=completed.seconds)


def _pauses(first: float, longest: float) -> Iterator[float]:
    pause = first
    while True:
        yield pause
        pause = min(pause * 1.5, longest)
