"""Edits of earlier commits made once more in JavaScript."""

import pytest

from agent.model.embedded.script.names import Names
from agent.model.embedded.script.site import Site
from agent.model.embedded.script.source import Source, units
from agent.model.embedded.script.templates.remembered import Remembered
from agent.model.embedded.spans import apply
from tools.code.past_edits import PastEdit

TEXT = """\
const { clean } = require('./clean')

function check (x) {}

class Store {
  get (key, other) {
    return this.items[key]
  }
}
"""


def results(before: list[str], after: list[str], text: str = TEXT, path: str = "x.js") -> set[str]:
    """The texts that one earlier edit makes of a text."""
    source = Source(path, text)
    names = Names(source)
    remembered = Remembered([PastEdit(path, tuple(before), tuple(after))])
    sites = [Site(source, names, unit) for unit in units(source.tree)]
    return {apply(text, edits) for site in sites for edits, _ in remembered.once_more(site)}


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        (
            ["    this.items[name] = 1"],
            ["    this.items[clean(name)] = 1"],
            "this.items[clean(key)]",
        ),
        (["return this.items[at]"], ["return this.items[at].value"], "this.items[key].value"),
        (["} else if (this.items[k]) {"], ["} else if (this.items.get(k)) {"], "items.get(key)"),
        (
            ["  value: this.items[k],"],
            ["  value: this.items[k] ?? null,"],
            "this.items[key] ?? null",
        ),
        ([".then(xs[i])"], [".then(clean(xs[i]))"], "return clean(this.items[key])"),
        ([], ["    check(key)"], "    check(key)\n    return"),
        ([], ["  if (!key) {", "  }"], "    if (!key) {\n    }\n    return"),
        (["n = xs[i]"], ["n = xs[i + 1]"], "this.items[key + 1]"),
    ],
)
def test_an_edit_is_made_at_another_place(before, after, wanted) -> None:
    assert any(wanted in found for found in results(before, after))


def test_it_is_one_for_typescript_too() -> None:
    text = TEXT.replace("(key, other)", "(key: string, other: number): number")
    found = results(["a = b[c as string]"], ["a = b[clean(c as string)]"], text, "x.ts")
    assert found == set()
    found = results(["a = b[c]"], ["a = b[clean(c)]"], text, "x.ts")
    assert any("this.items[clean(key)]" in changed for changed in found)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["x[a]"], ["x[unheardOf(a)]"]),
        ([], ["check(unheardOf)"]),
        ([], ["'use strict'"]),
        ([], ["const key = 1"]),
        (["version = 1"], ["version = 2"]),
        (["function f (("], ["function g (("]),
        (["one"], ["two", "three"]),
    ],
)
def test_what_would_not_run_or_says_nothing_is_not_made(before, after) -> None:
    assert results(before, after) == set()


def test_what_stands_there_already_is_not_put_there_again() -> None:
    text = TEXT.replace("this.items[key]", "this.items[clean(key)]")
    found = results(["x[name]"], ["x[clean(name)]"], text)
    assert not any("clean(clean(" in changed for changed in found)


def test_what_is_given_a_value_is_left() -> None:
    assert results(["return a[b]"], ["return f(a[b])"], "function f (x) { x[0] = 1 }\n") == set()
