"""The repository of the demo, repaired by the embedded model in every kind of sandbox."""

from pathlib import Path

import pytest

from agent import runs
from agent.events import Judged, Prepared
from agent.model.embedded import Embedded
from agent.state import Outcome
from doubles.repositories import make_repository
from doubles.sandboxes import BUBBLEWRAP, DOCKER, HOST, provider_or_skip
from doubles.story import Story

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "room-booking"


@pytest.mark.parametrize("kind", [HOST, BUBBLEWRAP, DOCKER])
def test_the_example_is_repaired_and_proven(kind: str, tmp_path: Path) -> None:
    provider = provider_or_skip(kind)
    paths = [path for path in EXAMPLE.rglob("*") if path.suffix in (".py", ".md")]
    files = {str(path.relative_to(EXAMPLE)): path.read_text() for path in paths}
    repository = make_repository(tmp_path / "repository", files)
    told = Story(
        repository,
        runs.create(tmp_path / "runs"),
        issue=files["ISSUE.md"],
        settings={"steps": 30},
        provider=provider,
    )
    record = told.run(Embedded())
    assert record.outcome is Outcome.PROVEN, record.reason
    assert told.told(Prepared)[0].sandbox == kind
    assert "+        return self.start < other.end and other.start < self.end\n" in told.patch
    [verdict] = [event.verdict for event in told.told(Judged)]
    assert [(test.before, test.after) for test in verdict.reproduction] == [("failed", "passed")]
    assert len(verdict.after.passed) == 11
