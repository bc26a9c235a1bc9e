"""Each template with what it makes of a few lines; the right change is among its first."""

import pytest

from agent.model.embedded.scopes import scopes_of
from agent.model.embedded.site import Site
from agent.model.embedded.spans import Source
from agent.model.embedded.templates import (
    callees,
    calls,
    checks,
    conditions,
    ingredients,
    insertions,
    literals,
    names,
    numbers,
    operators,
    questions,
    slices,
    statements,
    table,
    values,
    wrapping,
)

LINKED = """\
def walk(node):
    last = None
    while node:
        following = node.next
        node.back = last
        node = following
    return last
"""

CASES = [
    (operators.comparison, "def f(a, b):\n    return a <  b\n", "a <=  b"),
    (operators.comparison, "def f(a):\n    return a is not None\n", "a is None"),
    (operators.arithmetic, "def f(a, b):\n    return a + (b)\n", "a - (b)"),
    (operators.augmented, "def f(a, b):\n    a ^= b\n    return a\n", "a &= b"),
    (operators.augmented, "def f(a, b):\n    a = b\n    return a\n", "a += b"),
    (operators.boolean, "def f(a, b):\n    if a and b:\n        return 1\n", "a or b"),
    (operators.negation, "def f(a):\n    if a:\n        return 1\n", "if not a:"),
    (operators.operands, "def f(a, b):\n    return a - (b - 1)\n", "return b - 1 - (a)"),
    (numbers.off_by_one, "def f(n):\n    for i in range(n):\n        pass\n", "range(n + 1)"),
    (numbers.off_by_one, "def f(t, i, j):\n    return t[i - 1, j]\n", "t[i - 1, j - 1]"),
    (numbers.constant, "def f(a):\n    return a > 0 and True\n", "a > 1 and True"),
    (numbers.drop_term, "def f(a):\n    return 1 + f(a)\n", "return f(a)"),
    (numbers.scaled, "def f(a, b):\n    return a + 1 - b * 2\n", "a ** 2 + 1"),
    (numbers.extra_term, "def f(k):\n    n = len(k)\n    return f(k[n])\n", "k[n - k]"),
    (names.variable, "def f(a, b):\n    return a + a\n", "return b + a"),
    (names.value_by_variable, "def f(a, b):\n    return a.c + 1\n", "return b + 1"),
    (names.variable_by_value, "def f(a):\n    return 0\n", "return a"),
    (names.attribute, "def f(a):\n    a.left = 1\n    return a.right\n", "return a.left"),
    (names.target, "def f(a, b, k):\n    a[k] = min(b[k], 1)\n", "b[k] = min(b[k], 1)"),
    (slices.bounds, "def f(a, i):\n    return a[i:]\n", "a[:i]"),
    (slices.part, "def f(a, k):\n    b = a[:k]\n    for x in a:\n        b += x\n", "in a[k:]:"),
    (slices.index, "def f(a):\n    return a[0]\n", "a[-1]"),
    (conditions.size, "def f(a):\n    if len(a) == 0:\n        return a\n", "len(a) <= 1"),
    (conditions.drop_operand, "def f(a, b):\n    if a and b:\n        pass\n", "if b:"),
    (
        conditions.guard_value,
        "def f(a):\n    if a.b:\n        return 1\n",
        "if a is None or a.b:",
    ),
    (
        conditions.more_or_less,
        "def f(a, b):\n    if a < 0:\n        return b\n",
        "if a < 0 or not b:",
    ),
    (
        conditions.borrowed,
        "def f(a, b):\n    if a:\n        return 1\n    if b > 1 or a:\n        return 2\n",
        "if a and (b > 1 or a):",
    ),
    (
        conditions.loop_condition,
        "def f(q):\n    while True:\n        q.pop()\n",
        "while q:",
    ),
    (
        conditions.guard_value,
        "def f(a):\n    if len(a.b) > 0:\n        pass\n",
        "a.b and len(a.b) > 0",
    ),
    (
        questions.elsewhere,
        "def f(a):\n    if a.b == C and a:\n        pass\n"
        "def g(a, c):\n    if c:\n        pass\nC = 1\n",
        "if c and a.b != C:",
    ),
    (conditions.truth, "def f(a):\n    if a:\n        return 1\n", "if a is not None:"),
    (calls.swap_arguments, "def f(a, b):\n    return g(a % b, b)\n", "g(b, a % b)"),
    (calls.argument, "def f(a, b):\n    return g(a, 1) + g(b, 2)\n", "g(b, 1) + g(b, 2)"),
    (calls.recursive_argument, "def f(a, b):\n    return f(a[1:], b)\n", "f(a[1:], b[1:])"),
    (calls.more_arguments, "def f(a):\n    return a.get(1)\n", "a.get(1, 0)"),
    (calls.more_arguments, "def g(a, b):\n    return g(a)\n", "g(a, b)"),
    (calls.more_arguments, "def g(c, b=1):\n    pass\n\n\ndef f(a, b):\n    g(a)\n", "g(a, b=b)"),
    (calls.more_arguments, "def f(a, c):\n    h(a, d=True)\n    return h(c)\n", "h(c, d=True)"),
    (calls.more_arguments, "def f(a, b):\n    for x in b:\n        c = zip(a)\n", "zip(a, b)"),
    (calls.fewer_arguments, "def f(a):\n    return g(a, 1)\n", "g(a)"),
    (callees.callee, "def f(a):\n    b = a.start()\n    return a.begin()\n", "return a.start()"),
    (callees.callee, "def f(a):\n    return any(x for x in a)\n", "all(x for x in a)"),
    (wrapping.unwrap, "def f(a):\n    yield f(a)\n", "yield a"),
    (
        wrapping.bounded,
        "def f(a):\n    b = 0\n    for x in a:\n        b = b + 1\n    return b\n",
        "b = max(b, b + 1)",
    ),
    (wrapping.wrap, "def f(a, b):\n    for i, x in a:\n        b += x\n", "in enumerate(a):"),
    (wrapping.wrap, "def f(a):\n    return len(a) - 1\n", "return abs(len(a) - 1)"),
    (wrapping.unwrap, "def f(a):\n    return a.b()\n", "return a.b\n"),
    (checks.fallback, "def f(a):\n    return b'x' + g(a.b)\n", "g(a.b or b'')"),
    (checks.fallback, "def f(a):\n    return g(a.b)\n", "g(getattr(a, 'b', None))"),
    (values.layer, "def f(a):\n    return []\n", "return [[]]"),
    (values.filled, "def f(a):\n    return []\n", "return [a]"),
    (values.more, "def f(a):\n    b = f([])\n    return [a] * 2\n", "return [a] * 2 + b"),
    (values.decided, "def f(a):\n    n = 0\n    n += a\n    return True\n", "return n == 0"),
    (ingredients.ingredient, "def f(a):\n    b = a[0]\n    return a[1:]\n", "return a[0]"),
    (ingredients.rebound, "def f(a, b):\n    a[0].update(b)\n", "a[0] = b"),
    (statements.delete, "def f(a):\n    a += 1\n    return a\n", "def f(a):\n    return a"),
    (statements.delete, "def f(a):\n    if a:\n        return a\n", "if a:\n        pass"),
    (
        statements.swap_statements,
        "def f(a):\n    b = a.pop()\n    c = a.pop()\n    return b - c\n",
        "c = a.pop()\n    b = a.pop()",
    ),
    (
        insertions.insert_update,
        "def f(a):\n    seen = set()\n    for x in a:\n        if x in seen:\n"
        "            return x\n",
        "for x in a:\n        seen.add(x)\n",
    ),
    (insertions.insert_assignment, LINKED, "last = node\n        node = following"),
    (
        insertions.insert_copy,
        "def f(a, b):\n    a.append(b)\n    return a\n",
        "a.append(b)\n    a.append(b)\n",
    ),
    (
        checks.insert_exit,
        "def f(a):\n    b = a[0]\n    return 1\n",
        "if not a:\n        return 1\n    b = a[0]",
    ),
    (
        checks.insert_exit,
        "def f(a, b):\n    return g(a, b)\n",
        "if b is None:\n        return a\n",
    ),
    (
        checks.insert_check,
        "def f(a, b):\n    a *= b\n    return a\n",
        "    if a:\n        a *= b\n    return a\n",
    ),
    (
        statements.unconditional,
        "def f(a, b):\n    if a:\n        # why\n        b += 1\n\n        a = b\n    return a\n",
        "def f(a, b):\n    b += 1\n\n    a = b\n    return a\n",
    ),
    (
        statements.move_statement,
        "def f(a):\n    for x in a:\n        b = x\n        c = b\n    return c\n",
        "b = x\n    c = b\n    return c",
    ),
]


@pytest.mark.parametrize(
    ("template", "before", "expected"),
    CASES,
    ids=[f"{i}-{case[0].__name__}" for i, case in enumerate(CASES)],
)
def test_the_change_is_proposed(results, template, before, expected):
    found = results(template, before)
    assert any(expected in after for after in found), "\n---\n".join(found)


@pytest.mark.parametrize(
    ("literal", "got", "wanted", "expected"),
    [
        ("'push --force'", "git push --force", "git push --force-with-lease", ["force-with-lease"]),
        ("'push --force'", "git push --all", "git push", []),
        ("'abcabc'", "abcabc!", "abc!", ["'abc'"]),
        ("0", 0, 90, ["90"]),
        ("0", 1, 90, []),
        ("False", 0, 90, []),
        ("'a'", "a", "b", []),
    ],
)
def test_a_literal_changes_by_what_a_wrong_result_lacks(literal, got, wanted, expected):
    source = Source("code.py", f"def f():\n    return g({literal})\n")
    [_, scope] = scopes_of(source).values()
    for pair in ((got, wanted), (wanted, got)):
        site = Site(source, scope, scope.statements[0], unequal=(pair,))
        found = [edit.text for (edit,), _ in literals.expected(site)]
        assert len(found) == len(expected)
        assert all(part in text for part, text in zip(expected, found, strict=True))


def test_a_call_is_given_what_the_error_asks_for():
    source = Source("code.py", "def f(pattern, string):\n    return sub(pattern)\n")
    scope = list(scopes_of(source).values())[-1]
    asking = Site(source, scope, scope.statements[0], missing=("string",))
    edits, _ = max(calls.more_arguments(asking), key=lambda change: change[1])
    assert [edit.text for edit in edits] == [", string"]
    silent = Site(source, scope, scope.statements[0])
    assert not list(calls.more_arguments(silent))


def test_every_template_has_a_case():
    shown = {case[0] for case in CASES} | {literals.expected}
    assert {template.propose for template in table.TEMPLATES} == shown


@pytest.mark.parametrize("template", table.TEMPLATES, ids=lambda template: template.name)
def test_what_is_around_a_change_stays_as_it_was(results, template):
    text = (
        "def f(first, second):\n"
        "\t# ein Schlüssel\n"
        "\ttotal = [ ]   # keep\n"
        "\tfor item in first:  # für alle\n"
        "\t\ttotal.append( item [ 0 ] )\n"
        "\tif (len(total) == 0\n"
        "\t\t\tand 'ä' in second):\n"
        "\t\treturn  -1\n"
        "\treturn total [1:] , second.name\n"
    )
    for after in results(template.propose, text):
        assert "\t# ein Schlüssel\n" in after
        assert after.count("# keep") >= 1 or template.name == "delete"
        changed = [line for line in after.split("\n") if line not in text.split("\n")]
        assert len(changed) <= 4
