"""Checks that are missing: an early exit, or a statement that runs only where there is a value.

Follows the inserted checks of PAR (Kim et al. 2013), "Insert Null Pointer Checker" of TBar (Liu et
al. 2019), and what stands in for a missing value there.
"""

import ast
from collections.abc import Iterator

from agent.model.embedded.known import Known
from agent.model.embedded.site import LOOPS, Site
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.base import SIMPLE, Change, line_beside, one

_EMPTY = {"text": "''", "list": "[]", "dict": "{}", "tuple": "()", "number": "0"}


def insert_exit(site: Site) -> Iterator[Change]:
    """``if not x: return …`` before the statement; ``return x`` at the end of the function."""
    values = [
        site.written(s.value) for s in site.statements() if isinstance(s, ast.Return) and s.value
    ]
    holder = site.scope.holder
    body = getattr(holder, "body", [])
    if not isinstance(holder, ast.Module) and not values and body and body[-1] is site.statement:
        for known in site.visible():
            near = 0.3 if known.parameter else 0.9
            for edit in line_beside(site, site.statement, f"return {known.name}", True):
                yield one(edit, near)
    inside = bool(site.loops()) and not isinstance(site.statement, LOOPS)
    exits = [f"return {value}" for value in dict.fromkeys(values) if len(value) < 20][:3]
    exits += ["return None"] if not values and not inside else []
    exits += ["continue", "break"] if inside else []
    for known in site.visible():
        if known.kind in ("number", "bool") or "." in known.name:
            continue
        absent = [f"{known.name} is None"] if known.kind or known.parameter or inside else []
        for test in (*absent, f"not {known.name}"):
            for leave in (*exits, *_early(site, known, values)):
                near = 0.35 if known.parameter else 0.25
                for edit in line_beside(site, site.statement, f"if {test}:", False):
                    text = f"{edit.text}{_deeper(site)}{leave}{site.source.newline}"
                    yield one(Edit(edit.start, edit.end, text), near)


def _early(site: Site, asked: Known, values: list[str]) -> list[str]:
    """What a function that gives something back could give back at its very start."""
    body = getattr(site.scope.holder, "body", [])
    first = [s for s in body if not isinstance(s, ast.Expr) or isinstance(s.value, ast.Call)][:1]
    if not values or not asked.parameter or site.statement not in first:
        return []
    given = [known.name for known in site.visible() if known.parameter and known is not asked][:3]
    empty = _EMPTY.get(site.scope.returned(), "None")
    return [f"return {value}" for value in dict.fromkeys([*given, empty]) if value not in values]


def insert_check(site: Site) -> Iterator[Change]:
    """``if x:`` or ``if x is not None:`` around the statement."""
    if not isinstance(site.statement, SIMPLE) or site.source.indent(site.statement) is None:
        return
    start = site.source.start(site.statement)
    used = {n.id for n in ast.walk(site.statement) if isinstance(n, ast.Name)}
    for known in site.visible():
        if known.name in used and "." not in known.name:
            near = 0.8 if known.parameter else 0.6
            for test in (f"{known.name}", f"{known.name} is not None"):
                text = f"if {test}:{site.source.newline}{_deeper(site)}"
                yield one(Edit(start, start, text), near)


def _deeper(site: Site) -> str:
    """The margin of what stands under a check before the statement."""
    indent = site.source.indent(site.statement) or ""
    return indent + ("\t" if "\t" in indent else "    ")


def fallback(site: Site) -> Iterator[Change]:
    """``x`` becomes ``x or ''``, ``x.a`` becomes ``getattr(x, 'a', None)``: it may be missing."""
    for node in site.expressions:
        if not _may_be_missing(site, node):
            continue
        for empty, closeness in _empty_values(site, node):
            yield one(site.put(node, f"{site.text(node, 5)} or {empty}"), closeness)
        if isinstance(node, ast.Attribute) and not site.known(site.written(node.value)).callable:
            owner = site.text(node.value, 1)
            yield one(site.put(node, f"getattr({owner}, {node.attr!r}, None)"), 0.3)


def _may_be_missing(site: Site, node: ast.expr) -> bool:
    """Whether an expression is one whose value is used and could be absent."""
    match site.parent(node):
        case ast.Expr() | ast.Compare() | ast.If() | ast.BoolOp():
            return False
        case ast.Call(func=function) if function is node:
            return False
    found = isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
    return found and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def _empty_values(site: Site, node: ast.expr) -> Iterator[tuple[str, float]]:
    """What an absent value could count as, by its kind, else by what is written beside it."""
    if empty := _EMPTY.get(site.kind(node)):
        yield empty, 0.6
        return
    written = [n.value for n in site.expressions if isinstance(n, ast.Constant)]
    beside = "b''" if any(isinstance(value, bytes) for value in written) else "''"
    yield from ((beside, 0.5), ("[]", 0.3), ("{}", 0.3))
