"""The services a step may use; made by :mod:`agent.wiring`, never written to a checkpoint."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from agent.config import Settings
from agent.events import Called, Interrupted, RanTests
from agent.evidence.probe import Seen
from agent.journal import Journal
from agent.model.base import Model
from agent.runs import RunFolder
from agent.source import Source
from sandbox.base import Limits, Provider, Sandbox, SandboxLost, SandboxUnavailable
from sandbox.boxes import Boxes
from tools.checks.base import Report, Request
from tools.checks.run import run_checks
from tools.forge import Forge
from tools.git import ObjectStore
from tools.workspace import Workspace

T = TypeVar("T")

_ENGINE_SECONDS = 20.0
"""How long a run waits for an engine that has gone away; a restart takes a few."""


@dataclass(slots=True)
class Kit:
    """One run's services. The work box is the only thing in it that changes."""

    repository: Path
    issue: str
    from_dirty: bool
    settings: Settings
    folder: RunFolder
    journal: Journal
    store: ObjectStore
    provider: Provider
    notes: list[str]
    """Why stronger sandboxes were passed over."""
    model: Model
    small: Model | None = None
    """A smaller model for notes, long documents and simple repairs, where one is configured."""
    review: Model | None = None
    """A model for second opinions, where one is configured."""
    another: Callable[[int], Model] | None = None
    """Makes the model of one of several candidates, which answers otherwise than the others'."""
    source: Source | None = None
    """The address that the run began at, if it did."""
    forge: Forge | None = None
    """Where a result goes; None for a repository on this machine."""
    limits: Limits = field(default_factory=Limits)
    settled: threading.Event = field(default_factory=threading.Event)
    """Set when one of several candidates is proven."""
    seen: dict[str, Seen] = field(default_factory=dict)
    """What the base has shown of reproductions, by their trees; candidates share it."""
    at_work: list[int] = field(default_factory=list)
    """The candidates that are worked on now; they share it."""
    begun: set[int] = field(default_factory=set)
    """The candidates that were begun by this process; they share it."""
    lent: Boxes | None = None
    """A candidate's boxes are the run's: what one did not need, another takes."""
    boxes: Boxes = field(init=False)
    """Where every box of the run comes from."""
    _box: Workspace | None = None
    _box_tree: str = ""

    def __post_init__(self) -> None:
        self.boxes = self.lent or Boxes(self._start_box)

    @contextmanager
    def fresh_box(self, tree: str) -> Iterator[Workspace]:
        """A box that nobody has used, with a tree in it, for one verdict."""
        with self.boxes.fresh() as box:
            yield Workspace.open(box, self.store, tree, tracked=False)

    def work_box(self, base: str, tree: str) -> Workspace:
        """The box of the conversation, with ``tree`` in it and changes told against ``base``."""
        if self._box is None or self._box_tree != tree:
            self.drop_work_box()
            self._box = self._start(base)
            self._box.change_to(tree)
            self._box_tree = tree
        return self._box

    def note_work_tree(self, tree: str) -> None:
        """Remember that the work box now holds this tree."""
        self._box_tree = tree

    def drop_work_box(self) -> None:
        """End the box of the conversation; the next use starts a new one."""
        box, self._box = self._box, None
        if box is not None:
            self.boxes.end(box)

    def again_if_lost(self, action: Callable[[], T]) -> T:
        """Do something in a box; when that is lost under it, once more in another.

        Raises:
            SandboxError: It is lost again, or no other can be had.
        """
        try:
            return action()
        except SandboxLost as lost:
            self.drop_work_box()
            self.journal.show(Interrupted(reason=str(lost)))
            return action()

    def check(self, tree: str, request: Request) -> Report:
        """Run tests on a tree in a fresh box."""

        def run() -> Report:
            with self.fresh_box(tree) as workspace:
                return run_checks(workspace, request)

        report = self.again_if_lost(run)
        self.journal.show(RanTests(passed=len(report.passed), broken=len(report.broken)))
        return report

    def request(self, command: str, tests: list[str] | None = None) -> Request:
        """A request for these tests, or for all, within the bounds that the settings give."""
        return Request(
            command,
            tests=tests or (),
            seconds_per_test=self.settings.test_seconds,
            timeout=self.settings.test_minutes * 60,
        )

    @contextmanager
    def for_candidate(self, number: int) -> Iterator["Kit"]:
        """The services of one of several candidates: a journal, a box and a model of its own.

        Its share of the budget is the run's by the number of candidates; time runs for as many at
        once as are worked on side by side.
        """
        settings = self.settings
        rounds = -(-settings.candidates // settings.parallel)
        left = max(0.1, settings.minutes - self.journal.elapsed / 60)
        share = {
            "steps": max(1, settings.steps // settings.candidates),
            "tokens": max(1, settings.tokens // settings.candidates),
            "minutes": left / rounds,
            **{
                name: bound / settings.candidates
                for name in ("gpu_seconds", "money")
                if (bound := getattr(settings, name)) is not None
            },
        }
        kit = replace(
            self,
            settings=settings.model_copy(update=share),
            journal=Journal(self.folder.candidate(number)),
            model=self.another(number) if self.another else self.model,
            forge=None,  # only the run itself publishes
            lent=self.boxes,
            _box=None,
        )
        self.begun.add(number)
        self.at_work.append(number)
        try:
            with self.boxes.hurrying():
                yield kit
        finally:
            self.at_work.remove(number)
            kit.close()

    def has_room(self) -> bool:
        """Whether each candidate that is left may use two boxes at once, and no other will come."""
        last = len(self.begun) == self.settings.candidates
        return last and 2 * len(self.at_work) <= self.settings.parallel

    def show_call(self, name: str, arguments: dict[str, object]) -> None:
        """Tell observers that a call is about to be carried out."""
        self.journal.show(Called(name=name, arguments=arguments))

    def close(self) -> None:
        """End every box and close the journal."""
        self.drop_work_box()
        if self.forge is not None:
            self.forge.close()
        self.journal.close()
        if self.lent is None:
            self.boxes.close()

    def _start(self, tree: str) -> Workspace:
        box = self.boxes.take()
        try:
            return Workspace.open(box, self.store, tree)
        except BaseException:
            self.boxes.end(box)
            raise

    def _start_box(self) -> Sandbox:
        try:
            return self.provider.start(self.limits, run=self.folder.name)
        except SandboxUnavailable:
            self._await_provider()
            return self.provider.start(self.limits, run=self.folder.name)

    def _await_provider(self) -> None:
        """Wait for an engine that is started again, but not long.

        Raises:
            SandboxUnavailable: It was not.
        """
        deadline = time.monotonic() + _ENGINE_SECONDS
        while True:
            try:
                return self.provider.check()
            except SandboxUnavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)
