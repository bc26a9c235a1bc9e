"""Runs a test command in a box and reads what became of the tests."""

import hashlib
import posixpath
import secrets
import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Protocol

from sandbox.base import MIB, Completed
from tools.checks.base import Case, Invocation, Outputs, Report, ReportFiles, Request
from tools.checks.cases import Asked, clean, plain
from tools.checks.collect import REPORTS_LIMIT, collected, collecting
from tools.checks.frameworks import framework_of
from tools.checks.hooks import REPORTS

OUTPUT_LIMIT = 8 * MIB
TAIL = 4000
"""Characters of the command's output that a report keeps."""

_READING_TIMEOUT = 120.0
_OUT_OF_MEMORY = "\nout of memory: the tests needed more than the sandbox has\n"


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
    framework = framework_of(request)
    folder = box.scratch / f"checks-{secrets.token_hex(8)}"
    invocation = framework.invoke(request, folder)
    completed, outputs = carry_out(box, folder, invocation, request.timeout)
    cases, lines = framework.parse(outputs)
    output = _tail(completed)
    return Report(
        command=request.command,
        framework=framework.name,
        cases=[_explained(case, request, output) for case in asked_for(cases, request)],
        exit_code=completed.exit_code,
        timed_out=completed.timed_out,
        seconds=completed.seconds,
        output=output,
        lines=lines,
    )


def carry_out(
    box: Box, folder: PurePosixPath, invocation: Invocation, timeout: float
) -> tuple[Completed, Outputs]:
    """Run what a framework makes of a request; how it ended, and all that it has left."""
    completed = box.shell(
        _script(box.scratch, folder, invocation),
        timeout=timeout,
        environment=invocation.environment,
        output_limit=OUTPUT_LIMIT,
    )
    return completed, _outputs(box, folder, invocation, completed)


def asked_for(cases: Sequence[Case], request: Request) -> list[Case]:
    """The cases that were asked for, or kept one of those from being run.

    Some frameworks can only be asked for more than was wanted.
    """
    if not request.tests:
        return list(cases)
    asked = Asked(request.tests)
    return [case for case in cases if _is_asked_for(case, asked, request)]


def _script(scratch: PurePosixPath, folder: PurePosixPath, invocation: Invocation) -> str:
    """One shell line that lays the files and runs the command; each call of a box costs time."""
    names = [f"{REPORTS}/", *invocation.files]
    folders = sorted({posixpath.dirname(f"{folder}/{name}") for name in names})
    programs = [name for name, text in invocation.files.items() if text.startswith("#!")]
    lines = [
        "exec 2>&1",
        f"rm -rf {shlex.quote(str(scratch))}/checks-*",
        "mkdir -p " + " ".join(map(shlex.quote, folders)),
        *(_lay(folder / name, text) for name, text in invocation.files.items()),
        'export PATCHWRIGHT_WORKSPACE="$PWD"',
    ]
    if programs:
        lines.append("chmod +x " + " ".join(shlex.quote(f"{folder}/{name}") for name in programs))
        # Those in bin/ stand before the real ones of their names.
        lines.append(f'export PATH={shlex.quote(f"{folder}/bin")}:"$PATH"')
    return "\n".join([*lines, *invocation.setup, invocation.command])


def _lay(path: PurePosixPath, text: str) -> str:
    """Shell lines that write a file; its end is marked by what the text cannot contain."""
    if not text:
        return f": > {shlex.quote(str(path))}"
    text = text if text.endswith("\n") else text + "\n"
    end = "END_" + hashlib.sha256(text.encode()).hexdigest()
    return f"cat > {shlex.quote(str(path))} << '{end}'\n{text}{end}"


def _outputs(
    box: Box, folder: PurePosixPath, invocation: Invocation, completed: Completed
) -> Outputs:
    reports = [ReportFiles(str(folder / REPORTS), "*"), *invocation.reports]
    script, boundary = collecting(reports)
    read = box.shell(script, timeout=_READING_TIMEOUT, output_limit=2 * REPORTS_LIMIT + MIB)
    printed = b"" if completed.stdout.omitted else completed.stdout.data
    return collected(read.stdout.data, boundary, printed.decode(errors="replace"))


def _tail(completed: Completed) -> str:
    text = clean(plain(completed.stdout.data.decode(errors="replace")))
    if completed.out_of_memory:
        text += _OUT_OF_MEMORY
    if len(text) <= TAIL:
        return text
    tail = text[-TAIL:]
    return tail.partition("\n")[2] or tail


def _is_asked_for(case: Case, asked: Asked, request: Request) -> bool:
    in_the_way = case.broken and (case.name == request.command or asked.lies_in(case.name))
    return in_the_way or asked.holds(case.name)


def _explained(case: Case, request: Request, output: str) -> Case:
    """The case; where it is the command itself, with its output, which is why it failed."""
    if not case.broken or case.name != request.command:
        return case
    return case.model_copy(update={"message": f"{case.message}\n{output}".rstrip()})
