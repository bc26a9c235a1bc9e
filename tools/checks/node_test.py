"""Node's own test runner, ``node --test``.

https://nodejs.org/api/test.html
"""

from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Outputs, Request, Suite
from tools.checks.events import EVENTS, gather
from tools.checks.finding import Repository
from tools.checks.node import find, listen, runner_of
from tools.checks.shell_line import any_command


class _NodeTest:
    """The framework."""

    name = "node:test"

    def find(self, repository: Repository) -> Suite | None:
        """Where a package's test script ends in ``node --test``."""
        return find(repository, self.name)

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is ``node --test``."""
        return any_command(command, lambda words: runner_of(list(words)) == self.name)

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command as it is, with our reporter beside the usual one."""
        return listen(request, folder)

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases; a test that began and never ended has failed."""
        return gather("\n".join(outputs.named(EVENTS)))


NODE_TEST = _NodeTest()
