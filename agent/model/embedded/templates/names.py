"""The wrong variable, the wrong attribute, the wrong target.

Follows "Change Identifier Used" of ManySStuBs4J (Karampatsis and Sutton 2020), "Mutate Variable" of
TBar (Liu et al. 2019); names are ranked by the likeness of their uses, as in CapGen
(Wen et al. 2018).
"""

import ast
from collections.abc import Iterator

from agent.model.embedded.site import Site, likeness
from agent.model.embedded.templates.base import Change, one

_MOST = 6


def _is_variable(site: Site, node: ast.expr) -> bool:
    parent = site.parent(node)
    if isinstance(parent, ast.Call) and parent.func is node:
        return False
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            known = site.scope.all_known().get(name)
            return name != "self" and not (known and known.callable)
        case ast.Attribute(value=ast.Name(id="self"), ctx=ast.Load()):
            return True
    return False


def _beside(site: Site, node: ast.expr) -> set[str]:
    """The names that the expression around this one mentions already."""
    parent = site.parent(node)
    if parent is None:
        return set()
    return {inner.id for inner in ast.walk(parent) if isinstance(inner, ast.Name)}


def variable(site: Site) -> Iterator[Change]:
    """A name becomes another name that is in scope and used alike."""
    for node in site.expressions:
        if _is_variable(site, node):
            beside = _beside(site, node)
            for name, score in site.choices(node)[:_MOST]:
                yield one(site.put(node, name), score * (0.4 if name in beside else 1.0))


def variable_by_value(site: Site) -> Iterator[Change]:
    """A constant becomes a name, a name becomes a constant that stands near."""
    for node in site.expressions:
        kind = site.kind(node)
        if isinstance(node, ast.Constant) and kind in ("number", "bool", "none"):
            for name, score in site.choices(node)[:3]:
                yield one(site.put(node, name), 0.6 * score)
        elif _is_variable(site, node) and kind == "number":
            for text in ("0", "1"):
                yield one(site.put(node, text), 0.2)


def value_by_variable(site: Site) -> Iterator[Change]:
    """A call, item or attribute becomes a name that holds such a value already."""
    for node in site.expressions:
        parent = site.parent(node)
        is_callee = isinstance(parent, ast.Call) and parent.func is node
        loaded = isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        if isinstance(node, ast.Call | ast.Subscript | ast.Attribute) and loaded and not is_callee:
            inside = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            for name, score in site.choices(node)[:4]:
                if not isinstance(parent, ast.Expr):
                    yield one(site.put(node, name), score * (0.6 if name in inside else 1.0))


def attribute(site: Site) -> Iterator[Change]:
    """``x.a`` becomes ``x.b``, ``x``, or ``y.a``; ``x`` becomes ``x.a``."""
    everywhere = site.source.attributes
    for node in site.expressions:
        parent = site.parent(node)
        is_called = isinstance(parent, ast.Call) and parent.func is node
        if isinstance(node, ast.Attribute) and not is_called:
            yield from _other_attribute(site, node, everywhere)
            if isinstance(node.ctx, ast.Load):
                yield one(site.put(node, site.text(node.value)), 0.35)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and not is_called:
            for name in _attributes_of(site, node.id, everywhere):
                if not isinstance(parent, ast.Attribute):
                    yield one(site.put(node, f"{node.id}.{name}"), 0.3)


def _other_attribute(
    site: Site, node: ast.Attribute, everywhere: list[ast.Attribute]
) -> Iterator[Change]:
    owner = site.written(node.value)
    found: dict[str, float] = {}
    for other in everywhere:
        parent = site.parent(other)
        if other.attr != node.attr and not (isinstance(parent, ast.Call) and parent.func is other):
            near = 0.9 if site.written(other.value) == owner else 0.6
            score = near * (0.6 + 0.4 * likeness(node.attr, other.attr))
            found[other.attr] = max(score, found.get(other.attr, 0.0))
    for name, score in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST]:
        start = site.put(node, f"({site.source.segment(node.value)}).{name}")
        yield one(type(start)(start.start, start.end, _dotted(site, node, name)), score)


def _dotted(site: Site, node: ast.Attribute, name: str) -> str:
    text = site.source.segment(node)
    return text[: len(text) - len(node.attr)] + name


def _attributes_of(site: Site, name: str, everywhere: list[ast.Attribute]) -> list[str]:
    found = [
        other.attr
        for other in everywhere
        if isinstance(other.value, ast.Name)
        and other.value.id == name
        and not isinstance(site.parent(other), ast.Call)
    ]
    return list(dict.fromkeys(found))[:3]


def target(site: Site) -> Iterator[Change]:
    """The value goes to another name, or to a place that the value is computed from."""
    match site.statement:
        case (
            ast.Assign(targets=[ast.Name() as place], value=value)
            | ast.AugAssign(target=ast.Name() as place, value=value)
        ):
            for name, score in site.choices(place, wanted=site.kind(value))[:4]:
                yield one(site.put(place, name), 0.6 * score)
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute() as place], value=value):
            pass
        case _:
            return
    own = site.written(place)
    if not isinstance(site.statement, ast.Assign):
        return
    inside = {
        site.written(node): node
        for node in ast.walk(value)
        if isinstance(node, ast.Subscript | ast.Attribute | ast.Name)
    }
    for text, node in inside.items():
        parent = site.parent(node)
        argument = isinstance(parent, ast.Call) and node in parent.args
        if own not in inside and text != own and (argument or isinstance(parent, ast.BinOp)):
            yield one(site.put(place, text), 0.7 if type(node) is type(place) else 0.3)
