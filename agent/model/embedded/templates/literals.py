"""Literals that are others, as failing assertions tell.

Follows "Mutate Literal Expression" of TBar (Liu et al. 2019); the new value is read off what a test
expects, as Nopol (Xuan et al. 2017) finds the values that its repairs have to give.
"""

import ast
from collections.abc import Iterator

from agent.model.embedded.site import Site
from agent.model.embedded.templates.base import Change, one


def expected(site: Site) -> Iterator[Change]:
    """A literal that a wrong result was made of changes by what the result lacks."""
    for node in site.expressions:
        if isinstance(node, ast.Constant) and not isinstance(site.parent(node), ast.Expr):
            for one_side, other in site.unequal:
                for got, wanted in ((one_side, other), (other, one_side)):
                    for text in _mended(node.value, got, wanted):
                        yield one(site.put(node, text), 0.7)


def _mended(value: object, got: str | int, wanted: str | int) -> Iterator[str]:
    """The literal with what turns one result into the other; nothing where it had no part."""
    match value, got, wanted:
        case bool(), _, _:
            return
        case int(), int(), int() if value == got:
            yield repr(wanted)
        case str(), str(), str() if len(value) > 1:
            first, last, put = _difference(got, wanted)
            at = got.find(value)
            while at >= 0:
                if at <= first and last <= at + len(value):
                    yield repr(value[: first - at] + put + value[last - at :])
                at = got.find(value, at + 1)


def _difference(got: str, wanted: str) -> tuple[int, int, str]:
    """Where the part of a text begins and ends that has to be another, and which."""
    shorter = min(len(got), len(wanted))
    first = next((i for i in range(shorter) if got[i] != wanted[i]), shorter)
    rest = shorter - first
    alike = next((i for i in range(rest) if got[-1 - i] != wanted[-1 - i]), rest)
    return first, len(got) - alike, wanted[first : len(wanted) - alike]
