"""What a function gives back: another value, one more layer, one more part.

Follows "Mutate Return Statement" of TBar (Liu et al. 2019) and the return fixes counted by
ManySStuBs4J and by Pan, Kim and Whitehead (2009).
"""

import ast
from collections.abc import Iterator

from agent.model.embedded.site import Site
from agent.model.embedded.templates.base import Change, one

_JOINED = ("list", "text", "tuple", "number")


def _given(site: Site) -> Iterator[ast.expr]:
    """The expression that the statement returns, yields or appends."""
    match site.statement:
        case ast.Return(value=ast.expr() as value):
            yield value
        case ast.Expr(value=ast.Yield(value=ast.expr() as value)):
            yield value
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"), args=[value])):
            yield value


def layer(site: Site) -> Iterator[Change]:
    """``return x`` becomes ``return [x]``, and ``return []`` becomes ``return [[]]``."""
    for node in _given(site):
        kind = site.kind(node)
        text = site.text(node, 1)
        empty = isinstance(node, ast.List) and not node.elts
        yield one(site.put(node, f"[{text}]"), 0.7 if empty else 0.25)
        if isinstance(node, ast.List) and len(node.elts) == 1:
            yield one(site.put(node, site.text(node.elts[0])), 0.5)
        if kind == "bool":
            yield one(site.put(node, f"not {site.text(node, 6)}"), 0.3)


def filled(site: Site) -> Iterator[Change]:
    """``return []`` becomes ``return [x]``, with a name in scope."""
    for node in _given(site):
        for empty in ast.walk(node):
            if isinstance(empty, ast.List | ast.Tuple) and len(empty.elts) < 2:
                inner = [site.source.segment(item) for item in empty.elts]
                for known in site.visible(node):
                    near = 0.7 if known.parameter else 0.5
                    near *= 1.0 if known.kind != "list" else 0.6
                    text = ", ".join([*inner, known.name])
                    if isinstance(empty, ast.List) and "." not in known.name:
                        yield one(site.put(empty, f"[{text}]"), near * (0.4 if inner else 1.0))


def more(site: Site) -> Iterator[Change]:
    """``return a`` becomes ``return a + b``, or ``b + a``, of the same kind."""
    for node in _given(site):
        kind = site.kind(node)
        if kind not in _JOINED or isinstance(node, ast.Constant):
            continue
        mentioned = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        for name, score in site.choices(node, wanted=kind)[:5]:
            near = score * (0.8 if name not in mentioned or kind == "list" else 0.4)
            yield one(site.put(node, f"{site.text(node, 11)} + {name}"), near)
            if kind != "number":
                yield one(site.put(node, f"{name} + {site.text(node, 12)}"), near)


def decided(site: Site) -> Iterator[Change]:
    """``return True`` becomes ``return n == 0``: the answer depends on what was computed."""
    match site.statement:
        case ast.Return(value=ast.Constant(value=bool()) as node):
            for known in site.visible(node):
                if "." in known.name:
                    continue
                own = 0.35 if known.parameter else 0.8
                near = own * min(1.25, site.neglect(known))
                for fact, closeness in _questions(known.kind, known.name):
                    yield one(site.put(node, fact), near * closeness)


def _questions(kind: str, name: str) -> Iterator[tuple[str, float]]:
    if kind == "number":
        yield f"{name} == 0", 1.0
        yield f"{name} > 0", 0.5
        yield f"{name} != 0", 0.4
        yield f"{name} >= 0", 0.3
    elif kind == "bool":
        yield name, 1.0
        yield f"not {name}", 0.6
    else:
        yield f"not {name}", 0.6
        yield f"bool({name})", 0.2
        yield f"{name} is None", 0.3
        yield f"{name} is not None", 0.3
