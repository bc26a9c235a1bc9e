"""A program of the user's own that is kept running until it is told to stop, like a model server.

It is not contained: it has the user's environment, files and network. What this sees to is its
end: it runs in a session of its own, and :meth:`Service.stop` returns when nothing of that session
is left, even where its first process died before the others.
"""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence

from sandbox.process import ProcessFailed

_DEATH_SECONDS = 10.0
_LOOK_SECONDS = 0.05


class Service:
    """One running program and everything it has started in its session."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._code: int | None = None

    @property
    def exit_code(self) -> int | None:
        """Of its first process, 128 + n for death by signal n; None while that one runs."""
        if self._code is None:
            # Looked at and not reaped, so that its number cannot become another's meanwhile.
            found = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is not None:
                died = found.si_code != os.CLD_EXITED
                self._code = 128 + found.si_status if died else found.si_status
        return self._code

    def wait(self, seconds: float) -> int | None:
        """Wait for its first process to end; its exit code, or None when the time is over."""
        if self.exit_code is None:
            descriptor = os.pidfd_open(self._process.pid)
            try:
                select.select([descriptor], [], [], max(0.0, seconds))
            finally:
                os.close(descriptor)
        return self.exit_code

    def stop(self, grace: float) -> int:
        """End it and everything it has started; its first process's exit code.

        The first process is asked to end, then what it leaves behind. What is left after ``grace``
        seconds is killed, at once when this waiting is interrupted.
        """
        until = time.monotonic() + grace
        try:
            if self.exit_code is None:
                self._signal([self._process.pid], signal.SIGTERM)
                self.wait(grace)
            self._signal(self._members(), signal.SIGTERM)
            while self._members() and time.monotonic() < until:
                time.sleep(_LOOK_SECONDS)
        finally:
            self._kill()
            code = self._process.wait()
            self._code = code if code >= 0 else 128 - code
        return self._code

    def _kill(self) -> None:
        until = time.monotonic() + _DEATH_SECONDS
        while (members := self._members()) and time.monotonic() < until:
            self._signal(members, signal.SIGKILL)
            time.sleep(_LOOK_SECONDS)

    def _members(self) -> list[int]:
        """Every process of the session that has not ended; an unreaped one has."""
        return [pid for pid, session in _sessions() if session == self._process.pid]

    @staticmethod
    def _signal(pids: Sequence[int], number: signal.Signals) -> None:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def start(arguments: Sequence[str], *, extra: Mapping[str, str], output: int) -> Service:
    """Start the program with the user's environment and ``extra``; it writes to ``output``.

    Where the system has ``setpriv``, the program is also asked to end when this process dies
    without having stopped it.

    Args:
        arguments: The program, found by ``PATH`` when it has no slash, and its arguments.
        extra: Environment variables beside the user's own.
        output: A file descriptor for what it says, both its outputs.

    Raises:
        ProcessFailed: It could not be started.
    """
    command = [*_dies_with_us(), *_with_variables(extra), *arguments]
    if shutil.which(arguments[0]) is None:
        raise ProcessFailed(f"{arguments[0]} is not installed", 127)
    try:
        process = subprocess.Popen(  # noqa: S603 - starting what the caller names is the purpose
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    except OSError as error:
        raise ProcessFailed(f"cannot start {arguments[0]}: {error}", 126) from error
    return Service(process)


def _dies_with_us() -> list[str]:
    return ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []


def _with_variables(extra: Mapping[str, str]) -> list[str]:
    return ["env", *(f"{name}={value}" for name, value in extra.items())] if extra else []


def _sessions() -> Iterator[tuple[int, int]]:
    """Process number and session of every process that has not ended: proc(5), /proc/pid/stat."""
    for entry in os.scandir("/proc"):
        if not entry.name.isdecimal():
            continue
        try:
            with open(f"/proc/{entry.name}/stat", "rb") as file:
                # The name, in brackets, may hold anything; after it: state, parent, group, session.
                fields = file.read().rpartition(b")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] not in (b"Z", b"X"):
            yield int(entry.name), int(fields[3])
