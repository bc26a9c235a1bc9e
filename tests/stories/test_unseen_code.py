"""Bugs in code that no test is seen to run: it ran at import, or in a process of its own."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from agent import runs
from agent.model.embedded import Bounds, Embedded
from agent.state import Outcome
from doubles.repositories import make_repository
from doubles.story import Story

TABLE = """\
PLURALS = {}


def irregular(singular, plural):
    PLURALS[singular] = singular


irregular("cow", "kine")
irregular("ox", "oxen")


def plural(word):
    if not word:
        return ""
    return PLURALS.get(word, word + "s")
"""
TABLE_TESTS = """\
from table import plural


def test_regular():
    assert plural("cat") == "cats"


def test_nothing():
    assert plural("") == ""


def test_irregular():
    assert plural("cow") == "kine"
    assert plural("ox") == "oxen"
"""
VALUES = "SECONDS = 60\nMINUTES = 60\nHOUR = SECONDS + MINUTES\n"
VALUES_TESTS = """\
from times import values


def test_hour():
    assert values.HOUR == 3600


def test_minutes():
    assert values.MINUTES == 60
"""
PROGRAM = """\
import sys


def total(words):
    found = 0
    for word in words:
        found -= int(word)
    return found


if __name__ == "__main__":
    print(total(sys.argv[1:]))
"""
PROGRAM_TESTS = """\
import subprocess
import sys

import add


def run(*words):
    done = subprocess.run([sys.executable, add.__file__, *words], stdout=subprocess.PIPE)
    return done.stdout.decode().strip()


def test_total():
    assert run("1", "2") == "3"


def test_nothing():
    assert run() == "0"
"""


@dataclass(frozen=True)
class Case:
    """A repository with a bug, and a line that mends it."""

    files: dict[str, str]
    mended: str
    issue: str


CASES = {
    "called at import": Case(
        {"table.py": TABLE, "test_table.py": TABLE_TESTS},
        "+    PLURALS[singular] = plural",
        "Irregular plurals are not known",
    ),
    "a value": Case(
        {"times/__init__.py": "", "times/values.py": VALUES, "test_values.py": VALUES_TESTS},
        "+HOUR = SECONDS * MINUTES",
        "An hour has too few seconds",
    ),
    "a program": Case(
        {"add.py": PROGRAM, "test_add.py": PROGRAM_TESTS},
        "+        found += int(word)",
        "The sum is negative",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_found_by_what_the_tests_import(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    repository = make_repository(tmp_path / "repository", case.files)
    told = Story(
        repository,
        runs.create(tmp_path / "runs"),
        issue=case.issue,
        settings={"steps": 60},
    )
    record = told.run(Embedded(Bounds(candidates=400)))
    assert record.outcome is Outcome.PROVEN, record.reason
    assert case.mended in told.patch
