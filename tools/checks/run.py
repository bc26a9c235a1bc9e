"""Runs a test command in a box and reads what became of the tests."""

import hashlib
import posixpath
import secrets
import shlex
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Protocol

from sandbox.base import MIB, Completed
from tools.checks.base import Case, Invocation, Report, Request
from tools.checks.frameworks import framework_for

REPORT_LIMIT = 64 * MIB
"""Bytes of a report that are read; what lies beyond is as if the run had been cut off there."""
OUTPUT_LIMIT = MIB
TAIL = 4000
"""Characters of the command's output that a report keeps."""

_READING_TIMEOUT = 120.0


class Box(Protocol):
    """What a run of tests needs of a workspace."""

    @property
    def scratch(self) -> PurePosixPath:
        """Absolute path, inside the box, of a writable folder outside the repository."""
        ...

    def shell(
        self,
        command: str,
        *,
        timeout: float,
        environment: Mapping[str, str] | None = None,
        output_limit: int = OUTPUT_LIMIT,
    ) -> Completed:
        """Run a shell line of any length in the repository's root, without a standard input."""
        ...


def run_checks(box: Box, request: Request) -> Report:
    """Run the tests that are asked for; however they end, a report comes back.

    A command that leaves no report, because its framework is not installed or crashed at its
    start, yields one without cases: its exit code and output have to speak.

    Raises:
        SandboxError: The box failed; nothing is known of the tests.
    """
    framework = framework_for(request.command)
    folder = box.scratch / f"checks-{secrets.token_hex(8)}"
    invocation = framework.invoke(request, folder)
    completed = box.shell(
        _script(box.scratch, folder, invocation),
        timeout=request.timeout,
        environment=invocation.environment,
        output_limit=OUTPUT_LIMIT,
    )
    cases, lines = framework.parse(_read(box, invocation.report))
    output = _tail(completed)
    return Report(
        command=request.command,
        cases=[_explained(case, request.command, output) for case in cases],
        exit_code=completed.exit_code,
        timed_out=completed.timed_out,
        seconds=completed.seconds,
        output=output,
        lines=lines,
    )


def _script(scratch: PurePosixPath, folder: PurePosixPath, invocation: Invocation) -> str:
    """One shell line that lays the files and runs the command; each call of a box costs time."""
    folders = {posixpath.dirname(f"{folder}/{name}") for name in invocation.files} | {str(folder)}
    return "\n".join(
        [
            "exec 2>&1",
            f"rm -rf {shlex.quote(str(scratch))}/checks-*",
            "mkdir -p " + " ".join(shlex.quote(name) for name in sorted(folders)),
            *(_lay(folder / name, text) for name, text in invocation.files.items()),
            invocation.command,
        ]
    )


def _lay(path: PurePosixPath, text: str) -> str:
    """Shell lines that write a file; its end is marked by what the text cannot contain."""
    text = text if text.endswith("\n") else text + "\n"
    end = "END_" + hashlib.sha256(text.encode()).hexdigest()
    return f"cat > {shlex.quote(str(path))} << '{end}'\n{text}{end}"


def _read(box: Box, report: PurePosixPath | None) -> str:
    if report is None:
        return ""
    name = shlex.quote(str(report))
    # The tests may have put something else in its place: a pipe would block for ever.
    read = box.shell(
        f"[ -f {name} ] && exec head -c {REPORT_LIMIT} {name}",
        timeout=_READING_TIMEOUT,
        output_limit=2 * REPORT_LIMIT,
    )
    return read.stdout.data.decode(errors="replace")


def _tail(completed: Completed) -> str:
    text = completed.stdout.data.decode(errors="replace").replace("\0", "\ufffd")
    if len(text) <= TAIL:
        return text
    tail = text[-TAIL:]
    return tail.partition("\n")[2] or tail


def _explained(case: Case, command: str, output: str) -> Case:
    """The case; where it is the command itself, with its output, which is why it failed."""
    if not case.broken or case.name != command:
        return case
    return case.model_copy(update={"message": f"{case.message}\n{output}".rstrip()})
