"""What failures of JavaScript's tests say."""

import pytest

from agent.model.embedded.script.names import Names
from agent.model.embedded.script.observe import accused, frames, imported, symptoms
from agent.model.embedded.script.source import Source, units
from agent.model.embedded.templates.table import ENDLESS, INDEX, LENGTH, NOTHING, ONE_OFF, TRUTH

TRACE = """\
AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:

1 !== 2

    at half (lib/half.js:3:9)
    at Context.<anonymous> (test/half.test.js:198:14)
    at process.processImmediate (node:internal/timers:483:21)
"""


def test_frames_are_told_outermost_first() -> None:
    assert frames(TRACE) == [("test/half.test.js", 198), ("lib/half.js", 3)]


@pytest.mark.parametrize(
    ("message", "symptom"),
    [
        (TRACE, ONE_OFF),
        ("true !== false", TRUTH),
        ("AssertionError: expected false to equal true", TRUTH),
        ("expected 'ab' to deeply equal 'abc'", LENGTH),
        ("Expected: 4\nReceived: 3", ONE_OFF),
        ("TypeError: Cannot read properties of undefined (reading 'a')", NOTHING),
        ("TypeError: x is not iterable: undefined is not a function", INDEX),
        ("RangeError: Maximum call stack size exceeded", ENDLESS),
        ("Error: Timeout of 2000ms exceeded.", ENDLESS),
    ],
)
def test_symptoms(message: str, symptom: str) -> None:
    assert symptom in symptoms(message)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("test/a.test.js", "const a = require('../lib/a')", "lib/a.js"),
        ("test/a.test.mjs", 'import { a } from "../a.mjs"', "a.mjs"),
        ("test/a.test.ts", "import a from '../src/a.js'", "src/a.ts"),
        ("a.test.js", "await import('./lib')", "lib/index.js"),
        ("test/a.test.js", "require('..')", "index.js"),
    ],
)
def test_relative_imports_are_looked_for(path: str, text: str, expected: str) -> None:
    assert expected in imported(path, text)


def test_packages_and_what_lies_outside_are_not_looked_for() -> None:
    assert imported("test/a.js", "require('mocha'); require('../../b')") == []


def test_names_are_seen_where_they_have_a_value() -> None:
    source = Source(
        "a.js",
        "const max = 3\nfunction f (xs, { y }) {\n  let n = xs.length\n"
        "  for (const x of xs) { n += x }\n  const late = 1\n  return n\n}\n",
    )
    names = Names(source)
    adding = next(unit for unit in units(source.tree) if unit.text == "n += x")
    found = {known.name: known.kind for known in names.visible(adding)}
    assert found == {"x": "number", "n": "number", "xs": "", "y": "", "max": "number",
                     "f": ""}  # fmt: skip


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("TypeError: list.pusch is not a function", {"pusch"}),
        ("TypeError: thing is not a constructor", {"thing"}),
        ("ReferenceError: lenght is not defined", {"lenght"}),
        ("TypeError: Cannot read properties of undefined (reading 'price')", set()),
        ("AssertionError: 1 !== 2", set()),
    ],
)
def test_names_that_an_error_complains_of(message: str, names: set[str]) -> None:
    assert accused(message) == names
