"""Files that a product needs, and in which its tests are configured too."""

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from agent.evidence.candidate import Candidate, ChangedFile
from agent.evidence.finding import Action, Finding
from agent.evidence.tamper.reading import added_code, found
from tools.checks.suite_files import may_configure_suite

_TOML_TABLES = (
    *("tool.pytest", "tool.tox", "tool.nox", "tool.coverage", "tool.hatch.envs"),
    *("project.entry-points.pytest11", "tool.poetry.plugins.pytest11"),
    *("lib", "test", "profile.test"),
)
_INI_TABLES = re.compile(r"tool:pytest|pytest|tox.*|testenv.*|coverage:.*|aliases|test|nosetests")
_JSON_KEYS = ("jest", "mocha", "vitest", "nyc", "c8", "ava", "tap", "autoload-dev", "imports")
_SCRIPTS = re.compile(r"(pre|post)?test(:.*)?|ci")
_TARGETS = re.compile(r"^(tests?|check)\b[^\n]*:[^\n]*\n((?:[\t ].*\n?|\n)*)", re.MULTILINE)
_PLUGIN = re.compile(r"pytest11|pytest_plugins|setuptools\.setup_hooks|\bconsole_scripts\b")

_LINES = {
    "pom.xml": r"surefire|failsafe|skipTests|maven\.test|testFailureIgnore|<skip>|<test",
    "gradle": r"\btest\s*\{|useJUnit|ignoreFailures|onlyIf|exclude|\btestLogging\b|enabled\s*=",
    "cmakelists.txt": r"add_test|set_tests_properties|WILL_FAIL|enable_testing|DISABLED|gtest_",
    "rakefile": r"TestTask|RSpec|:test|:spec|default",
    "gemfile": r"minitest|rspec|test-unit",
    "config.toml": r"\brunner\b|\brustflags\b|\btarget\b|\bbuild\b",
}


def suite_settings(candidate: Candidate) -> Iterator[Finding]:
    """Changes of how the tests are run in a file that a repair may need for other reasons."""
    for file in candidate.files:
        if not may_configure_suite(file.path):
            continue
        if changed := _changed_settings(file):
            text = f"changes how the tests are run: {changed}"
            yield found("suite_settings", file, 0, Action.REFUSED, text)
        else:
            text = "is built from, and may change what the tests run with"
            yield found("suite_settings", file, 0, Action.FLAGGED, text)
    for file in candidate.files:
        for line, text in added_code(file):
            if match := _PLUGIN.search(text):
                said = f"`{match[0]}` has code loaded by the test runner or the installer"
                action = Action.REFUSED if match[0] != "console_scripts" else Action.FLAGGED
                yield found("suite_settings", file, line, action, said)


def _changed_settings(file: ChangedFile) -> str:
    """Which part that concerns the tests is another one than before; empty when none is."""
    name = PurePosixPath(file.path).name.lower()
    read = _READERS.get(name) or _READERS.get(PurePosixPath(name).suffix)
    if read is not None:
        before, after = (_safely(read, text) for text in (file.before, file.after))
        return ", ".join(sorted(k for k in {*before, *after} if before.get(k) != after.get(k)))
    pattern = next((p for mark, p in _LINES.items() if mark in name), None)
    changed = [*file.added.values(), *file.removed.values()]
    lines = [line for line in changed if pattern and re.search(pattern, line)]
    return f"`{lines[0].strip()[:60]}`" if lines else ""


Settings = dict[str, Any]


def _safely(read: Callable[[str], Settings], text: str | None) -> Settings:
    try:
        return read(text) if text else {}
    except (ValueError, RecursionError, configparser.Error):
        # What cannot be read as it should be counts as another setting than any other.
        return {"all of it": text}


def _toml(text: str) -> Settings:
    document = tomllib.loads(text)
    return {name: value for name in _TOML_TABLES if (value := _table(document, name)) is not None}


def _table(document: Any, dotted: str) -> Any:
    for part in dotted.split("."):
        document = document.get(part) if isinstance(document, dict) else None
    return document


def _ini(text: str) -> Settings:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections() if _INI_TABLES.fullmatch(name)}


def _json(text: str) -> Settings:
    document = json.loads(text)
    if not isinstance(document, dict):
        return {}
    scripts = document.get("scripts")
    chosen = scripts.items() if isinstance(scripts, dict) else ()
    return {key: document[key] for key in _JSON_KEYS if key in document} | {
        f"scripts.{name}": line for name, line in chosen if _SCRIPTS.fullmatch(name)
    }


def _makefile(text: str) -> Settings:
    recipes = {match[1]: match[0] for match in _TARGETS.finditer(text + "\n")}
    return {f"target {name}": recipe.strip() for name, recipe in recipes.items()}


_READERS: dict[str, Callable[[str], Settings]] = {
    "pyproject.toml": _toml,
    "cargo.toml": _toml,
    "setup.cfg": _ini,
    "package.json": _json,
    "composer.json": _json,
    "makefile": _makefile,
    "gnumakefile": _makefile,
    "justfile": _makefile,
}
