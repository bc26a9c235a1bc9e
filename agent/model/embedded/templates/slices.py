"""Slices and indices that begin or end elsewhere.

Follows the collection templates of PAR (Kim et al. 2013) and "Mutate Data" of TBar (Liu et al.
2019), in the forms that Python has for them.
"""

import ast
from collections.abc import Iterator

from agent.model.embedded.site import Site
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.base import Change, one

_SEQUENCES = ("list", "text", "tuple", "")


def bounds(site: Site) -> Iterator[Change]:
    """``x[a:b]`` loses a bound, swaps sides, or begins one later."""
    for node in site.expressions:
        match node:
            case ast.Subscript(value=value, slice=ast.Slice(lower=lower, upper=upper, step=None)):
                start, end = site.source.end(value), site.source.end(node)
                low = site.text(lower) if lower else ""
                high = site.text(upper) if upper else ""
                for text, closeness in _other_bounds(low, high):
                    yield one(Edit(start, end, f"[{text}]"), closeness)


def _other_bounds(low: str, high: str) -> Iterator[tuple[str, float]]:
    if low and high:
        yield f"{low}:", 0.4
        yield f":{high}", 0.4
    elif low:
        yield f":{low}", 0.4
        yield f"{low}:-1", 0.15
    elif high:
        yield f"{high}:", 0.4
        yield f"1:{high}", 0.4
    else:
        yield "1:", 0.2
        yield ":-1", 0.2
        yield "::-1", 0.2


def part(site: Site) -> Iterator[Change]:
    """``x`` becomes ``x[1:]`` or ``x[n:]`` where a sequence is iterated, passed on or returned."""
    for node in site.expressions:
        parent = site.parent(node)
        loaded = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        if not isinstance(node, ast.Name) or not loaded or site.kind(node) not in _SEQUENCES:
            continue
        match parent:
            case ast.For(iter=place) | ast.comprehension(iter=place) if place is node:
                closeness = 0.9
            case ast.Call(func=ast.Name(id="len")):
                continue
            case ast.Call(args=arguments) if node in arguments:
                closeness = 0.8 if site.calls_itself(parent) else 0.3
            case ast.Return() | ast.Assign():
                closeness = 0.2
            case _:
                continue
        if not site.kind(node):
            closeness *= 0.8 if "subscripted" in site.known(node.id).uses else 0.3
        for text, factor in (("1:", 1.0), (":-1", 0.6)):
            yield one(site.put(node, f"{node.id}[{text}]"), closeness * factor)
        for name, likely in site.choices(node, wanted="number")[:3]:
            counted = site.known(name).kind == "number" or "index" in site.known(name).uses
            score = max(likely, 0.8) if "Slice" in site.known(name).uses else likely
            if counted or site.known(name).parameter:
                yield one(site.put(node, f"{node.id}[{name}:]"), closeness * score)
                yield one(site.put(node, f"{node.id}[:{name}]"), closeness * score * 0.6)


def index(site: Site) -> Iterator[Change]:
    """``x[0]`` becomes ``x[-1]`` or ``x``; ``x`` becomes ``x[0]``."""
    for node in site.expressions:
        match node:
            case ast.Subscript(value=value, slice=ast.Constant(value=int(place)), ctx=ast.Load()):
                other = "-1" if place == 0 else "0"
                yield one(site.put(node.slice, other), 0.5)
                yield one(site.put(node, site.text(value)), 0.25)
            case ast.Subscript(value=value, slice=ast.Name(), ctx=ast.Load()):
                yield one(site.put(node, site.text(value)), 0.1)
            case ast.Name(ctx=ast.Load()) if site.kind(node) in ("list", "tuple", "text"):
                if not isinstance(site.parent(node), ast.Subscript | ast.Attribute | ast.For):
                    yield one(site.put(node, f"{node.id}[0]"), 0.2)
                    yield one(site.put(node, f"{node.id}[-1]"), 0.2)
