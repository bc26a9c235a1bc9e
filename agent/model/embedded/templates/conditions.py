"""Conditions that let too much through, or too little.

Follows "More Specific If" and "Less Specific If" of ManySStuBs4J (Karampatsis and Sutton 2020),
the null and range checkers of PAR (Kim et al. 2013), and the condition tightening and loosening of
SPR and Prophet (Long and Rinard 2015, 2016).
"""

import ast
from collections.abc import Iterator

from agent.model.embedded.known import Known, header
from agent.model.embedded.precedence import fit
from agent.model.embedded.site import Site
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.base import Change, conditions, one

_SMALL = (ast.Eq, ast.Lt, ast.LtE)
_CONTAINERS = ("list", "set", "dict", "text", "tuple")


def size(site: Site) -> Iterator[Change]:
    """``len(x) == 0`` becomes ``len(x) <= 1``: the smallest case has another size."""
    for node in site.expressions:
        match node:
            case ast.Compare(
                left=ast.Call(func=ast.Name(id="len")) as left,
                ops=[operator],
                comparators=[ast.Constant(value=int(bound))],
            ):
                signs = ("<=", "<", "==") if isinstance(operator, _SMALL) else (">=", ">", "!=")
                for place, (sign, other) in enumerate(
                    (s, n) for n in (bound + 1, bound, bound - 1) for s in signs if n >= 0
                ):
                    text = f"{site.text(left)} {sign} {other}"
                    yield one(site.put(node, text), 0.9 - 0.1 * place)


def drop_operand(site: Site) -> Iterator[Change]:
    """``a and b`` becomes ``a``, or ``b``."""
    for node in site.expressions:
        if isinstance(node, ast.BoolOp):
            word = " and " if isinstance(node.op, ast.And) else " or "
            for out in node.values:
                kept = [site.text(value, 5) for value in node.values if value is not out]
                yield one(site.put(node, word.join(kept)), 0.7)


def guard_value(site: Site) -> Iterator[Change]:
    """What is used must be there: ``x is None or …``, ``x and …``, before the condition."""
    for node in conditions(site):
        for base, nearness in _used_values(site):
            plain = isinstance(base, ast.Name)
            closeness = nearness if plain else 0.6 * nearness
            text, rest = site.text(base, 7), site.text(node, 4)
            yield one(site.put(node, f"{text} is None or {rest}"), closeness)
            yield one(site.put(node, f"{text} is not None and {site.text(node, 5)}"), closeness)
            if site.kind(base) in (*_CONTAINERS, ""):
                yield one(site.put(node, f"not {text} or {rest}"), 0.4 * closeness)
                yield one(site.put(node, f"{text} and {site.text(node, 5)}"), 0.5 * closeness)


def _used_values(site: Site) -> Iterator[tuple[ast.expr, float]]:
    """What the condition and the code under it take attributes or items of, or measure."""
    seen: set[str] = set()
    nodes = [(node, 1.0) for node in site.expressions]
    inner = getattr(site.statement, "body", [])[:3]
    nodes += [(n, 0.5) for s in inner for n in header(s) if isinstance(n, ast.expr)]
    for node, nearness in nodes:
        base = _needed(node)
        if base is not None:
            text = site.written(base)
            simple = isinstance(base, ast.Name | ast.Attribute | ast.Subscript)
            if simple and text not in seen and text != "self":
                seen.add(text)
                yield base, nearness


def _needed(node: ast.expr) -> ast.expr | None:
    """What an expression fails without: the owner of an attribute or item, what is measured."""
    match node:
        case ast.Attribute(value=base) | ast.Subscript(value=base):
            return base
        case ast.Call(func=ast.Name(id="len" | "sorted" | "iter"), args=[base, *_]):
            return base
    return None


def _facts(known: Known) -> Iterator[tuple[str, float]]:
    """What could be asked of a name."""
    if known.kind == "bool":
        yield known.name, 1.0
        yield f"not {known.name}", 1.0
    elif known.kind == "number":
        yield f"{known.name} == 0", 0.5
        yield f"{known.name} > 0", 0.4
    elif known.kind in _CONTAINERS:
        yield f"not {known.name}", 0.9
        yield known.name, 0.9
    else:
        yield f"not {known.name}", 0.7
        yield known.name, 0.7
        yield f"{known.name} is None", 0.4
        yield f"{known.name} is not None", 0.4


def more_or_less(site: Site) -> Iterator[Change]:
    """``a`` becomes ``a or b`` or ``a and b``, with a question about a name in scope."""
    for node in conditions(site):
        mentioned = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        for known in site.visible(node):
            if "." in known.name:
                continue
            near = 0.35 if known.name in mentioned else 0.7 * min(1.3, site.neglect(known))
            near *= 1.0 if known.parameter or known.kind == "bool" else 0.6
            near *= 1.8 if known.name in site.crashed else 1.0
            for fact, closeness in _facts(known):
                shared = 0.5 * closeness * near
                yield one(site.put(node, f"{site.text(node, 4)} or {fact}"), shared)
                yield one(site.put(node, f"{site.text(node, 5)} and {fact}"), shared)


def borrowed(site: Site) -> Iterator[Change]:
    """A condition of the same function joins, or takes the place of, this one."""
    own = {site.written(node) for node in conditions(site)}
    for statement in site.statements():
        if isinstance(statement, ast.If | ast.While) and statement is not site.statement:
            text = site.written(statement.test)
            if text in own or text == "True":
                continue
            for node in conditions(site):
                yield one(site.put(node, text), 0.3)
                yield one(site.put(node, f"{site.text(node, 4)} or {fit(text, 5)}"), 0.3)
                yield one(site.put(node, f"{site.text(node, 5)} and {fit(text, 5)}"), 0.3)


def loop_condition(site: Site) -> Iterator[Change]:
    """``while True`` becomes ``while name``; ``if`` becomes ``while`` and the other way round."""
    statement = site.statement
    if isinstance(statement, ast.While):
        endless = isinstance(statement.test, ast.Constant)
        inside = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
        for known in site.visible():
            if endless and known.name in inside:
                near = 1.0 if known.kind in (*_CONTAINERS, "") else 0.5
                changed = any(statement.lineno < b for b in known.bound)
                used = "subscripted" in known.uses or any(
                    use.startswith("attribute") for use in known.uses
                )
                near *= 1.0 if changed or used else 0.4
                yield one(site.put(statement.test, known.name), near)
        start = site.source.start(statement)
        if not endless:
            yield one(Edit(start, start + len("while"), "if"), 0.2)
    elif isinstance(statement, ast.If) and not statement.orelse:
        start = site.source.start(statement)
        if site.source.text.startswith("if", start):
            yield one(Edit(start, start + len("if"), "while"), 0.3)


def truth(site: Site) -> Iterator[Change]:
    """``x`` becomes ``x is not None``, and the other way round."""
    for node in conditions(site):
        match node:
            case ast.Name() | ast.Attribute():
                yield one(site.put(node, f"{site.text(node)} is not None"), 0.6)
            case ast.Compare(left=left, ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
                yield one(site.put(node, f"not {site.text(left, 6)}"), 0.5)
            case ast.Compare(left=left, ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
                yield one(site.put(node, site.text(left)), 0.5)
