"""A bug of a kind that the repository's own history has seen mended at another place."""

import shutil
from dataclasses import dataclass
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


SCRIPT = """\
'use strict'

const { folded } = require('./text')

class Store {
  constructor () {
    this.values = {}
    this.times = {}
  }

  put (name, value) {
    this.values[folded(name, '_')] = value
  }

  note (name, now) {
    this.times[name] = now
  }
}

module.exports = { Store }
"""
SCRIPT_FILES = {
    "package.json": '{"name": "store", "scripts": {"test": "node --test test.js"}}\n',
    "store.js": SCRIPT,
    "text.js": "exports.folded = (text, joint) => text.toLowerCase().split(/ +/).join(joint)\n",
    "test.js": """\
const { test } = require('node:test')
const assert = require('node:assert')
const { Store } = require('./store')

test('time', () => {
  const store = new Store()
  store.note('One  Name', 10)
  store.note('plain', 20)
  assert.deepStrictEqual(store.times, { one_name: 10, plain: 20 })
})

test('value', () => {
  const store = new Store()
  store.put('One  Name', 1)
  assert.deepStrictEqual(store.values, { one_name: 1 })
})
""",
}


@dataclass(frozen=True)
class Written:
    """The same program in one language."""

    files: dict[str, str]
    path: str
    once: tuple[str, str]
    """What an earlier commit has mended, and what it was before."""
    mended: str
    settings: dict[str, str]


PYTHON = Written(
    FILES,
    "store.py",
    ('folded(name, "_")', "name"),
    '+        self._times[folded(name, "_")] = now\n',
    {},
)
NODE = Written(
    SCRIPT_FILES,
    "store.js",
    ("folded(name, '_')", "name"),
    "+    this.times[folded(name, '_')] = now\n",
    {"test": "npm test"},
)


@pytest.mark.parametrize("known", [True, False], ids=["history", "no history"])
@pytest.mark.parametrize("written", [PYTHON, NODE], ids=["python", "javascript"])
def test_what_mended_one_place_mends_another(tmp_path: Path, written: Written, known: bool) -> None:
    if written is NODE and shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    after = written.files[written.path]
    before = after.replace(*written.once) if known else after
    files = written.files | {written.path: before}
    repository = make_repository(tmp_path / "repository", files)
    if known:
        (repository / written.path).write_text(after)
        git(repository, "commit", "--quiet", "--all", "--message", "Values are found by any case")
    told = Story(
        repository,
        runs.create(tmp_path / "runs"),
        issue="The time of a name is stored under another name than its value",
        settings={"steps": 40, **written.settings},
    )
    record = told.run(Embedded(Bounds(candidates=60)))
    assert (record.outcome is Outcome.PROVEN) == known, record.reason
    if known:
        assert written.mended in told.patch
