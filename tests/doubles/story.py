"""One run on one repository: real git, processes and checkpoints; the model is the test's."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.config import load
from agent.events import Event, Started
from agent.graph import run
from agent.journal import read_journal
from agent.kit import Kit
from agent.model.base import Model
from agent.runs import RunFolder
from agent.state import Repair
from agent.wiring import open_kit
from sandbox.base import Provider
from sandbox.host import HostProvider

PYTEST = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 python3 -m pytest"
"""Without the plug-ins of this project's own environment, whose import costs seconds."""


@dataclass
class Story:
    """One run on one repository, which may be carried on by several kits."""

    repository: Path
    folder: RunFolder
    issue: str = "The mean is one too large"
    from_dirty: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    provider: Provider = field(default_factory=HostProvider)
    another: Callable[[int], Model] | None = None
    """Makes the model of one of several candidates."""

    def run(self, model: Model) -> Repair:
        """Run the machine, from where it stopped if it did."""
        with self.kit(model) as kit:
            return run(kit)

    def kit(self, model: Model) -> AbstractContextManager[Kit]:
        """The services of this run."""
        settings = load(
            {"test": PYTEST, "test_seconds": 20, **self.settings}, environment={"HOME": "/nowhere"}
        )
        started = Started(
            version="0",
            repository=str(self.repository),
            issue=self.issue,
            from_dirty=self.from_dirty,
            settings={},
        )
        return open_kit(started, settings, self.folder, self.provider, model, another=self.another)

    @property
    def events(self) -> list[Event]:
        """What the journal tells."""
        return [entry.event for entry in read_journal(self.folder.journal)]

    def told(self, kind: type[Any]) -> list[Any]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def patch(self) -> str:
        """The text of the patch file, empty when there is none."""
        return self.folder.patch.read_text() if self.folder.patch.exists() else ""
