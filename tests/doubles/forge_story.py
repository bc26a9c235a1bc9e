"""One run that begins at an issue of a GitHub on the loopback; the model is the test's."""

import dataclasses
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from agent import failure, intake, runs
from agent.config import Settings, load
from agent.events import Event, Started
from agent.graph import run
from agent.journal import read_journal
from agent.model.base import Model
from agent.runs import RunFolder
from agent.state import Repair
from agent.wiring import open_kit
from doubles.github import Account, FakeGitHub, Project
from doubles.repositories import CALCULATOR, CHECK, make_repository
from sandbox.host import HostProvider
from tools.forge import Address, GitHub, Repository
from tools.forge.transport import Patience

TOKEN = "ghp_canaryCANARYcanaryCANARYcanaryCANARY12"
BODY = "`mean` returns one too much.\n\n```\nassert mean([1, 2, 3]) == 2\n```\n"


@dataclass
class ForgeStory:
    """One run, which may be carried on by several processes' worth of services."""

    server: FakeGitHub
    project: Project
    runs: Path
    number: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    folder: RunFolder | None = None
    started: Started | None = None

    @classmethod
    def make(
        cls,
        server: FakeGitHub,
        place: Path,
        *,
        body: str = BODY,
        source: Path | None = None,
        **settings: Any,
    ) -> "ForgeStory":
        """A repository, that of ``source`` if given, with an issue on the server."""
        server.accounts[TOKEN] = Account()
        source = source or make_repository(place / "source", CALCULATOR)
        project = server.add("owner/calculator", source)
        told = cls(server, project, place / "runs", settings=settings)
        told.number = server.add_issue(project, "The mean is one too large", body)
        return told

    @property
    def address(self) -> Address:
        owner, _, name = self.project.name.partition("/")
        return Address(Repository(self.server.host, owner, name, False), "issue", self.number)

    @property
    def loaded(self) -> Settings:
        return load(
            {"test": CHECK, "github_token": SecretStr(TOKEN), **self.settings},
            environment={"HOME": "/nowhere", "PATCHWRIGHT_RUNS": str(self.runs)},
        )

    def forge(self) -> GitHub:
        patience = Patience(sleep=lambda _seconds: time.sleep(0), longest_wait=300)
        return GitHub(self.address.repository, self.loaded.github_token, patience=patience)

    def take(self, *, force: bool = False, address: Address | None = None) -> None:
        """Read the issue and copy the repository; the run's folder is new."""
        with self.forge() as forge:
            taken = intake.take(
                forge, address or self.address, self.loaded, until=datetime.now(UTC), force=force
            )
            self.folder = runs.create(self.runs)
            copy = intake.copy(forge, taken, self.folder)
        self.started = Started(
            version="0",
            repository=str(copy),
            issue=taken.issue,
            settings={},
            source=taken.source,
        )

    def run(self, model: Model) -> Repair:
        """Run the machine, from where it stopped if it did."""
        if self.started is None:
            self.take()
        assert self.started is not None
        assert self.folder is not None
        provider = HostProvider()
        with open_kit(
            self.started, self.loaded, self.folder, provider, model, forge=self.forge()
        ) as kit:
            record = run(kit)
            failure.report(kit, record)
            return record

    def again(self) -> "ForgeStory":
        """Another run on the same issue."""
        return dataclasses.replace(self, folder=None, started=None)

    @property
    def events(self) -> list[Event]:
        assert self.folder is not None
        return [entry.event for entry in read_journal(self.folder.journal)]

    @property
    def pulls(self) -> list[dict[str, Any]]:
        return list(self.project.pulls.values())

    @property
    def comments(self) -> list[dict[str, Any]]:
        return self.project.comments.get(self.number, [])

    @property
    def made_branches(self) -> list[str]:
        return sorted(set(self.project.branches) - {"main"})
