import ast

import pytest

from agent.model.embedded.kinds import compatible, kind_of
from agent.model.embedded.scopes import scopes_of
from agent.model.embedded.spans import Source

TEXT = """\
import heapq

class Queue:
    def __init__(self, size=3):
        self.items = []
        self.size = size

    def fill(self, words, limit=10):
        count = 0
        seen = set()
        index, rest = 0, [word for word in words]
        for position, word in enumerate(words):
            if len(self.items) < limit:
                heapq.heappush(self.items, word)
            best = words[index:position]
        return count
"""


@pytest.fixture
def fill():
    scopes = scopes_of(Source("queue.py", TEXT))
    return next(scope for scope in scopes.values() if scope.name == "fill")


def test_kinds_come_from_values_defaults_and_uses(fill):
    wanted = {
        "limit": "number",
        "count": "number",
        "seen": "set",
        "index": "number",
        "rest": "list",
        "position": "number",
        "words": "list",
    }
    assert {name: fill.known[name].kind for name in wanted} == wanted


def test_fields_are_known_with_their_kinds(fill):
    assert fill.fields["self.items"].kind == "list"
    assert fill.fields["self.size"].kind == "number"


def test_a_collection_that_nothing_fills_is_noticed(fill):
    assert fill.known["seen"].stays_empty
    assert not fill.known["rest"].stays_empty


def test_what_comprehensions_bind_is_not_the_functions(fill):
    comprehension = Source("a.py", "def f(a):\n    return [b for b in a]\n")
    scope = next(s for s in scopes_of(comprehension).values() if s.name == "f")
    assert list(scope.known) == ["a"]
    assert "word" in fill.known  # the loop binds it, too


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("len(a) + 1", "number"),
        ("[a] * 2", "list"),
        ("'a' + b", "text"),
        ("a + b", ""),
        ("a - b", "number"),
        ("not a", "bool"),
        ("a in b", "bool"),
        ("sorted(a)[1:]", "list"),
        ("None", "none"),
        ("{a: 1}", "dict"),
        ("max(1, a)", "number"),
        ("f(a)", ""),
    ],
)
def test_kinds_of_expressions(text, kind):
    assert kind_of(ast.parse(text, mode="eval").body, {}) == kind


def test_kinds_are_alike_by_degrees():
    assert compatible("list", "list") > compatible("list", "text") > compatible("list", "number")
    assert compatible("", "number") > compatible("text", "number")
