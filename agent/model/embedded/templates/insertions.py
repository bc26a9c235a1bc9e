"""Statements that are missing: an update, an assignment, a copy of a neighbour.

Follows GenProg (Le Goues et al. 2012: insert) and "Insert Missed Statement" of TBar (Liu et al.
2019).
"""

import ast
from collections.abc import Iterator

from agent.model.embedded.known import Known
from agent.model.embedded.site import Site
from agent.model.embedded.templates.base import SIMPLE, Change, line_beside, one


def _around(site: Site, text: str, before: float, after: float) -> Iterator[Change]:
    for late, closeness in ((False, before), (True, after)):
        if closeness:
            yield from (one(e, closeness) for e in line_beside(site, site.statement, text, late))


def _leaves(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue)


def insert_update(site: Site) -> Iterator[Change]:
    """A collection gets the element it never got; a variable of the loop its next value."""
    visible = site.visible()
    early, late = _edges(site)
    for known in visible:
        grown = {"set": "add", "list": "append"}.get(known.kind)
        if not grown or known.parameter:
            continue
        for other in visible:
            if other.name != known.name and "." not in other.name and not other.callable:
                near = (1.0 if known.stays_empty else 0.25) * _element(site, other)
                text = f"{known.name}.{grown}({other.name})"
                near *= _asked_for(site, known.name, other.name)
                yield from _around(site, text, early * near, late * near)


def _edges(site: Site) -> tuple[float, float]:
    """How likely a line is missing before and after the statement: at the edges of its block."""
    block = site.block()
    place = block.index(site.statement) if site.statement in block else 0
    opens = place == 0 or _is_guard(block[place - 1])
    closes = place == len(block) - 1 or _is_guard(site.statement)
    return 1.0 if opens else 0.6, 1.0 if closes else 0.5


def _is_guard(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and not statement.orelse and _leaves(statement.body[-1])


def _asked_for(site: Site, collection: str, element: str) -> float:
    """Whether the function asks if the collection has the element, or knows it at all."""
    asked: set[str] = set()
    for node in site.neighbours().values():
        match node:
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[right]):
                if site.written(right) == collection:
                    asked.add(site.written(left))
    if asked:
        return 1.2 if element in asked else 0.4
    return 1.0 if collection in site.neighbours() else 0.4


def _element(site: Site, known: Known) -> float:
    """How likely a name is put into a collection: a single thing rather than a collection."""
    single = 0.35 if known.kind in ("list", "set", "dict") else 0.8
    here = site.statement.lineno
    recent = any(abs(line - here) <= 2 for line in [*known.loads, *known.bound])
    return single * (1.0 if recent else 0.6)


def insert_assignment(site: Site) -> Iterator[Change]:
    """``a = b`` in a loop that uses ``a`` and never changes it."""
    loops = site.loops()
    if not loops or _leaves(site.statement):
        return
    first, last = loops[0].lineno, loops[0].end_lineno or 0
    head = loops[0].target if isinstance(loops[0], ast.For) else getattr(loops[0], "test", None)
    driving = {n.id for n in ast.walk(head) if isinstance(n, ast.Name)} if head else set()
    rebound = {
        n.id
        for n in ast.walk(site.statement)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    for known in site.visible():
        if "." in known.name or any(first <= line <= last for line in known.bound):
            continue
        used = any(first <= line <= last for line in known.loads)
        before = any(line < first for line in known.bound) and not known.parameter
        if not used and not before:
            continue
        closeness = 0.9 if used and before else 0.4
        for name, score in site.partners(known)[:4]:
            if "." not in name and name != known.name:
                near = closeness * score * (1.5 if name in driving else 1.0)
                soon = 1.4 if name in rebound else 1.0
                yield from _around(site, f"{known.name} = {name}", soon * near, near)
        if known.kind == "number" and used:
            yield from _around(site, f"{known.name} += 1", 0.3 * closeness, 0.4 * closeness)


def insert_copy(site: Site) -> Iterator[Change]:
    """A simple statement of the function is written once more, with one name changed or none."""
    own = site.written(site.statement)
    for statement in site.statements():
        text = site.written(statement)
        if not isinstance(statement, SIMPLE) or len(text) > 60 or "\n" in text:
            continue
        if isinstance(statement, ast.Return) and _leaves(site.statement):
            continue
        if isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Call):
            continue
        worth = _worth_again(statement)
        after = 0.0 if _leaves(site.statement) else worth
        if text != own:
            yield from _around(site, text, 0.9 * worth, after)
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                yield from _renamed(site, statement, node, worth, after)


def _worth_again(statement: ast.stmt) -> float:
    """How likely a statement of this kind is wanted twice."""
    match statement:
        case ast.Expr() | ast.AugAssign():
            return 0.45
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            return 0.35
        case ast.Assign(value=ast.Constant() | ast.List() | ast.Dict() | ast.Tuple()):
            return 0.1
    return 0.2


def _renamed(
    site: Site, statement: ast.stmt, call: ast.Call, worth: float, after: float
) -> Iterator[Change]:
    """Copies in which one argument of a call is another name."""
    for given in call.args[:2]:
        base = site.source.start(statement)
        start, end = site.source.start(given) - base, site.source.end(given) - base
        text = site.source.segment(statement)
        wanted = site.kind(given) if isinstance(given, ast.Name) else ""
        if "\n" in text or isinstance(given, ast.GeneratorExp):
            continue
        owner = site.written(call.func.value) if isinstance(call.func, ast.Attribute) else ""
        for name, score in site.choices(given, wanted)[:4]:
            if name != owner:
                copy = text[:start] + name + text[end:]
                yield from _around(site, copy, 1.6 * worth * score, 1.8 * after * score)
