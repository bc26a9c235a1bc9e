"""An expression of the same function, put in the place of one of its kind.

Follows the plastic surgery hypothesis as GenProg (Le Goues et al. 2012) and CapGen (Wen et al.
2018) use it: what is missing is often written nearby, and context tells which ingredient fits.
"""

import ast
from collections.abc import Iterator

from agent.model.embedded.kinds import compatible
from agent.model.embedded.known import use_of
from agent.model.embedded.site import Site
from agent.model.embedded.templates.base import Change, one

_MOST = 5
_LONGEST = 60
_SIMPLE = (ast.Name, ast.Constant)


def _tokens(node: ast.expr) -> set[str]:
    found = set()
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found.add(name)
            case _:
                found.add(type(inner).__name__)
    return found


def _fitness(site: Site, node: ast.expr, other: ast.expr) -> float:
    """How well one expression could replace another, from 0 to 1."""
    one_set, other_set = site.source.once(_tokens, node), site.source.once(_tokens, other)
    alike = len(one_set & other_set) / len(one_set | other_set)
    same_use = 0.3 if use_of(site.source, node) == use_of(site.source, other) else 0.0
    same_type = 0.2 if type(node) is type(other) else 0.0
    return (0.5 * alike + same_use + same_type) * compatible(site.kind(node), site.kind(other))


def ingredient(site: Site) -> Iterator[Change]:
    """A sub-expression becomes another one of the same function."""
    known = {k.name for k in site.visible()}
    bound = set(site.scope.known)
    pool = [
        (text, other)
        for text, other in site.neighbours().items()
        if not isinstance(other, (*_SIMPLE, ast.Starred, ast.Yield))
        and len(text) < _LONGEST
        and _bound_here(other, known, bound)
        and not _for_effect(site, other)
    ]
    for node in site.expressions:
        parent = site.parent(node)
        is_callee = isinstance(parent, ast.Call) and parent.func is node
        if is_callee or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            continue
        if isinstance(node, ast.Slice | ast.Constant | ast.Starred | ast.JoinedStr | ast.Yield):
            continue
        own = site.written(node)
        scored = [(_fitness(site, node, other), text) for text, other in pool]
        best = sorted(((s, t) for s, t in scored if t != own), key=lambda p: (-p[0], p[1]))
        for score, text in best[:_MOST]:
            yield one(site.put(node, text), score)


def _for_effect(site: Site, node: ast.expr) -> bool:
    """Whether an expression names a method, or is called for what it changes."""
    parent = site.parent(node)
    return (isinstance(parent, ast.Call) and parent.func is node) or isinstance(parent, ast.Expr)


def _bound_here(node: ast.expr, visible: set[str], bound: set[str]) -> bool:
    """Whether the names of an expression have values where the statement stands."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return not any(name in bound and name not in visible for name in names) and not isinstance(
        node, ast.Slice
    )


def rebound(site: Site) -> Iterator[Change]:
    """``x.update(y)`` becomes ``x = y``, and ``x = y`` becomes a change of ``x`` in place."""
    match site.statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner), args=[value]) as call) if (
            isinstance(call.func, ast.Attribute)
        ):
            if site.known(site.written(owner)).callable:
                return
            text = f"{site.source.segment(owner)} = {site.source.segment(value)}"
            edit = site.put(call, "None")
            grows = call.func.attr in ("append", "extend", "insert", "appendleft", "add")
            yield one(type(edit)(edit.start, edit.end, text), 0.2 if grows else 0.8)
        case ast.Assign(targets=[ast.Name(id=name) as target], value=value):
            kind = site.kind(target)
            methods = {"list": ("append", "extend"), "set": ("add", "update"), "dict": ("update",)}
            for method in methods.get(kind, ()):
                text = f"{name}.{method}({site.source.segment(value)})"
                start, end = site.source.start(target), site.source.end(value)
                edit = site.put(target, name)
                yield one(type(edit)(start, end, text), 0.4)
