"""What is known of a name: when it is bound, how it is used, what kind of value it holds."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.model.embedded.kinds import MUTATORS, UNKNOWN
from agent.model.embedded.spans import Function, Source

Holder = Function | ast.Module
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


_BLOCKS = frozenset({"body", "orelse", "finalbody", "handlers", "cases"})


def header(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement without the statements inside it."""
    for name, value in ast.iter_fields(statement):
        if name not in _BLOCKS:
            for node in value if isinstance(value, list) else [value]:
                if isinstance(node, ast.AST):
                    yield from _whole(node)


def _whole(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what is below it, except inside f-strings, whose columns are not to be trusted."""
    yield node
    if not isinstance(node, ast.JoinedStr):
        for child in ast.iter_child_nodes(node):
            yield from _whole(child)


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below a node in source order, without what is inside nested definitions."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, NESTED):
            yield from own_nodes(child)


def lines_of(statement: ast.stmt) -> set[int]:
    """The lines that the statement's own code stands on."""
    found = {statement.lineno}
    for node in header(statement):
        if isinstance(node, ast.expr):
            found.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


@dataclass(slots=True)
class Known:
    """One name of a scope."""

    name: str
    kind: str = UNKNOWN
    parameter: bool = False
    callable: bool = False
    """A function, class or import: it is called, not computed with."""
    bound: list[int] = field(default_factory=list)
    """The lines that bind it."""
    loads: list[int] = field(default_factory=list)
    """The lines that use it."""
    empty: bool = False
    """It begins as an empty collection."""
    reads: list[int] = field(default_factory=list)
    """Of ``loads``, the lines that do more than change the value in place."""
    uses: set[str] = field(default_factory=set)
    """The shapes of its uses, to tell names that play similar parts."""

    @property
    def stays_empty(self) -> bool:
        """It begins as an empty collection, and nothing is seen to add to it."""
        stored = "subscripted" in self.uses and self.kind == "dict"
        grown = any(f"attribute {name}" in self.uses for name in MUTATORS)
        return self.empty and not stored and not grown


def likely(known: Known, returned: str) -> str:
    """The kind that a name's uses suggest when nothing tells more."""
    if "Return" in known.uses and returned:
        return returned
    if known.uses & {"iterated", "argument 0 of len", "argument 0 of sorted"}:
        return "list"
    return "number" if known.uses & {"index", "Slice"} else UNKNOWN


def use_of(source: Source, node: ast.expr) -> str:
    """The part an expression plays in what surrounds it."""
    parent = source.parents.get(node)
    match parent:
        case ast.Attribute(attr=name):
            return f"attribute {name}"
        case ast.Call(func=called) if called is node:
            return "called"
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments):
            place = next((i for i, given in enumerate(arguments) if given is node), -1)
            return f"argument {place} of {name}"
        case ast.Subscript(value=value):
            return "subscripted" if value is node else "index"
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator):
            return f"operand of {type(operator).__name__}"
        case ast.Compare(ops=[operator, *_]):
            return f"compared by {type(operator).__name__}"
        case ast.For() | ast.comprehension():
            return "iterated"
        case ast.If() | ast.While() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return "truth"
    return type(parent).__name__


def only_changed(source: Source, node: ast.expr) -> bool:
    """Whether a value stands in ``x[…] = …`` or in a statement like ``x.append(…)``."""
    parent = source.parents.get(node)
    match parent:
        case ast.Subscript(ctx=ast.Store()):
            return True
        case ast.Attribute(attr=name) if name in MUTATORS:
            call = source.parents.get(parent)
            return isinstance(source.parents.get(call or node), ast.Expr)
    return False


def is_empty(node: ast.expr) -> bool:
    """Whether an expression makes an empty collection."""
    return ast.unparse(node) in ("[]", "{}", "set()", "list()", "dict()", "deque()")
