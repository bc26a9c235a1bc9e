"""All scopes of a file, with what functions return and what classes keep on ``self``."""

import ast

from agent.model.embedded.kinds import kind_of
from agent.model.embedded.known import Holder, Known, is_empty, only_changed, use_of
from agent.model.embedded.scope import Scope
from agent.model.embedded.spans import Source


def scopes_of(source: Source) -> dict[ast.AST, Scope]:
    """A scope for the module and for every function in it."""
    found: dict[ast.AST, Scope] = {}

    def visit(node: ast.AST, outer: Scope | None) -> None:
        if isinstance(node, Holder):
            outer = found[node] = Scope(source, node, outer)
        for child in ast.iter_child_nodes(node):
            visit(child, outer)

    visit(source.tree, None)
    results = {f"{scope.name}()": scope.returned() for scope in found.values()}
    classes: dict[ast.AST, dict[str, Known]] = {}
    for scope in found.values():
        scope.kinds.update(results)
    for node, scope in found.items():
        around = source.parents.get(node)
        if isinstance(around, ast.ClassDef):
            if around not in classes:
                classes[around] = _fields(source, around, scope.kinds)
            scope.fields = classes[around]
            scope.kinds.update({name: known.kind for name, known in scope.fields.items()})
    return found


def _fields(source: Source, holder: ast.ClassDef, kinds: dict[str, str]) -> dict[str, Known]:
    fields: dict[str, Known] = {}
    for node in ast.walk(holder):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=attribute):
                parent = source.parents.get(node)
                name = f"self.{attribute}"
                known = fields.setdefault(name, Known(name))
                known.callable |= isinstance(parent, ast.Call) and parent.func is node
                if isinstance(node.ctx, ast.Load):
                    known.loads.append(node.lineno)
                    known.uses.add(use_of(source, node))
                    if not only_changed(source, node):
                        known.reads.append(node.lineno)
                if isinstance(parent, ast.Assign) and parent.value is not node:
                    known.kind = known.kind or kind_of(parent.value, kinds)
                    known.empty |= is_empty(parent.value)
    return {name: known for name, known in fields.items() if not known.callable}
