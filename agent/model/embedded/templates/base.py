"""What a template is, and the few questions that several of them ask."""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from agent.model.embedded.site import Site
from agent.model.embedded.spans import Edit

SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.Break, ast.Continue)
"""Statements that hold no others and can be copied, moved or removed."""
Change = tuple[tuple[Edit, ...], float]
"""Edits of one file, and from 0 to 1 how near they are to what people write in such a place."""


_Place = TypeVar("_Place")


@dataclass(frozen=True, slots=True)
class Template(Generic[_Place]):
    """One way in which people err, and how its repair looks, at places of one language."""

    propose: Callable[[_Place], Iterator[Change]]
    prior: float
    """How usual such a repair is beside the others, from 0 to 1."""
    symptoms: Mapping[str, float] = field(default_factory=dict)
    """How much more (above 1) or less likely it is when the tests fail in a certain way."""

    @property
    def name(self) -> str:
        """The name of the function that proposes."""
        return self.propose.__name__


def one(edit: Edit, closeness: float) -> Change:
    """A change of a single edit."""
    return (edit,), closeness


def conditions(site: Site) -> Iterator[ast.expr]:
    """The expressions of the statement that decide something."""
    for node in site.expressions:
        parent = site.parent(node)
        match parent:
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                if node is test:
                    yield node
            case ast.comprehension(ifs=ifs) if node in ifs:
                yield node
            case ast.Assert(test=test) if node is test:
                yield node
            case ast.Return() | ast.Assign() if site.kind(node) == "bool" and not isinstance(
                node, ast.Constant
            ):
                yield node


def line_beside(site: Site, anchor: ast.stmt, text: str, after: bool) -> Iterator[Edit]:
    """The edit that puts a line before or after a statement, at its indentation."""
    indent = site.source.indent(anchor)
    span = site.source.whole_lines(anchor)
    if indent is None or span is None:
        return
    if after and span[1] == len(site.source.text) and not site.source.text.endswith("\n"):
        yield Edit(span[1], span[1], f"{site.source.newline}{indent}{text}")
    else:
        at = span[1] if after else span[0]
        yield Edit(at, at, f"{indent}{text}{site.source.newline}")
