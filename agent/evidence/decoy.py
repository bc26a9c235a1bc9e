"""A test that has to fail, laid among the reproduction's: who makes everything pass gives it away.

Its name is drawn anew for each verdict, so a patch cannot know it. It fails in several ways, as a
patch may have bent one of them: a comparison, a method of a test case, a plain error.
"""

import secrets
from dataclasses import dataclass
from pathlib import PurePosixPath

from tools.checks.base import Report

_PYTHON = """\
import unittest


class Test{name}(unittest.TestCase):
    def test_{name}_equal(self):
        self.assertEqual("{name}", "{other}")

    def test_{name}_true(self):
        self.assertTrue([])

    def test_{name}_raised(self):
        raise ValueError("{name}")


def test_{name}():
    assert "{name}" == "{other}"


def test_{name}_number():
    assert {{"{name}": 1}} == {{"{name}": 2}}


def test_{name}_error():
    raise ValueError("{name}")
"""


# Jest, Mocha and Vitest with globals give a function to add tests by; Node's own is imported.
_SCRIPT = """\
const add = (test) => {{
    test("{name} compared", () => {{
        if ("{name}" !== "{other}") throw new Error("{name}");
    }});
    test("{name} asserted", async () => {{
        if (globalThis.expect) globalThis.expect("{name}").toBe("{other}");
        const {{ default: assert }} = await import("node:assert");
        assert.strictEqual("{name}", "{other}");
    }});
    test("{name} refused", () => Promise.reject(new Error("{name}")));
}};
const known = globalThis.test || globalThis.it;
if (known) add(known);
else import("node:test").then((runner) => add(runner.test));
"""
_SCRIPTS = (".js", ".mjs", ".cjs")


@dataclass(frozen=True, slots=True)
class Decoy:
    """A file of tests that all have to fail."""

    name: str
    """The word that is in the names of all its tests."""
    path: str
    text: str
    asked: str
    """The name by which its framework is asked for it."""

    def failed(self, report: Report) -> bool:
        """Whether its tests ran, and every one of them failed."""
        cases = [case for case in report.cases if self.name in case.name]
        return bool(cases) and all(case.broken for case in cases)


def beside(test_file: str, test: str) -> Decoy | None:
    """A decoy for the folder of a test file; None for languages that it is not written in.

    Args:
        test_file: The file.
        test: The name of a test in it, whose form tells by what its framework knows a file.
    """
    file = PurePosixPath(test_file)
    name, other = (f"q{secrets.token_hex(5)}" for _ in range(2))
    if file.suffix == ".py":
        stem = f"{name}_test" if file.stem.endswith("_test") else f"test_{name}"
        path = str(file.with_name(f"{stem}.py"))
        text = _PYTHON.format(name=name, other=other)
        return Decoy(name, path, text, _dotted(file, stem, test) or path)
    if file.suffix in _SCRIPTS:
        start = "test-" if file.name.startswith("test-") else ""
        # What follows the first dot is what runners go by: ``half.test.js``.
        path = str(file.with_name(f"{start}{name}.{file.name.partition('.')[2]}"))
        return Decoy(name, path, _SCRIPT.format(name=name, other=other), path)
    return None


def _dotted(file: PurePosixPath, stem: str, test: str) -> str:
    """A module beside a test's own, where the test is named by modules: ``polls.tests.VoteTest``.

    Names may begin at any folder of the path.
    """
    parts = file.with_suffix("").parts
    for first in range(len(parts)):
        if test.startswith(f"{'.'.join(parts[first:])}."):
            return ".".join([*parts[first:-1], stem])
    return ""
