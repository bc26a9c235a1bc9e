"""Decoys are found by runners that know files by their paths, and by those that know modules."""

import shutil
import sys
from pathlib import Path

import pytest

from agent.evidence.decoy import Decoy, beside, drawn
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
        ("test_c.py", "test_c.py::test_d", "test_"),
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


GO_FILES = {
    "go.mod": "module example.com/all\n",
    "sub/go.mod": "module example.com/all/sub\n",
    "a/b_test.go": "package a_test\n",
    "sub/c/d_test.go": "// Package c\npackage c\n",
    "README": "",
}


@pytest.mark.parametrize(
    ("test", "path", "line"),
    [
        ("example.com/all/a::TestB", "a/0", "package a_test\n"),
        ("example.com/all/sub/c::TestD/e", "sub/c/0", "package c\n"),
        ("example.com/allowed::TestB", None, ""),
        ("example.com/all/none::TestB", None, ""),
    ],
)
def test_one_for_go_lies_in_the_tests_package(test: str, path: str | None, line: str) -> None:
    decoy = drawn(test, [], list(GO_FILES), GO_FILES.__getitem__)
    assert (decoy is None) == (path is None)
    if decoy is not None and path is not None:
        assert decoy.path.startswith(path)
        assert line in decoy.text
        assert decoy.asked.partition("::")[0] == test.partition("::")[0]


RUST_FILES = {
    "Cargo.toml": "[workspace]\nmembers = ['one-half', 'two']\n",
    "one-half/Cargo.toml": "[package]\nname = 'one-half'\n",
    "two/Cargo.toml": "[package]\nname = 'two'\n[lib]\nname = 'both'\n",
    "two/tests/whole.rs": "",
    "broken/Cargo.toml": "[",
}


@pytest.mark.parametrize(
    ("test", "folder"),
    [
        ("one_half::tests::even", "one-half/tests"),
        ("both::even", "two/tests"),
        ("whole::even", "two/tests"),
        ("none::even", None),
    ],
)
def test_one_for_cargo_is_a_target_of_the_tests_package(test: str, folder: str | None) -> None:
    decoy = drawn(test, [], list(RUST_FILES), RUST_FILES.__getitem__)
    assert (decoy and str(Path(decoy.path).parent)) == folder


@pytest.mark.parametrize(
    ("file", "text", "ending", "holds"),
    [
        ("t/HalfTest.java", "package a.b;\nimport org.junit.Test;", "Test.java", "@org.junit.Test"),
        ("t/HalfTests.java", "import org.junit.jupiter.api.Test;", "Tests.java", "jupiter"),
        ("t/HalfIT.java", "import org.testng.annotations.Test;", "IT.java", "org.testng"),
        ("t/HalfTest.php", "<?php\nnamespace A\\B;\n", "Test.php", "namespace A\\B;"),
        ("t/half_spec.rb", "", "_spec.rb", "RSpec"),
        ("t/half_test.rb", "", "_test.rb", "Minitest"),
        ("t/test_half.rb", "", ".rb", "Minitest"),
        ("t/half.t", "", ".t", "Test::More"),
        ("t/half.test.js", "", ".test.js", "globalThis.test"),
        ("t/half.test.ts", "import { it } from 'vitest';", ".test.ts", 'from "vitest"'),
    ],
)
def test_it_is_like_its_neighbour(file: str, text: str, ending: str, holds: str) -> None:
    decoy = beside(file, "whatever", text)
    assert decoy is not None
    assert decoy.path.endswith(ending)
    assert decoy.name in decoy.path
    assert holds in decoy.text


@pytest.mark.parametrize("file", ["half_test.c", "half.test.ts", "HalfTest.kt", "a_test.go"])
def test_what_it_is_not_written_for_has_none(file: str) -> None:
    assert beside(file, "example.com/a::TestB") is None
