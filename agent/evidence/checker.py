"""Runs tests on trees, each time in a box that nobody has used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.boxes import Boxes
from tools.checks.base import Report, Request
from tools.checks.run import run_checks
from tools.git import ObjectStore
from tools.workspace import Workspace


def _unseen(_report: Report) -> None:
    """Nobody looks on."""


@dataclass(frozen=True, slots=True)
class Checker:
    """A test command, and the boxes it is run in."""

    store: ObjectStore
    boxes: Boxes
    command: str
    seconds_per_test: float = 60.0
    timeout: float = 600.0
    """Seconds until the whole command is killed."""
    show: Callable[[Report], None] = _unseen
    """Told of every report."""

    def __call__(self, tree: str, tests: Sequence[str] = ()) -> Report:
        """The report of these tests, or of all, on a tree.

        Raises:
            SandboxError: The box failed; nothing is known of the tests.
        """
        request = Request(
            self.command,
            tests=tests,
            seconds_per_test=self.seconds_per_test,
            timeout=self.timeout,
        )
        with self.boxes.fresh() as box:
            workspace = Workspace.open(box, self.store, tree, tracked=False)
            report = run_checks(workspace, request)
        self.show(report)
        return report
