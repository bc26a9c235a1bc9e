"""The one place that starts processes on the host.

A process gets exactly the environment it is given, a session of its own, and a deadline. When it
ends, or its deadline comes, its whole process group is killed; a grandchild that left the group and
still holds a pipe is not waited for. A process that fails is a value (:func:`run`); one that cannot
be started, or whose output is needed whole (:func:`stream`), raises :class:`ProcessFailed`.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO

from sandbox.base import MIB, Completed, Stdin
from sandbox.streams import CHUNK, Capture, Feed

_DRAIN_LIMIT = MIB  # the most that a pipe can hold for an unprivileged process
_MESSAGE_LIMIT = 8 * 1024

Step = Callable[[], bool]
"""Moves some bytes; False when there is nothing more to move."""


class ProcessFailed(Exception):
    """A host process could not be started, or its output cannot be used.

    Attributes:
        exit_code: The process's own, 128 + n for death by signal n; 127 when the program is not
            there and 126 when it cannot be executed, as a shell has it.
        stderr: What it said.
    """

    def __init__(self, message: str, exit_code: int, stderr: bytes = b"") -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.stderr = stderr


def run(
    arguments: Sequence[str],
    *,
    timeout: float,
    environment: Mapping[str, str],
    stdin: Stdin = b"",
    cwd: str | Path | None = None,
    output_limit: int = MIB,
    pass_fds: Sequence[int] = (),
) -> Completed:
    """Run a host process to its end or its deadline, and leave none of its group behind.

    Args:
        arguments: The program, found by the ``PATH`` of ``environment`` when it has no slash, and
            its arguments.
        timeout: Seconds until the whole process group is killed.
        environment: The complete environment; nothing of the host's is added.
        stdin: Bytes, or chunks of bytes. A source that blocks delays the deadline: bound it too.
        cwd: The folder to start in.
        output_limit: Bytes kept of each stream, half from its head and half from its tail.
        pass_fds: File descriptors of ours that it inherits.

    Raises:
        ProcessFailed: It could not be started.
    """
    started = time.monotonic()
    process = _start(arguments, environment, cwd, piped=stdin != b"", pass_fds=pass_fds)
    feed, stdout, stderr = Feed(stdin), Capture(output_limit), Capture(output_limit)
    try:
        ended = _converse(process, feed, stdout, stderr, started + timeout)
    finally:
        exit_code = _finish(process, stdout, stderr)
        feed.close()
    return Completed(
        exit_code=exit_code,
        stdout=stdout.output(),
        stderr=stderr.output(),
        seconds=time.monotonic() - started,
        timed_out=not ended,
    )


def stream(
    arguments: Sequence[str],
    *,
    timeout: float,
    environment: Mapping[str, str],
    cwd: str | Path | None = None,
) -> Iterator[bytes]:
    """Yield a host process's standard output as it comes; closing the iterator kills the process.

    Give the iterator as ``stdin`` to another command and nothing is held in memory.

    Raises:
        ProcessFailed: It could not be started, ended non-zero, or ran past ``timeout`` seconds.
    """
    deadline = time.monotonic() + timeout
    process = _start(arguments, environment, cwd, piped=False, pass_fds=())
    stderr = Capture(_MESSAGE_LIMIT)
    ended = False
    try:
        yield from _chunks(process, stderr, deadline)
        ended = _wait(process, deadline)
    finally:
        exit_code = _finish(process, Capture(0), stderr)
    if not ended or exit_code:
        said = stderr.output().data
        how = f"exit {exit_code}" if ended else f"no end within {timeout:g} s"
        text = said.decode(errors="replace").strip()
        raise ProcessFailed(f"{arguments[0]}: {how}: {text}", exit_code, said)


def _start(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    cwd: str | Path | None,
    *,
    piped: bool,
    pass_fds: Sequence[int],
) -> subprocess.Popen[bytes]:
    try:
        process = subprocess.Popen(  # noqa: S603 - starting what the caller names is the purpose
            list(arguments),
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=dict(environment),
            cwd=cwd,
            start_new_session=True,
            pass_fds=tuple(pass_fds),
        )
    except OSError as error:
        code = 127 if isinstance(error, FileNotFoundError) else 126
        raise ProcessFailed(f"cannot start {arguments[0]}: {error}", code) from error
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
    return process


def _converse(
    process: subprocess.Popen[bytes],
    feed: Feed,
    stdout: Capture,
    stderr: Capture,
    deadline: float,
) -> bool:
    """Move bytes until the process has ended; False when the deadline came first."""
    out, err = process.stdout, process.stderr
    assert out is not None
    assert err is not None
    with selectors.DefaultSelector() as selector, _pidfd(process) as ended:
        selector.register(ended, selectors.EVENT_READ)
        selector.register(out, selectors.EVENT_READ, partial(_read, out, stdout))
        selector.register(err, selectors.EVENT_READ, partial(_read, err, stderr))
        if process.stdin is not None:
            write = partial(_write, process.stdin, feed)
            selector.register(process.stdin, selectors.EVENT_WRITE, write)
        while (remaining := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(remaining):
                if key.fileobj == ended:
                    return True
                step: Step = key.data
                if not step():
                    selector.unregister(key.fileobj)
                    if key.fileobj is process.stdin:
                        process.stdin.close()
    return False


def _chunks(process: subprocess.Popen[bytes], stderr: Capture, deadline: float) -> Iterator[bytes]:
    """Yield what comes from standard output until it is closed or the deadline has come."""
    assert process.stdout is not None
    assert process.stderr is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(process.stderr, selectors.EVENT_READ)
        while (remaining := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(remaining):
                if key.fileobj is process.stderr:
                    if not _read(process.stderr, stderr):
                        selector.unregister(process.stderr)
                elif chunk := os.read(process.stdout.fileno(), CHUNK):
                    yield chunk
                else:
                    return


def _wait(process: subprocess.Popen[bytes], deadline: float) -> bool:
    """Wait without reaping; False when the deadline came first."""
    with selectors.DefaultSelector() as selector, _pidfd(process) as ended:
        selector.register(ended, selectors.EVENT_READ)
        return bool(selector.select(max(0.0, deadline - time.monotonic())))


def _finish(process: subprocess.Popen[bytes], stdout: Capture, stderr: Capture) -> int:
    """Kill the group, take what the pipes still hold, and reap; the exit code as a shell has it."""
    # The leader is not reaped yet, so its group's number cannot have become another's.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    code = process.wait()
    for pipe, capture in ((process.stdout, stdout), (process.stderr, stderr)):
        if pipe is not None:
            _drain(pipe, capture)
            pipe.close()
    if process.stdin is not None:
        process.stdin.close()
    return code if code >= 0 else 128 - code


def _drain(pipe: IO[bytes], capture: Capture) -> None:
    # Bounded, because a process that left the group may go on writing.
    for _ in range(_DRAIN_LIMIT // CHUNK):
        try:
            if not _read(pipe, capture):
                return
        except BlockingIOError:
            return


def _read(pipe: IO[bytes], capture: Capture) -> bool:
    chunk = os.read(pipe.fileno(), CHUNK)
    capture.add(chunk)
    return bool(chunk)


def _write(pipe: IO[bytes], feed: Feed) -> bool:
    """Write one chunk; False when there is no more, or when nobody reads it."""
    chunk = feed.next()
    with contextlib.suppress(BrokenPipeError):
        if chunk:
            feed.written(os.write(pipe.fileno(), chunk))
            return True
    return False


@contextlib.contextmanager
def _pidfd(process: subprocess.Popen[bytes]) -> Iterator[int]:
    """A descriptor that becomes readable when the process has ended, before it is reaped."""
    descriptor = os.pidfd_open(process.pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
