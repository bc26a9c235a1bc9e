"""Wrong operators: compared, computed or joined in the wrong way.

Follows "Change Binary Operator" and "Change Operand" of ManySStuBs4J (Karampatsis and Sutton 2020),
"Mutate Operators" of TBar (Liu et al. 2019) and the swap of operands in ELIXIR (Saha et al. 2017).
"""

import ast
import re
from collections.abc import Iterator

from agent.model.embedded.site import Site
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.base import Change, conditions, one

_COMPARED: dict[type[ast.cmpop], tuple[tuple[str, float], ...]] = {
    ast.Lt: (("<=", 1.0), (">", 0.5), (">=", 0.35), ("!=", 0.15)),
    ast.LtE: (("<", 1.0), (">=", 0.5), (">", 0.35), ("==", 0.1)),
    ast.Gt: ((">=", 1.0), ("<", 0.5), ("<=", 0.35), ("!=", 0.15)),
    ast.GtE: ((">", 1.0), ("<=", 0.5), ("<", 0.35), ("==", 0.1)),
    ast.Eq: (("!=", 0.4), (">=", 0.3), ("<=", 0.3), ("is", 0.1), ("in", 0.1)),
    ast.NotEq: (("==", 0.4), ("<", 0.3), (">", 0.3), ("is not", 0.1)),
    ast.Is: (("is not", 0.5), ("==", 0.5)),
    ast.IsNot: (("is", 0.5), ("!=", 0.5)),
    ast.In: (("not in", 0.5), ("==", 0.1)),
    ast.NotIn: (("in", 0.5),),
}
_COMPUTED: dict[type[ast.operator], tuple[tuple[str, float], ...]] = {
    ast.Add: (("-", 0.7), ("*", 0.3)),
    ast.Sub: (("+", 0.7), ("%", 0.1)),
    ast.Mult: (("+", 0.3), ("**", 0.3), ("/", 0.3), ("//", 0.3)),
    ast.Div: (("//", 0.8), ("*", 0.5), ("%", 0.2)),
    ast.FloorDiv: (("/", 0.6), ("%", 0.5), ("*", 0.2)),
    ast.Mod: (("//", 0.6), ("/", 0.2)),
    ast.Pow: (("*", 0.5),),
    ast.BitAnd: (("|", 0.8), ("^", 0.5)),
    ast.BitOr: (("&", 0.8), ("^", 0.5)),
    ast.BitXor: (("&", 0.8), ("|", 0.6), ("**", 0.3)),
    ast.LShift: ((">>", 0.7),),
    ast.RShift: (("<<", 0.7),),
}
_COMPARISON = re.compile(r"not\s+in\b|is\s+not\b|[<>=!]=|[<>]|\bin\b|\bis\b")
_ARITHMETIC = re.compile(r"\*\*|//|<<|>>|[-+*/%@&|^]")
_JOIN = re.compile(r"\b(and|or)\b")


def _between(
    site: Site, left: ast.expr, right: ast.expr, sign: re.Pattern[str], text: str
) -> Iterator[Edit]:
    """The operator between two operands becomes another; nothing else there is touched."""
    start, end = site.source.end(left), site.source.start(right)
    gap = site.source.text[start:end]
    found = sign.search(gap)
    if found and "#" not in gap:
        yield Edit(start + found.start(), start + found.end(), text)


def comparison(site: Site) -> Iterator[Change]:
    """``a < b`` becomes ``a <= b``; the boundary is the most usual slip."""
    for node in site.expressions:
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
                literal = any(isinstance(s, ast.Constant) and s.value is not None for s in sides)
                for text, closeness in _COMPARED[type(operator)]:
                    if literal and text in ("is", "is not"):
                        continue
                    for edit in _between(site, left, right, _COMPARISON, text):
                        yield one(edit, closeness)


def arithmetic(site: Site) -> Iterator[Change]:
    """``a + b`` becomes ``a - b``, ``a & b`` becomes ``a | b``."""
    for node in site.expressions:
        if isinstance(node, ast.BinOp):
            kinds = {site.kind(node.left), site.kind(node.right)}
            parent = site.parent(node)
            usual = 0.1 if kinds & {"text", "list", "tuple", "dict"} else 1.0
            usual *= 0.3 if isinstance(parent, ast.Call) and site.calls_itself(parent) else 1.0
            for text, closeness in _COMPUTED.get(type(node.op), ()):
                if "set" in kinds and text in ("+", "*", "/", "//", "%"):
                    continue
                for edit in _between(site, node.left, node.right, _ARITHMETIC, text):
                    yield one(edit, closeness * usual)


def augmented(site: Site) -> Iterator[Change]:
    """``a += b`` becomes ``a -= b`` or ``a = b``, and ``a = b`` becomes ``a += b``."""
    match site.statement:
        case ast.AugAssign(target=target, op=operator, value=value):
            for text, closeness in (*_COMPUTED.get(type(operator), ()), ("", 0.4)):
                yield from (
                    one(e, closeness) for e in _between(site, target, value, _ARITHMETIC, text)
                )
        case ast.Assign(targets=[ast.Name() | ast.Subscript() | ast.Attribute() as target]):
            value = site.statement.value
            first = isinstance(target, ast.Name) and _first_binding(site, target.id)
            if not first and (not isinstance(value, ast.Constant) or site.loops()):
                for sign, closeness in (("+", 0.4), ("-", 0.2)):
                    yield from (
                        one(Edit(e.start, e.end, f"{sign}="), closeness)
                        for e in _between(site, target, value, re.compile("="), "")
                    )


def _first_binding(site: Site, name: str) -> bool:
    """Whether the name has no value yet when the statement runs."""
    bound = site.known(name).bound
    return bool(bound) and min(bound) >= site.statement.lineno


def boolean(site: Site) -> Iterator[Change]:
    """``a and b`` becomes ``a or b``."""
    for node in site.expressions:
        if isinstance(node, ast.BoolOp):
            other = "or" if isinstance(node.op, ast.And) else "and"
            for left, right in zip(node.values, node.values[1:], strict=False):
                yield from (one(e, 0.8) for e in _between(site, left, right, _JOIN, other))


def negation(site: Site) -> Iterator[Change]:
    """``if a`` becomes ``if not a``, and the other way round."""
    for node in conditions(site):
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield one(site.put(node, site.text(node.operand)), 0.9)
        elif not isinstance(node, ast.Compare | ast.BoolOp):
            yield one(site.put(node, f"not {site.text(node, 6)}"), 0.7)
        elif isinstance(node, ast.BoolOp):
            yield one(site.put(node, f"not ({site.source.segment(node)})"), 0.3)


def operands(site: Site) -> Iterator[Change]:
    """``a - b`` becomes ``b - a``, where the order matters."""
    for node in site.expressions:
        match node:
            case ast.BinOp(left=left, right=right, op=operator):
                if {site.kind(left), site.kind(right)} == {"list", "number"}:
                    continue
                either = isinstance(operator, ast.Mult | ast.BitAnd | ast.BitOr | ast.BitXor)
                if either or (isinstance(operator, ast.Add) and site.kind(node) == "number"):
                    continue
                rare = isinstance(operator, ast.Mod) or isinstance(right, ast.Constant)
                closeness = 0.3 if rare else 0.7
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[right]):
                closeness = 0.2
            case _:
                continue
        yield (site.put(left, site.text(right)), site.put(right, site.text(left))), closeness
