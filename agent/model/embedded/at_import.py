"""The lines that are run when a Python module is imported, before any test begins.

Tables, patterns, classes and what decorators make are there before the first test, so no test is
seen to run them, and every test may go by them.
"""

import ast
from collections.abc import Iterable, Iterator

from agent.model.embedded.known import header, lines_of
from agent.model.embedded.spans import Function, Source

_MAKERS = ("__new__", "__init__", "__post_init__", "__init_subclass__", "__set_name__")


def lines_at_import(source: Source) -> frozenset[int]:
    """The lines of module and class bodies, and of the file's functions that these call.

    Calls are told by name, through any number of functions, within the file alone; a class that is
    called has its constructor run.
    """
    functions = _functions(source.tree)
    found: set[int] = set()
    waiting: list[Iterable[ast.stmt]] = [source.tree.body]
    called: set[str] = set()
    while waiting:
        for statement in _run(waiting.pop()):
            found |= lines_of(statement)
            for name in map(_name, header(statement)):
                if name in functions and name not in called:
                    called.add(name)
                    waiting += [function.body for function in functions[name]]
    return frozenset(found)


def _functions(tree: ast.Module) -> dict[str, list[Function]]:
    """What a call of a name may run: functions and methods of that name, a class's constructor."""
    found: dict[str, list[Function]] = {}
    for node in ast.walk(tree):
        if isinstance(node, Function):
            found.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.ClassDef):
            makers = [one for one in node.body if isinstance(one, Function)]
            found.setdefault(node.name, []).extend(m for m in makers if m.name in _MAKERS)
    return found


def _run(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements with those inside them, except what is in functions and for the command line."""
    for statement in statements:
        yield statement
        if isinstance(statement, Function) or _is_for_the_command_line(statement):
            continue
        inner = [node for node in ast.iter_child_nodes(statement) if isinstance(node, ast.stmt)]
        for holder in ast.iter_child_nodes(statement):
            if isinstance(holder, ast.ExceptHandler | ast.match_case):
                inner += holder.body
        yield from _run(inner)


def _is_for_the_command_line(statement: ast.stmt) -> bool:
    """Whether it is ``if __name__ == "__main__"``."""
    return isinstance(statement, ast.If) and any(
        isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(statement.test)
    )


def _name(node: ast.AST) -> str:
    """The name that an expression uses: of a function it may be called, or given away to be."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            return name
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Load()):
            return name
    return ""
