import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.model.embedded.candidates import candidates
from agent.model.embedded.normal import normal_form
from agent.model.embedded.scopes import scopes_of
from agent.model.embedded.site import Site
from agent.model.embedded.spans import Source, step

INVENTORY = '''\
"""Wares on shelves."""

LIMIT = 10


class Inventory:
    def __init__(self, wares=()):
        self.wares = {}
        self.names = []
        for name, count in wares:
            self.add(name, count)

    def add(self, name, count=1):
        """Put `count` more of a ware in; ä and ß are fine."""
        if count < 0 or count > LIMIT:
            raise ValueError(f"too many: {count}")
        self.wares[name] = self.wares.get(name, 0) + count  # grows
        self.names.append(name)

    def take(self, name, count=1):
        if self.wares[name] > count:
            self.wares[name] -= count
            return True
        return False

    def total(self):
        return sum(count for count in self.wares.values() if (count
            > 0))


def longest(words, least=1):
    best = ""
    while words:
        first, *words = words
        if len(first) >= least and len(first) > len(best): best = first
    return best
'''
TABBED = "def f(a, b):\n\tif not a: return b\n\ttotal = 'ü' + a[0]; b += 1\n\treturn total\n"


def _sites(text):
    source = Source("code.py", text)
    return [
        Site(source, scope, statement)
        for scope in scopes_of(source).values()
        for statement in ast.walk(scope.holder)
        if isinstance(statement, ast.stmt) and not isinstance(scope.holder, ast.Module)
        if statement is not scope.holder
    ]


@pytest.fixture(scope="module")
def found():
    """All changes of the larger text, in order."""
    return list(candidates(_sites(INVENTORY), frozenset()))


def test_there_are_many_and_the_best_come_first(found):
    assert len(found) > 300
    priorities = [candidate.priority for candidate in found]
    assert priorities == sorted(priorities, reverse=True)


def test_none_means_the_same_as_another_or_as_the_original(found):
    forms = [normal_form(candidate.text) for candidate in found]
    assert len(forms) == len(set(forms))
    assert normal_form(INVENTORY) not in forms


def test_all_compile_and_keep_the_strings_and_comments(found):
    for candidate in found:
        compile(candidate.text, "code.py", "exec")
        assert candidate.text.startswith('"""Wares on shelves."""\n\nLIMIT = 10\n')
        assert "ä and ß are fine" in candidate.text or candidate.template == "delete"


def test_the_order_is_always_the_same(found):
    again = candidates(_sites(INVENTORY), frozenset())
    assert [candidate.text for candidate in again] == [candidate.text for candidate in found]


def test_no_template_and_no_statement_has_the_first_places_for_itself(found):
    first = found[:40]
    assert len({candidate.template for candidate in first}) >= 8
    assert len({candidate.line for candidate in first}) >= 6


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_one_replacement_leads_from_each_change_to_each_other(found, data):
    places = st.integers(0, len(found) - 1)
    before, after = found[data.draw(places)].text, found[data.draw(places)].text
    change = step(before, after)
    if change is None:
        assert before == after
    else:
        assert before.count(change[0]) == 1
        assert before.replace(*change) == after


def test_tabs_and_shared_lines_survive():
    for candidate in candidates(_sites(TABBED), frozenset()):
        compile(candidate.text, "code.py", "exec")
        assert "    " not in candidate.text or "\t" in candidate.text


@settings(deadline=None)
@given(
    st.sampled_from(["a < b", "f(a, *b)[1:]", "(a,)", "not a", "a if b else c", "lambda: a"]),
    st.sampled_from(["return {}", "x = 1 + {}", "f({}, 2)", "if {}: pass", "x[{}] += a", "({}).b"]),
)
def test_any_expression_anywhere_gives_only_changes_that_compile(expression, frame):
    line = frame.format(f"({expression})")
    text = f"def f(a, b, c, x=[]):\n    b = a\n    {line}\n"
    for candidate in candidates(_sites(text), frozenset()):
        compile(candidate.text, "code.py", "exec")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a > b", "b < a"),
        ("not a == b", "a != b"),
        ("a and a", "a"),
        ("abs(abs(a))", "abs(a)"),
        ("abs(a - b)", "abs(b - a)"),
    ],
)
def test_two_ways_to_write_it_are_one_change(one, other):
    assert normal_form(f"x = {one}") == normal_form(f"x = {other}")


def test_an_assignment_to_itself_is_no_statement():
    assert normal_form("x = x") == normal_form("pass")
    assert normal_form("x = = y") is None
