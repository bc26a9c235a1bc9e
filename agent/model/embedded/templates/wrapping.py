"""A call too many, a call too few around an expression.

Follows "Mutate Method Invocation" and "Mutate Operators" of TBar (Liu et al. 2019) and the
wrapping patterns that Hercules (Saha et al. 2019) and SequenceR's study (Chen et al. 2019) report.
"""

import ast
from collections.abc import Iterator

from agent.model.embedded.site import Site
from agent.model.embedded.templates.base import Change, one


def unwrap(site: Site) -> Iterator[Change]:
    """``f(x)`` becomes ``x``, ``x.f()`` becomes ``x`` or ``x.f``, ``a if c else b`` ``a``."""
    for node in site.expressions:
        match node:
            case ast.Call(args=[inner], keywords=[]) if not isinstance(
                inner, ast.Starred | ast.GeneratorExp
            ):
                again = site.calls_itself(node)
                yield one(site.put(node, site.text(inner)), 0.9 if again else 0.4)
            case ast.Call(args=arguments) if len(arguments) > 1:
                for inner in arguments[:3]:
                    if not isinstance(inner, ast.Starred | ast.GeneratorExp):
                        yield one(site.put(node, site.text(inner)), 0.25)
            case ast.IfExp(body=body, orelse=other):
                yield one(site.put(node, site.text(body)), 0.35)
                yield one(site.put(node, site.text(other)), 0.2)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                yield one(site.put(node, site.text(inner)), 0.5)
        match node:
            case ast.Call(func=ast.Attribute(value=inner), args=[]):
                yield one(site.put(node, site.text(inner)), 0.3)
                yield one(site.put(node, site.text(node.func)), 0.25)


def bounded(site: Site) -> Iterator[Change]:
    """``e`` becomes ``max(0, e)`` or ``max(name, e)`` where a number is kept or returned."""
    for node in site.expressions:
        parent = site.parent(node)
        if site.kind(node) not in ("number", "") or isinstance(node, ast.Constant):
            continue
        if not isinstance(parent, ast.Assign | ast.Return) or parent is not site.statement:
            continue
        if isinstance(getattr(node, "ctx", None), ast.Store) or isinstance(node, ast.Tuple):
            continue
        sure = 1.0 if site.kind(node) == "number" else 0.15
        text = site.text(node, 1)
        if isinstance(node, ast.Call) and site.written(node.func) in ("max", "min"):
            sure *= 0.3
        if isinstance(parent, ast.Assign):
            own = site.written(parent.targets[0])
            kept = 0.9 if site.loops() and isinstance(parent.targets[0], ast.Name) else 0.2
            yield one(site.put(node, f"max({own}, {text})"), kept * sure)
            yield one(site.put(node, f"min({own}, {text})"), 0.6 * kept * sure)
        for other, closeness in (("0", 0.7), ("1", 0.25)):
            yield one(site.put(node, f"max({other}, {text})"), closeness * sure)
        yield one(site.put(node, f"min(0, {text})"), 0.2 * sure)


def wrap(site: Site) -> Iterator[Change]:
    """``x`` becomes ``enumerate(x)``, ``sorted(x)``, ``abs(x)``, ``list(x)``, …, by its place."""
    for node in site.expressions:
        if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            for form, closeness in _around(site, node):
                yield one(site.put(node, form.replace("_", site.text(node, 1), 1)), closeness)


def _around(site: Site, node: ast.expr) -> Iterator[tuple[str, float]]:
    parent, kind = site.parent(node), site.kind(node)
    match parent:
        case ast.For(iter=place, target=target) | ast.comprehension(iter=place, target=target) if (
            place is node
        ):
            pair = isinstance(target, ast.Tuple) and len(target.elts) == 2
            yield "enumerate(_)", 0.7 if pair else 0.2
            yield "sorted(_)", 0.4
            yield "reversed(_)", 0.3
            yield "list(_)", 0.3
            yield "set(_)", 0.15
            if isinstance(node, ast.Name | ast.Attribute) and kind in ("dict", ""):
                usual = 1.0 if kind == "dict" else 0.3
                yield from ((f"_.{m}()", 0.5 * usual) for m in ("items", "values", "keys"))
            if kind == "number":
                yield "range(_)", 0.8
            return
        case ast.Call(args=arguments) if node in arguments:
            place_weight = 0.1 if site.calls_itself(parent) else 0.35
        case ast.Return() | ast.Assign() | ast.BinOp() | ast.Compare() | ast.Yield():
            place_weight = 0.5
        case _:
            return
    if kind == "number" and isinstance(node, ast.BinOp):
        difference = isinstance(node.op, ast.Sub)
        yield "abs(_)", (1.0 if difference else 0.4) * place_weight * 2
        yield "int(_)", 0.5 * place_weight
    elif kind == "number" and not isinstance(node, ast.Constant):
        yield "abs(_)", 0.3 * place_weight
        yield "str(_)", 0.3 * place_weight
    elif kind in ("list", "iterable", "set", "dict"):
        forms = (("list(_)", 0.7), ("sorted(_)", 0.7), ("len(_)", 0.4), ("set(_)", 0.3))
        yield from ((form, closeness * place_weight) for form, closeness in forms)
    elif kind == "text":
        forms = (("_.strip()", 0.5), ("_.lower()", 0.5), ("int(_)", 0.3), ("len(_)", 0.3))
        yield from ((form, closeness * place_weight) for form, closeness in forms)
    elif isinstance(node, ast.Name | ast.Attribute | ast.Call):
        forms = (("len(_)", 0.3), ("str(_)", 0.2), ("int(_)", 0.2), ("list(_)", 0.25))
        yield from ((form, closeness * place_weight) for form, closeness in forms)
