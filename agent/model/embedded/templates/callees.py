"""The wrong function or method called.

Follows "Wrong Function Name" of ManySStuBs4J (Karampatsis and Sutton 2020) and the method replacer
of PAR (Kim et al. 2013).
"""

import ast
import builtins
from collections.abc import Iterator

from agent.model.embedded.kinds import METHODS, UNKNOWN, compatible
from agent.model.embedded.site import Site, likeness
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.base import Change, one

_FAMILIES = tuple(
    group.split()
    for group in (
        "any all",
        "min max",
        "append extend insert appendleft",
        "pop popleft",
        "add update discard remove",
        "strip lstrip rstrip",
        "find rfind index",
        "startswith endswith",
        "issubset issuperset isdisjoint",
        "union intersection difference symmetric_difference",
        "keys values items",
        "upper lower title",
        "floor ceil round",
        "int float str",
        "list set tuple sorted reversed",
        "split rsplit splitlines",
        "get setdefault pop",
        "heappushpop heapreplace heappush heappop",
        "bisect_left bisect_right",
        "islice takewhile dropwhile",
    )
)
_SAME_OWNER = 0.6
"""How near a method is that the file calls on the same thing: there is one of that name."""


def callee(site: Site) -> Iterator[Change]:
    """Another function is called: of the same family, of this file, on the same thing."""
    for node in site.expressions:
        match node:
            case ast.Call(func=ast.Name(id=name) as function):
                start = site.source.start(function)
            case ast.Call(func=ast.Attribute(attr=name) as function):
                start = site.source.end(function) - len(name)
            case _:
                continue
        for other, likely in _others(site, name, node):
            closeness = likely * _owned(site, node, other)
            yield one(Edit(start, start + len(name), other), closeness)
        for other in sorted(_beside(site, function) - {name}):
            yield one(Edit(start, start + len(name), other), _SAME_OWNER)


def _beside(site: Site, function: ast.expr) -> set[str]:
    """The methods that the file calls on the same thing."""
    if not isinstance(function, ast.Attribute):
        return set()
    owner = site.written(function.value)
    return {
        other.attr
        for other in site.source.attributes
        if getattr(site.parent(other), "func", None) is other and site.written(other.value) == owner
    }


def _owned(site: Site, call: ast.Call, method: str) -> float:
    """How likely there is such a function, or the object has such a method."""
    if not isinstance(call.func, ast.Attribute):
        known = method in site.scope.all_known() or hasattr(builtins, method)
        return 1.0 if known else 0.3
    return compatible(site.kind(call.func.value), METHODS.get(method, UNKNOWN))


def _others(site: Site, name: str, call: ast.Call) -> Iterator[tuple[str, float]]:
    for family in _FAMILIES:
        if name in family:
            yield from ((other, 1.8 / len(family)) for other in family if other != name)
    method = isinstance(call.func, ast.Attribute)
    for other, arity in _defined(site, method):
        if other != name:
            same = 0.5 if arity == len(call.args) else 0.15
            yield other, same + 0.4 * likeness(name, other)


def _defined(site: Site, method: bool) -> Iterator[tuple[str, int]]:
    for node in site.source.functions:
        if not node.name.startswith("__"):
            inside = isinstance(site.parent(node), ast.ClassDef)
            if inside == method:
                yield node.name, len(node.args.args) - inside
