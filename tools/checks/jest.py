"""Jest, by whichever script or program it is started."""

from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Outputs, Request, Suite
from tools.checks.events import EVENTS, gather
from tools.checks.finding import Repository
from tools.checks.node import find, listen, runner_of
from tools.checks.shell_line import any_command


class _Jest:
    """The framework."""

    name = "Jest"

    def find(self, repository: Repository) -> Suite | None:
        """Where a package's test script ends in Jest, or where it only depends on it."""
        return find(repository, self.name, "jest")

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands starts Jest."""
        return any_command(command, lambda words: runner_of(list(words)) == self.name)

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command as it is; the hook adds our reporter, and what was asked for."""
        return listen(request, folder)

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases; a file or test that began and never ended has failed."""
        return gather("\n".join(outputs.named(EVENTS)))


JEST = _Jest()
