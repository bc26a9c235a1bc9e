"""Scripts under test: the lines that each test ran, and many changes in one call."""

from pathlib import Path

import pytest

from doubles.local_box import LocalBox, MakeBox
from samples.checks.script_samples import link_node_modules, node_package_missing
from tools.checks.base import Report, Request
from tools.checks.run import run_checks
from tools.checks.trials import Change, Trials, try_changes

HALF = """\
'use strict'
const STEP = 2
function half (n) {
  if (n % STEP === 0) {
    return n / STEP
  }
  return (n + STEP) / STEP
}
function other (n) { return n }
EXPORT
"""
OLD = "(n + STEP) / STEP"
NODE = {
    "half.js": HALF.replace("EXPORT", "module.exports = { half, other }"),
    "test/half.test.js": """\
const { test, describe } = require('node:test')
const assert = require('assert')
const { half } = require('../half')
test('even', () => assert.strictEqual(half(4), 2))
describe('odd', () => { test('five', () => assert.strictEqual(half(5), 3)) })
""",
}
MODULES = {
    "half.mjs": HALF.replace("EXPORT", "export { half, other }"),
    "test/half.test.mjs": """\
import test from 'node:test'
import assert from 'assert'
import { half } from '../half.mjs'
test('even', () => assert.strictEqual(half(4), 2))
test('odd', () => assert.strictEqual(half(5), 3))
""",
}
MOCHA = {
    "half.js": NODE["half.js"],
    "test/half.test.js": NODE["test/half.test.js"]
    .replace("const { test, describe } = require('node:test')\n", "")
    .replace("test('", "it('"),
    "test/slow.test.js": "it('is left out', () => require('fs').writeFileSync('seen', ''))\n",
}
JEST = {
    "half.js": NODE["half.js"],
    "test/half.test.js": MOCHA["test/half.test.js"].replace("it(", "test("),
    "package.json": "{}",
}
VITEST = {
    "half.mjs": MODULES["half.mjs"],
    "test/half.test.mjs": MODULES["test/half.test.mjs"]
    .replace("import test from 'node:test'", "import { describe, test } from 'vitest'")
    .replace(
        "test('odd', () => assert.strictEqual(half(5), 3))",
        "describe('odd', () => { test('five', () => assert.strictEqual(half(5), 3)) })",
    ),
    "package.json": "{}",
}
GOOD, BAD, ENDLESS, ENDED = "(n + 1) / STEP", "n", "(() => { while (true); })()", "process.exit(0)"


def needs(name: str) -> None:
    absent = node_package_missing(name)()
    if absent and (name != "." or "node" in absent):
        pytest.skip(absent)


@pytest.mark.parametrize("files", [NODE, MODULES], ids=["script", "module"])
def test_lines_are_told_with_the_tests_that_ran_them(
    make_box: MakeBox, files: dict[str, str]
) -> None:
    needs(".")
    report = run_checks(make_box(files), Request("node --test test/*", coverage=True))
    path = next(iter(files))
    counts = {line.line: (line.failing, line.passing) for line in report.lines}
    assert {line.path for line in report.lines} == {path}
    assert counts[7] == (1, 0)
    assert counts[4] == (1, 1)
    assert counts[2] == (1, 1), "what runs while a file is loaded counts for all"
    assert 5 not in counts
    assert 9 not in counts


def test_paths_in_messages_begin_at_the_repositorys_root(make_box: MakeBox) -> None:
    needs(".")
    box = make_box(NODE | {"half.js": "exports.half = n => n.missing.part\n"})
    [first, *_] = run_checks(box, Request("node --test test/half.test.js")).broken
    assert "at exports.half (half.js:1:" in first.message
    assert str(box.root) not in first.message


def tried(box: LocalBox, request: Request, path: str, *news: str) -> Trials:
    changes = [Change(path, OLD, new) for new in news]
    return try_changes(box, request, changes, seconds=120.0, each=30.0)


def verdicts(found: Trials) -> list[tuple[bool, bool]]:
    """Of each change whether anything passed, and whether anything is broken."""
    reports = [report for report in found.reports if isinstance(report, Report)]
    assert len(reports) == len(found.reports), found.problem
    return [(bool(report.passed), bool(report.broken)) for report in reports]


@pytest.mark.parametrize(
    ("package", "files", "command"),
    [
        pytest.param(".", NODE, "node --test test/half.test.js", id="node"),
        pytest.param(
            "jest", JEST, "npx --no-install jest", marks=pytest.mark.frameworks, id="jest"
        ),
        pytest.param(
            "vitest",
            VITEST,
            "npx --no-install vitest run",
            marks=pytest.mark.frameworks,
            id="vitest",
        ),
    ],
)
def test_each_change_has_the_verdict_of_a_run_of_its_own(
    make_box: MakeBox, package: str, files: dict[str, str], command: str
) -> None:
    needs(package)
    box = make_box(files)
    if package != ".":
        link_node_modules(box.root)
    changed, test, *_ = files
    request = Request(command, tests=[f"{test}::odd > five"], stop_early=True)
    found = tried(box, request, changed, BAD, GOOD)
    assert found.unchanged is not None
    assert found.unchanged.broken
    assert verdicts(found) == [(False, True), (True, False)]
    assert (box.root / changed).read_text() == files[changed]


def test_nothing_is_tried_where_something_else_is_run_than_what_is_changed(
    make_box: MakeBox,
) -> None:
    needs(".")
    box = make_box(NODE | {"src.js": NODE["half.js"]})
    request = Request("cp src.js half.js && node --test test/half.test.js", tests=["x"])
    found = tried(box, request, "src.js", GOOD)
    assert found.problem == "the runner does not run the changed files as they are written"
    assert (box.root / "src.js").read_text() == NODE["half.js"]


@pytest.fixture
def mocha_box(make_box: MakeBox) -> LocalBox:
    needs("mocha")
    box = make_box(MOCHA)
    link_node_modules(box.root)
    return box


MOCHA_REQUEST = Request(
    "npx --no-install mocha",
    tests=["test/half.test.js::odd > five"],
    stop_early=True,
    seconds_per_test=4.0,
)


@pytest.mark.frameworks
def test_mocha_tries_changes_in_one_process_and_outlives_each(mocha_box: LocalBox) -> None:
    found = tried(mocha_box, MOCHA_REQUEST, "half.js", BAD, GOOD, ENDLESS, GOOD, ENDED, GOOD)
    good, bad = (True, False), (False, True)
    assert verdicts(found) == [bad, good, bad, good, bad, good]
    cut = [report.timed_out for report in found.reports if report is not None]
    assert cut == [False, False, True, False, False, False]
    assert not (mocha_box.root / "seen").exists()
    assert (mocha_box.root / "half.js").read_text() == NODE["half.js"]


@pytest.mark.frameworks
def test_changes_that_leave_traces_in_the_process_are_not_believed(mocha_box: LocalBox) -> None:
    spoils = "(global.spoilt = 3, n)"
    text = (mocha_box.root / "half.js").read_text().replace("n % STEP", "n % (global.spoilt || 2)")
    (mocha_box.root / "half.js").write_text(text)
    request = Request(MOCHA_REQUEST.command, tests=["test/half.test.js"])
    found = tried(mocha_box, request, "half.js", spoils)
    assert found.problem == "a change leaves traces in the process"


@pytest.mark.frameworks
def test_mocha_tells_the_lines_that_each_test_ran(mocha_box: LocalBox) -> None:
    report = run_checks(mocha_box, Request("npx --no-install mocha", coverage=True))
    counts = {line.line: (line.failing, line.passing) for line in report.lines}
    assert counts[7] == (1, 0)
    assert counts[4] == (1, 1)
    assert Path("half.js") in {Path(line.path) for line in report.lines}
