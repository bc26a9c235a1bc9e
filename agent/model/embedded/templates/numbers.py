"""Numbers that are one off, constants that are others, terms that are missing.

Follows "Change Numeral" and "Change Boolean Literal" of ManySStuBs4J (Karampatsis and Sutton 2020),
"Mutate Literal Expression" of TBar (Liu et al. 2019) and the off-by-one templates of PAR
(Kim et al. 2013).
"""

import ast
from collections.abc import Iterator

from agent.model.embedded.site import Site
from agent.model.embedded.templates.base import Change, one

_COUNTED = ("number", "")


def _place(site: Site, node: ast.expr) -> float:
    """How usual it is to be one off in this place; 0 where numbers do not stand."""
    parent = site.parent(node)
    match parent:
        case ast.Subscript(slice=index) if index is node:
            return 0.7
        case ast.Slice():
            return 0.8
        case ast.Tuple() if isinstance(site.parent(parent), ast.Subscript):
            return 0.7
        case ast.Call(func=ast.Name(id="range"), args=arguments) if node in arguments:
            return 0.9
        case ast.Compare(comparators=[right, *_]) if node is right:
            return 0.5 if site.kind(node) == "number" or isinstance(node, ast.Call) else 0.15
        case ast.Call(args=arguments) if node in arguments:
            known = site.kind(node) == "number"
            if site.calls_itself(parent):
                plain = all(isinstance(given, ast.Name) for given in arguments)
                return 0.5 if known and plain else 0.25
            return 0.3 if known else 0.1
        case ast.Return() | ast.Assign() | ast.AugAssign() | ast.IfExp():
            return 0.3 if site.kind(node) == "number" else 0.0
        case ast.BinOp(op=ast.Mult(), left=left, right=right) if "list" in (
            site.kind(left),
            site.kind(right),
        ):
            return 0.8 if site.kind(node) == "number" else 0.0
        case ast.BinOp() if isinstance(node, ast.Call | ast.Name | ast.Subscript):
            return 0.25 if site.kind(node) == "number" else 0.0
    return 0.0


def _siblings(site: Site, node: ast.expr) -> str:
    """The sign of a ``+ 1`` or ``- 1`` that stands beside this place already."""
    parent = site.parent(node)
    for child in ast.iter_child_nodes(parent) if parent else ():
        match child:
            case ast.BinOp(op=ast.Add(), right=ast.Constant(value=1)) if child is not node:
                return "+"
            case ast.BinOp(op=ast.Sub(), right=ast.Constant(value=1)) if child is not node:
                return "-"
    return ""


def off_by_one(site: Site) -> Iterator[Change]:
    """``e`` becomes ``e + 1`` or ``e - 1`` where something is counted or indexed."""
    for node in site.expressions:
        closeness = 0.0 if isinstance(node, ast.Constant | ast.Slice) else _place(site, node)
        if closeness and site.kind(node) in _COUNTED:
            beside = _siblings(site, node)
            for sign in "+-":
                factor = 1.0 if not beside else 1.25 if sign == beside else 0.5
                if not isinstance(node, ast.BinOp) or not _ends_in_one(node):
                    text = f"{site.text(node, 11)} {sign} 1"
                    yield one(site.put(node, text), min(1.0, closeness * factor))


def _ends_in_one(node: ast.BinOp) -> bool:
    right = node.right
    return isinstance(node.op, ast.Add | ast.Sub) and isinstance(right, ast.Constant)


def constant(site: Site) -> Iterator[Change]:
    """A literal becomes another of its kind: ``1`` becomes ``0`` or ``2``, True becomes False."""
    for node in site.expressions:
        if not isinstance(node, ast.Constant) or isinstance(site.parent(node), ast.Expr):
            continue
        value = node.value
        if isinstance(value, bool):
            yield one(site.put(node, str(not value)), 0.9)
        elif isinstance(value, int):
            near = [(value - 1, 0.7), (value + 1, 0.7), (0, 0.3), (1, 0.3), (-value, 0.2)]
            for other, closeness in dict(reversed(near)).items():
                if other != value and not (other == 0 and _is_operand(site, node)):
                    unusual = other < 0 and not isinstance(site.parent(node), ast.Subscript)
                    yield one(site.put(node, str(other)), closeness * (0.4 if unusual else 1.0))
        elif value is None:
            for text in ("0", "[]", "''", "False"):
                yield one(site.put(node, text), 0.15)
        elif isinstance(value, str):
            for text in ("''", "' '"):
                if ast.literal_eval(text) != value and len(value) < 2:
                    yield one(site.put(node, text), 0.2)


def _is_operand(site: Site, node: ast.expr) -> bool:
    return isinstance(site.parent(node), ast.BinOp | ast.UnaryOp | ast.AugAssign)


def drop_term(site: Site) -> Iterator[Change]:
    """``a + b`` becomes ``a`` or ``b``; a constant is the likelier surplus."""
    for node in site.expressions:
        if isinstance(node, ast.BinOp):
            for keep, drop in ((node.left, node.right), (node.right, node.left)):
                sided = isinstance(node.op, ast.Add | ast.Mult) or drop is node.right
                closeness = 0.8 if isinstance(drop, ast.Constant) else 0.4
                parent = site.parent(node)
                if isinstance(parent, ast.Call) and site.calls_itself(parent):
                    closeness = 0.1  # what makes a recursion end is seldom too much
                yield one(site.put(node, site.text(keep)), closeness if sided else 0.1)


def scaled(site: Site) -> Iterator[Change]:
    """``x`` becomes ``x ** 2``, ``x * 2`` or ``x // 2`` where numbers are computed or compared."""
    for node in site.expressions:
        parent = site.parent(node)
        computed = isinstance(parent, ast.BinOp | ast.Compare | ast.Return)
        if isinstance(node, ast.Name | ast.Call) and computed and site.kind(node) == "number":
            for form, closeness in ((" ** 2", 0.6), (" * 2", 0.5), (" // 2", 0.4), (" / 2", 0.2)):
                yield one(site.put(node, site.text(node, 15) + form), closeness)


def extra_term(site: Site) -> Iterator[Change]:
    """``e`` becomes ``e - name`` or ``e + name``, with numbers that are in scope."""
    for node in site.expressions:
        place = _place(site, node)
        if (
            place < 0.2
            or isinstance(node, ast.Slice | ast.Constant)
            or site.kind(node) not in _COUNTED
        ):
            continue
        mentioned = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        paired = 0.3 if isinstance(site.parent(node), ast.Tuple) else 1.0
        for name, score in site.choices(node, wanted="number")[:5]:
            for sign, closeness in (("-", 0.8), ("+", 0.7)):
                if name not in mentioned:
                    text = f"{site.text(node, 11)} {sign} {name}"
                    yield one(site.put(node, text), closeness * score * paired)
