"""A bug of a kind that the repository's own history has seen mended at another place."""

from pathlib import Path

import pytest

from agent import runs
from agent.model.embedded import Bounds, Embedded
from agent.state import Outcome
from doubles.repositories import git, make_repository
from doubles.story import Story

STORE = """\
from text import folded


class Store:
    def __init__(self):
        self._values = {}
        self._times = {}

    def put(self, name, value):
        self._values[folded(name, "_")] = value

    def note(self, name, now):
        self._times[name] = now

    def time(self, name):
        return self._times.get(name, 0)
"""
FILES = {
    "store.py": STORE,
    "text.py": "def folded(text, joint):\n    return joint.join(text.lower().split())\n",
    "test_store.py": """\
from store import Store


def test_time():
    store = Store()
    store.note("One  Name", 10)
    store.note("plain", 20)
    assert store._times == {"one_name": 10, "plain": 20}


def test_value():
    store = Store()
    store.put("One  Name", 1)
    assert store._values == {"one_name": 1}
""",
}


@pytest.mark.parametrize("known", [True, False], ids=["history", "no history"])
def test_what_mended_one_place_mends_another(tmp_path: Path, known: bool) -> None:
    before = STORE.replace('folded(name, "_")', "name") if known else STORE
    repository = make_repository(tmp_path / "repository", FILES | {"store.py": before})
    if known:
        (repository / "store.py").write_text(STORE)
        git(repository, "commit", "--quiet", "--all", "--message", "Values are found by any case")
    told = Story(
        repository,
        runs.create(tmp_path / "runs"),
        issue="The time of a name is stored under another name than its value",
        settings={"steps": 40},
    )
    record = told.run(Embedded(Bounds(candidates=400)))
    assert (record.outcome is Outcome.PROVEN) == known, record.reason
    if known:
        assert '+        self._times[folded(name, "_")] = now\n' in told.patch
