"""Decoys are found by runners that know files by their paths, and by those that know modules."""

import shutil
import sys
from pathlib import Path

import pytest

from agent.evidence.decoy import Decoy, beside
from doubles.local_box import LocalBox
from tools.checks.base import Report, Request
from tools.checks.run import run_checks

PYTEST = "python3 -m pytest"
SUITE = (
    "import unittest\n\n\nclass Some(unittest.TestCase):\n    def test_one(self):\n        pass\n"
)


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (PYTEST, "tests/test_some.py"),
        (PYTEST, "tests/some_test.py"),
        ("python3 -m unittest discover", "tests/test_some.py"),
        ("python3 -m unittest discover --start-directory tests", "tests/test_some.py"),
    ],
)
def test_beside_a_test_it_runs_and_fails(tmp_path: Path, command: str, file: str) -> None:
    files = {file: SUITE, "tests/__init__.py": ""}
    case, decoy, report = ran_beside(tmp_path, command, files, file)
    assert [passed.name for passed in report.passed] == [case]
    assert decoy.failed(report)


def ran_beside(
    folder: Path, command: str, files: dict[str, str], file: str
) -> tuple[str, Decoy, Report]:
    """The one test of some files, a decoy beside it, and the report of both."""
    root, scratch = folder / "root", folder / "scratch"
    scratch.mkdir()
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    box = LocalBox(root, scratch, Path(sys.executable))
    [case] = run_checks(box, Request(command)).passed
    decoy = beside(file, case.name)
    assert decoy is not None
    (root / decoy.path).write_text(decoy.text)
    return case.name, decoy, run_checks(box, Request(command, tests=[case.name, decoy.asked]))


@pytest.mark.parametrize(
    ("file", "test", "asked"),
    [
        ("tests/polls/tests.py", "polls.tests.VoteTest.test_twice", "polls.test_"),
        ("a/b/test_c.py", "a/b/test_c.py::test_d", "a/b/test_"),
        ("a/b/test_c.py", "a.b.test_c.D.test_e", "a.b.test_"),
        ("a/b/c_test.py", "b.c_test.D.test_e", "b.q"),
        ("a/b/test_c.py", "a.b.test_cd.D.test_e", "a/b/test_"),
    ],
)
def test_it_is_asked_for_as_the_test_is(file: str, test: str, asked: str) -> None:
    decoy = beside(file, test)
    assert decoy is not None
    assert decoy.asked.startswith(asked)
    assert decoy.name in decoy.asked


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize("file", ["test/half.test.js", "test/half.test.mjs", "test/test-half.cjs"])
def test_nodes_own_runner_finds_it_too(tmp_path: Path, file: str) -> None:
    module = file.endswith(".mjs")
    runner = "import test from 'node:test'" if module else "const test = require('node:test')"
    text = f"{runner};\ntest('one', () => {{}});\n"
    case, decoy, report = ran_beside(tmp_path, "node --test", {file: text}, file)
    assert case in [passed.name for passed in report.passed]
    assert decoy.failed(report)
    assert len(report.broken) == 3


def test_other_languages_have_none() -> None:
    assert beside("a_test.go", "example.com/a::TestB") is None
