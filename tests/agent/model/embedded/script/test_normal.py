"""What means the same is the same; what does not, is not."""

import pytest

from agent.model.embedded.script.normal import Parts, normal_form
from agent.model.embedded.script.source import Source
from agent.model.embedded.spans import Edit


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a > b", "b < a"),
        ("a >= b", "b <= a"),
        ("!(a === b)", "a !== b"),
        ("((a + b))", "a + b"),
        ("i++", "i += 1"),
        ("++i", "i++"),
        ("f('a')", 'f("a");'),
        ("if (a) { b() }", "if (a) b()"),
        ("a && a", "a"),
        ("f(a, b,)", "f(a, b)"),
        ("a // why", "a"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    assert normal_form("a.js", one) == normal_form("a.js", other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a - b", "b - a"),
        ("x = i++", "x = ++i"),
        ("a + (b + c)", "a + b + c"),
        ("a == b", "a === b"),
        ("f('a')", "f('b')"),
        ("a || b", "a ?? b"),
        ("i += 1", "i -= 1"),
        ("a?.b", "a.b"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert normal_form("a.js", one) != normal_form("a.js", other)


def test_a_change_is_compared_by_the_smallest_statement_around_it() -> None:
    text = "function f (a) {\n  g(a)\n  return a + 1\n}\nclass B {\n  c (d) { return d }\n}\n"
    parts = Parts(Source("a.js", text))
    number, d = text.index("1"), text.rindex("d }")
    assert parts.key([Edit(number, number + 1, "2")]) == (
        f"a.js:{text.index('return')}",
        normal_form("a.js", "return a + 2"),
    )
    inner = parts.key([Edit(d, d + 1, "!d")])
    assert inner is not None
    assert inner[0] == f"a.js:{text.index('return d')}"
    line = parts.key([Edit(text.index("  g"), text.index("  g"), "  h()\n")])
    assert line is not None
    assert line[0] == "a.js:0"
