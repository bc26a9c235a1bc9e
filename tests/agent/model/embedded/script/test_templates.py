"""Each template for JavaScript with what it makes of a few lines."""

from collections.abc import Callable, Iterator

import pytest

from agent.model.embedded.script.names import Names
from agent.model.embedded.script.normal import normal_form
from agent.model.embedded.script.site import Site
from agent.model.embedded.script.source import Source, units
from agent.model.embedded.script.templates import (
    conditions,
    names,
    operators,
    statements,
    table,
    values,
    wrapping,
)
from agent.model.embedded.spans import apply
from agent.model.embedded.templates.base import Change

Propose = Callable[[Site], Iterator[Change]]

CASES: list[tuple[Propose, str, str]] = [
    (operators.comparison, "const f = (a, b) => a <  b", "a <=  b"),
    (operators.comparison, "if (a == b) c()", "a === b"),
    (operators.comparison, "if (a < b && c) d()", "a <= b && c"),
    (operators.arithmetic, "const f = (a, b) => a + (b)", "a - (b)"),
    (operators.arithmetic, "const f = (a, b) => a - b * 2", "a - (b + 2)"),
    (operators.logical, "const a = b || 3", "b ?? 3"),
    (operators.augmented, "a += b", "a -= b"),
    (operators.augmented, "for (let i = 0; i < n; i++) f(i)", "i--"),
    (operators.augmented, "const a = b[i++]", "b[++i]"),
    (operators.augmented, "while (x) total = x", "total += x"),
    (operators.negation, "if (a.b) c()", "if (!a.b) c()"),
    (operators.negation, "return !a", "return a"),
    (operators.negation, "return +1", "return -1"),
    (operators.negation, "if (a && b) c()", "if (a && !b) c()"),
    (operators.operands, "const f = (a, b) => a - (b - 1)", "(b - 1) - a"),
    (operators.operands, "const f = (a, b, c) => a && b || c", "a && (b || c)"),
    (values.off_by_one, "for (let i = 0; i < n; i++) f(i)", "i < n - 1"),
    (values.off_by_one, "return xs[i]", "xs[i + 1]"),
    (values.drop_term, "return n + 1", "return n"),
    (values.constant, "return xs.slice(1)", "xs.slice(0)"),
    (values.constant, "return [0x1F, 0.5]", "[0x1F, 0x1F]"),
    (values.text, "return xs.join(',') + ';'", "xs.join('') + ';'"),
    (values.text, "return s + ''", "s + ' '"),
    (values.truth, "f(true)", "f(false)"),
    (values.pattern, "return /a+/.test(s)", "/a*/.test(s)"),
    (values.pattern, "return s.replace(/a/, b)", "/a/g"),
    (values.pattern, "return /^[a-z]$/.test(s)", "/[a-z]$/"),
    (names.variable, "function f (a, b) { return a + a }", "return a + b"),
    (names.value_by_variable, "function f (a, b) { return a.c + 1 }", "return b + 1"),
    (names.variable_by_value, "function f (isA) { return isA }", "return true"),
    (names.member, "a.left = 1; b(a.right)", "b(a.left)"),
    (names.function, "return xs.some(f)", "xs.every(f)"),
    (names.function, "function g () {}\nfunction h () {}\ng()", "\nh()"),
    (names.swap_arguments, "f(a, b)", "f(b, a)"),
    (conditions.drop_operand, "if (a && b) c()", "if (b) c()"),
    (conditions.guard, "if (a.b) c()", "if (a && a.b) c()"),
    (conditions.more_or_less, "if (a < b) c()\nif (d > e) g()", "(a < b && d > e)"),
    (conditions.borrowed, "if (a < b) c()\nif (d > e) g()", "if (d > e) c()"),
    (conditions.presence, "if (a) b()", "if (a !== undefined) b()"),
    (conditions.presence, "if (a === null) b()", "if (a == null) b()"),
    (conditions.size, "if (a.length === 0) b()", "a.length <= 1"),
    (conditions.answer, "return a ? b : c", "a ? c : b"),
    (conditions.optional, "return a.b.c", "a.b?.c"),
    (conditions.fallback, "const a = b.c", "b.c || {}"),
    (wrapping.unwrap, "return f(x)", "return x"),
    (wrapping.unwrap, "return x.trim()", "return x"),
    (wrapping.wrap, "return a - b", "Math.abs(a - b)"),
    (wrapping.bounded, "return n - 1", "Math.max(0, n - 1)"),
    (wrapping.awaited, "async function f () { return g() }", "await g()"),
    (wrapping.more_arguments, "return parseInt(s)", "parseInt(s, 10)"),
    (wrapping.more_arguments, "function f (a, b) {}\nfunction g (x) { f(1) }", "f(1, x)"),
    (wrapping.fewer_arguments, "f(a, b)", "f(a)"),
    (wrapping.argument, "f(a)\nf(b)", "f(b)\nf(b)"),
    (statements.delete, "a()\nb()\n", "a()\n"),
    (statements.delete, "if (a) { b() }", "{ b() }"),
    (statements.swap, "a()\nb()", "b()\na()"),
    (statements.move, "if (a) {\n  b()\n  c()\n}\n", "if (a) {\n  b()\n}\nc()\n"),
    (statements.missing_return, "function f () { g() }", "return g()"),
    (statements.returned, "function f (a, b) { return a }", "return b"),
    (statements.insert_exit, "function f (a) {\n  b(a)\n}", "  if (a == null) return null;\n  b"),
    (statements.insert_exit, "while (a) {\n  b()\n}", "  b()\n  break;\n"),
    (statements.insert_copy, "i++\nwhile (a) {\n  b()\n}", "  b()\n  i++\n"),
    (statements.insert_update, "let n = 0\nwhile (a) {\n  b(n)\n}", "  b(n)\n  n++\n"),
    (statements.ingredient, "f(a.b)\ng(c)", "g(a.b)"),
]


def changed(propose: Propose, text: str) -> dict[str, float]:
    source = Source("code.js", text)
    known = Names(source)
    return {
        apply(text, edits): closeness
        for unit in units(source.tree)
        for edits, closeness in propose(Site(source, known, unit))
    }


@pytest.mark.parametrize(("propose", "text", "expected"), CASES)
def test_the_change_is_proposed(propose: Propose, text: str, expected: str) -> None:
    found = changed(propose, text)
    assert any(expected in after for after in found), sorted(found)


def test_every_template_is_shown() -> None:
    shown = {propose for propose, _, _ in CASES}
    assert {template.propose for template in table.TEMPLATES} == shown
    assert len({template.name for template in table.TEMPLATES}) == len(table.TEMPLATES)


@pytest.mark.parametrize("template", table.TEMPLATES, ids=lambda template: template.name)
def test_closeness_is_not_negative_and_nearly_all_changes_are_programs(template) -> None:
    found = {}
    for _, text, _ in CASES:
        found |= changed(template.propose, text)
    assert all(closeness >= 0 for closeness in found.values())
    programs = sum(normal_form("code.js", text) is not None for text in found)
    assert programs >= 0.8 * len(found)
