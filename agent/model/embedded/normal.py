"""One way to write what can be written in several: changes that mean the same are tried once."""

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from agent.model.embedded.language import Key
from agent.model.embedded.spans import Edit, Function, Source, apply, parse, quiet

_LONG = 30
"""Lines from which on a function is compared by its statements."""


class Parts:
    """A file by its functions: a change is compiled and compared by its part alone."""

    def __init__(self, source: Source) -> None:
        # Backwards: of those that share a line the first has it.
        outer = reversed(list(_parted(source.tree.body)))
        heads = {source.starts[source.first_line(one) - 1]: _head(source, one) for one in outer}
        self._heads = {**heads, 0: ""}
        self._starts = sorted(self._heads)
        self._ends = [*self._starts[1:], len(source.text)]
        self._source = source
        self._originals: dict[tuple[int, int], Key | None] = {}

    def key(self, edits: Sequence[Edit]) -> Key | None:
        """The key of a change; None when it does not compile or changes nothing."""
        low, high = min(edit.start for edit in edits), max(edit.end for edit in edits)
        first = bisect_right(self._starts, low) - 1
        last = max(first, bisect_left(self._starts, high) - 1)
        if low == self._starts[first]:
            first = max(0, first - 1)  # a line put here may belong to what is before
        while (original := self._original(first, last)) is None and first > 0:
            first -= 1  # what is no program by itself is one with what is before
        key = self._key(first, last, edits)
        return None if key == original else key

    def _original(self, first: int, last: int) -> Key | None:
        if (first, last) not in self._originals:
            self._originals[first, last] = self._key(first, last, ())
        return self._originals[first, last]

    def _key(self, first: int, last: int, edits: Sequence[Edit]) -> Key | None:
        start, end = self._starts[first], self._ends[last]
        text = self._source.text[start:end]
        moved = [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits]
        changed = apply(text, moved)
        form = normal_form(self._heads[start] + changed)
        return None if form is None else (f"{self._source.path}:{start}-{end}", form)


def _parted(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements, with those in the bodies of classes and of long functions."""
    for statement in statements:
        yield statement
        length = (statement.end_lineno or statement.lineno) - statement.lineno
        if isinstance(statement, Function) and length <= _LONG:
            continue
        if isinstance(statement, ast.ClassDef | Function):
            # With its head go two, so that one is left where the other is taken away.
            yield from _parted(statement.body[2:])


def _head(source: Source, statement: ast.stmt) -> str:
    """The line under which a statement stands alone as it stands in its file."""
    if not source.indent(statement):
        return ""
    around = next((one for one in source.ancestors(statement) if isinstance(one, Function)), None)
    match around:
        case ast.AsyncFunctionDef():
            return "async def _():\n"
        case ast.FunctionDef():
            return "def _():\n"
    return "if 1:\n"


def normal_form(text: str) -> str | None:
    """What two texts with the same meaning share; None for one that does not compile."""
    try:
        tree = parse(text)
        with quiet():
            compile(tree, "changed.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return None
    return ast.dump(Normal().visit(tree))


class Normal(ast.NodeTransformer):
    """Rewrites a tree, which is used up by it, to a form that equal meanings share."""

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        """``x = x`` is nothing."""
        self.generic_visit(node)
        alike = len(node.targets) == 1 and type(node.targets[0]) is type(node.value)
        same = alike and ast.unparse(node.targets[0]) == ast.unparse(node.value)
        return ast.Pass() if same else node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """``a and a`` is ``a``."""
        self.generic_visit(node)
        kept: list[ast.expr] = []
        for value in node.values:
            if not kept or ast.dump(kept[-1]) != ast.dump(value):
                kept.append(value)
        return kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """``not a == b`` is ``a != b``."""
        self.generic_visit(node)
        opposite = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is}
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(ops=[sign]) as inner):
                if type(sign) in opposite:
                    return ast.Compare(inner.left, [opposite[type(sign)]()], inner.comparators)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """``a > b`` is ``b < a``."""
        self.generic_visit(node)
        match node:
            case ast.Compare(left=left, ops=[ast.Gt()], comparators=[right]):
                return ast.Compare(right, [ast.Lt()], [left])
            case ast.Compare(left=left, ops=[ast.GtE()], comparators=[right]):
                return ast.Compare(right, [ast.LtE()], [left])
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """``abs(abs(a))`` is ``abs(a)``, ``abs(b - a)`` is ``abs(a - b)``."""
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id="abs"), args=[ast.Call(func=ast.Name(id="abs"))]):
                return node.args[0]
            case ast.Call(
                func=ast.Name(id="abs"), args=[ast.BinOp(left=left, op=ast.Sub(), right=right)]
            ) if ast.dump(right) < ast.dump(left):
                return ast.Call(node.func, [ast.BinOp(right, ast.Sub(), left)], [])
        return node
