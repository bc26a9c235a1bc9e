"""Runners for JavaScript: how they are found through scripts, and what is seen of them."""

import json

import pytest

from doubles.local_box import LocalBox, MakeBox
from samples.checks.script_samples import link_node_modules, node_package_missing
from tools.checks.base import Report, Request
from tools.checks.run import run_checks

NODE = """
    const { test } = require('node:test')
    test('ends', () => {})
    test('hangs', async () => { await new Promise(resolve => setTimeout(resolve, 60000)) })
"""

NESTING = """
    const { execFileSync } = require('child_process')
    const start = (...words) => execFileSync('npx', ['--no-install', ...words])
    it('starts a mocha', () => start('mocha', 'inner.js')).timeout(30000)
    it('starts node', () => execFileSync('node', ['--test', 'inner-test.js'])).timeout(30000)
"""

RETRIED = """
    jest.retryTimes(2)
    let tries = 0
    test('flaky', () => { tries += 1; expect(tries).toBe(2) })
    test('broken', () => { throw new Error('always') })
"""


def told(report: Report) -> list[tuple[str, str]]:
    return [(case.name, case.outcome.value) for case in report.cases]


def with_packages(make_box: MakeBox, files: dict[str, str], *packages: str) -> LocalBox:
    for name in packages:
        absent = node_package_missing(name)()
        if absent:
            pytest.skip(absent)
    box = make_box(files)
    link_node_modules(box.root)
    return box


def needs_node() -> None:
    absent = node_package_missing(".")()
    if absent and "node" in absent:
        pytest.skip(absent)


@pytest.mark.parametrize(
    "command",
    [
        "node --test --test-reporter=tap",
        "node --test --test-reporter=dot --test-reporter-destination=stdout",
        "NODE_OPTIONS=--no-warnings node --test",
        "sh -c 'NODE_OPTIONS=--no-warnings node --no-deprecation --test'",
    ],
)
def test_nodes_own_runner_reports_beside_any_other_reporter(
    make_box: MakeBox, command: str
) -> None:
    needs_node()
    box = make_box({"test/a.test.js": "require('node:test')('one', () => {})"})
    assert told(run_checks(box, Request(command))) == [("test/a.test.js::one", "passed")]


def test_node_stops_a_test_that_runs_too_long(make_box: MakeBox) -> None:
    needs_node()
    box = make_box(
        {"test/a.test.js": NODE, "test/b.test.js": "require('node:test')('b', () => {})"}
    )
    report = run_checks(box, Request("node --test", seconds_per_test=2, timeout=60))
    outcomes = dict(told(report))
    assert outcomes["test/a.test.js::ends"] == outcomes["test/b.test.js::b"] == "passed"
    assert "timed out" in report.broken[0].message


def test_files_lie_where_the_repository_sees_them(make_box: MakeBox) -> None:
    needs_node()
    box = make_box({"web/test/a.test.js": "require('node:test')('one', () => {})"})
    names = ["web/test/a.test.js::one", "web/test/gone.test.js"]
    report = run_checks(box, Request("cd web && node --test", tests=names))
    assert told(report) == [("web/test/a.test.js::one", "passed")]


def test_what_tests_start_themselves_is_not_reported(make_box: MakeBox) -> None:
    files = {
        "test/outer.js": NESTING,
        "inner.js": "it('is inner', () => {})",
        "inner-test.js": "require('node:test')('is inner', () => {})",
    }
    box = with_packages(make_box, files, "mocha")
    assert told(run_checks(box, Request("npx --no-install mocha"))) == [
        ("test/outer.js::starts a mocha", "passed"),
        ("test/outer.js::starts node", "passed"),
    ]


@pytest.mark.parametrize(
    "script",
    [
        "NODE_OPTIONS=--no-warnings mocha",
        "node --no-warnings node_modules/.bin/mocha --reporter dot",
        "mocha --parallel",
        "mocha --no-deprecation",
    ],
)
def test_mocha_is_seen_however_it_is_started(make_box: MakeBox, script: str) -> None:
    files = {
        "package.json": json.dumps({"scripts": {"test": script}}),
        "test/a.js": "it('one', () => {}); it('two', () => { throw new Error('no') })",
    }
    box = with_packages(make_box, files, "mocha")
    both = [("test/a.js::one", "passed"), ("test/a.js::two", "failed")]
    assert told(run_checks(box, Request("npm test"))) == both
    assert told(run_checks(box, Request("npm test", tests=["test/a.js::two"]))) == both[1:]


def test_a_test_that_passes_in_the_end_has_passed(make_box: MakeBox) -> None:
    box = with_packages(make_box, {"package.json": "{}", "a.test.js": RETRIED}, "jest")
    assert told(run_checks(box, Request("npx --no-install jest"))) == [
        ("a.test.js::flaky", "passed"),
        ("a.test.js::broken", "failed"),
    ]


def test_a_hundred_names_need_no_longer_command_line(make_box: MakeBox) -> None:
    box = with_packages(
        make_box, {"package.json": "{}", "a.test.js": "test('one', () => {})"}, "jest"
    )
    names = [f"a.test.js::{'x' * 2000} {number}" for number in range(100)]
    report = run_checks(box, Request("npx --no-install jest", tests=[*names, "a.test.js::one"]))
    assert told(report) == [("a.test.js::one", "passed")]
