"""What a function knows: its names, and what is known of each."""

import ast
from collections.abc import Iterator

from agent.model.embedded.kinds import CALLS, METHODS, UNKNOWN, kind_of
from agent.model.embedded.known import (
    COMPREHENSIONS,
    Holder,
    Known,
    header,
    is_empty,
    likely,
    only_changed,
    own_nodes,
    use_of,
)
from agent.model.embedded.spans import Source


class Scope:
    """The names of one function (or of the module), with those of the scopes around it."""

    def __init__(self, source: Source, holder: Holder, outer: "Scope | None" = None) -> None:
        self.source = source
        self.holder = holder
        self.outer = outer
        self.known: dict[str, Known] = {}
        self.fields: dict[str, Known] = {}
        """The attributes that the class of a method keeps on ``self``."""
        self.kinds: dict[str, str] = dict(outer.kinds) if outer else {}
        self._all: dict[str, Known] | None = None
        self._parameters()
        nodes = list(own_nodes(holder))
        self.statements = [node for node in nodes if isinstance(node, ast.stmt)]
        self._expressions: dict[str, ast.expr] = {}
        for node in nodes:
            self._bind(node)
        for _ in range(2):  # the second round uses kinds that the first has found
            for node in ast.walk(holder):
                self._learn(node)
        returned = self.returned()
        for known in self.known.values():
            self._set(known.name, likely(known, returned))

    @property
    def name(self) -> str:
        """The function's name; empty for the module."""
        return getattr(self.holder, "name", "")

    def _add(self, name: str, line: int) -> Known:
        known = self.known.setdefault(name, Known(name))
        known.bound.append(line)
        return known

    def _parameters(self) -> None:
        if isinstance(self.holder, ast.Module):
            return
        arguments = self.holder.args
        given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        defaults = dict(
            zip([a.arg for a in reversed(given)], reversed(arguments.defaults), strict=False)
        )
        for argument in given:
            known = self._add(argument.arg, self.holder.lineno)
            known.parameter = True
            known.uses.add(f"argument {given.index(argument)} of {self.holder.name}")
            match argument.annotation:
                case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)):
                    self._set(argument.arg, CALLS.get(name.lower(), UNKNOWN))
            if argument.arg in defaults:
                self._set(argument.arg, kind_of(defaults[argument.arg], self.kinds))
        for extra, kind in ((arguments.vararg, "tuple"), (arguments.kwarg, "dict")):
            if extra:
                self._add(extra.arg, self.holder.lineno).parameter = True
                self._set(extra.arg, kind)

    def _bind(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                if not any(isinstance(a, COMPREHENSIONS) for a in self._inside(node)):
                    self._add(name, node.lineno)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                self._add(name, node.lineno).callable = True
                self.kinds[name] = "function"
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                for alias in aliases:
                    name = (alias.asname or alias.name).split(".")[0]
                    self._add(name, node.lineno).callable = True
                    self.kinds[name] = "function"

    def _inside(self, node: ast.AST) -> Iterator[ast.AST]:
        for ancestor in self.source.ancestors(node):
            if ancestor is self.holder:
                return
            yield ancestor

    def _set(self, name: str, kind: str) -> None:
        if kind not in (UNKNOWN, "none") and name in self.known:
            self.kinds.setdefault(name, kind)
            self.known[name].kind = self.kinds[name]

    def _learn(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Name):
                        self._set(target.id, kind_of(value, self.kinds))
                        if target.id in self.known:
                            self.known[target.id].empty |= is_empty(value)
                    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                        for one, given in zip(target.elts, value.elts, strict=False):
                            if isinstance(one, ast.Name):
                                self._set(one.id, kind_of(given, self.kinds))
                    if isinstance(target, ast.Tuple):
                        for one in target.elts:
                            if isinstance(one, ast.Starred) and isinstance(one.value, ast.Name):
                                self._set(one.value.id, "list")
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                self._set(name, kind_of(value, self.kinds))
            case ast.For(target=target, iter=ast.Call(func=ast.Name(id="range"))):
                if isinstance(target, ast.Name):
                    self._set(target.id, "number")
            case ast.For(target=ast.Tuple(elts=[ast.Name(id=name), *_]), iter=ast.Call() as call):
                if isinstance(call.func, ast.Name) and call.func.id == "enumerate":
                    self._set(name, "number")
            case ast.Name(id=name, ctx=ast.Load()) if name in self.known:
                self._use(node, self.known[name])

    def _use(self, node: ast.Name, known: Known) -> None:
        if node.lineno not in known.loads:
            known.loads.append(node.lineno)
        if node.lineno not in known.reads and not only_changed(self.source, node):
            known.reads.append(node.lineno)
        use = use_of(self.source, node)
        known.uses.add(use)
        part, _, name = use.partition(" ")
        if part == "attribute" and name in METHODS:
            self._set(known.name, METHODS[name])
        elif part == "attribute":
            self._set(known.name, "object")
        elif part == "called":
            self._set(known.name, "function")
        elif use in ("argument 0 of range", "argument 1 of range"):
            self._set(known.name, "number")
        elif part == "argument":
            self._set(known.name, self._parameter_kind(use))
        elif use.startswith(("operand of ", "compared by ")):
            self._beside(node, known)

    def returned(self) -> str:
        """The kind of what the function returns, from the first return that tells."""
        kinds = [
            kind_of(node.value, self.kinds)
            for node in own_nodes(self.holder)
            if isinstance(node, ast.Return) and node.value is not None
        ]
        return next((kind for kind in kinds if kind not in (UNKNOWN, "none")), UNKNOWN)

    def _parameter_kind(self, use: str) -> str:
        """The kind of the parameter of this function that such an argument is given to."""
        for known in self.known.values():
            if known.parameter and use in known.uses:
                return known.kind
        return UNKNOWN

    def _beside(self, node: ast.Name, known: Known) -> None:
        """A name computed or compared with a number is a number, as far as one can tell."""
        match self.source.parents[node]:
            case ast.BinOp(left=left, right=right) | ast.Compare(left=left, comparators=[right]):
                other = right if left is node else left
                kind = kind_of(other, self.kinds)
                if kind in ("number", "text"):
                    self._set(known.name, kind)

    def expressions(self) -> dict[str, ast.expr]:
        """The expressions that are computed in the function by their text, in source order."""
        if not self._expressions:
            for node in (node for statement in self.statements for node in header(statement)):
                loaded = isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
                if isinstance(node, ast.expr) and loaded:
                    self._expressions.setdefault(ast.unparse(node), node)
        return self._expressions

    def all_known(self) -> dict[str, Known]:
        """The names of this scope and of those around it, the inner ones first."""
        if self._all is None:
            outer = self.outer.all_known() if self.outer else {}
            self._all = self.known | {k: v for k, v in outer.items() if k not in self.known}
        return self._all
