"""A suspicious statement with all that a template asks about it."""

import ast
from dataclasses import dataclass, field

from agent.model.embedded.kinds import UNKNOWN, compatible, kind_of
from agent.model.embedded.known import COMPREHENSIONS, Known, header, use_of
from agent.model.embedded.precedence import demanded, fit
from agent.model.embedded.scope import Scope
from agent.model.embedded.spans import Edit, Source

_OUTER = 0.6
"""What names of the scopes around a function count beside its own."""
LOOPS = (ast.For, ast.While, ast.AsyncFor)


def likeness(one: str, other: str) -> float:
    """From 0 to 1: how alike two identifiers are, by what they begin and end with."""
    shorter = min(len(one), len(other))
    head = next((i for i in range(shorter) if one[i] != other[i]), shorter)
    tail = next((i for i in range(shorter - head) if one[-1 - i] != other[-1 - i]), shorter - head)
    return (head + tail) / max(len(one), len(other), 1)


@dataclass(slots=True)
class Site:
    """One statement that failing tests ran."""

    source: Source
    scope: Scope
    statement: ast.stmt
    suspicion: float = 1.0
    crashed: frozenset[str] = frozenset()
    """Names in the lines of this function at which tests ended in an error."""
    unequal: tuple[tuple[str | int, str | int], ...] = ()
    """Texts and numbers that should have been equal, as the failing tests tell."""
    missing: tuple[str, ...] = ()
    """Parameters that a call gives nothing for, as the failing tests tell."""
    expressions: list[ast.expr] = field(init=False)
    """The expressions of the statement's own lines, outermost first."""

    def __post_init__(self) -> None:
        self.expressions = [n for n in header(self.statement) if isinstance(n, ast.expr)]

    @property
    def line(self) -> int:
        """The line that the statement begins on."""
        return self.statement.lineno

    def text(self, node: ast.expr, need: int = 0) -> str:
        """The expression as written, in parentheses when it binds less tightly than needed."""
        return fit(self.source.segment(node), need)

    def written(self, node: ast.AST) -> str:
        """A node in one way of writing, whatever its layout."""
        return self.source.once(ast.unparse, node)

    def put(self, node: ast.expr, text: str) -> Edit:
        """The edit that puts another expression in the place of this one."""
        need = demanded(self.source.parents.get(node), node)
        start, end = self.source.start(node), self.source.end(node)
        around = self.source.text[start - 1 : start] + self.source.text[end : end + 1]
        if around == "()" and self.source.text[start - 2 : start - 1] in " (=[,\n":
            need = 0  # it stands in parentheses of its own
        if isinstance(node, ast.GeneratorExp) and around[:1].isidentifier():
            return Edit(start, end, f"({text})")  # the call's parentheses are its own
        return Edit(start, end, fit(text, need))

    def kind(self, node: ast.expr) -> str:
        """What kind of value the expression seems to give."""
        return kind_of(node, self.scope.kinds)

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node around a node."""
        return self.source.parents.get(node)

    def loops(self) -> list[ast.stmt]:
        """The loops around the statement, innermost first, itself included when it is one."""
        around = [self.statement, *self.source.ancestors(self.statement)]
        stop = next((i for i, node in enumerate(around) if node is self.scope.holder), len(around))
        return [node for node in around[:stop] if isinstance(node, LOOPS)]

    def block(self) -> list[ast.stmt]:
        """The list of statements that holds the statement."""
        parent = self.parent(self.statement)
        for _, value in ast.iter_fields(parent) if parent else ():
            if isinstance(value, list) and self.statement in value:
                return value
        return []

    def visible(self, node: ast.AST | None = None) -> list[Known]:
        """The names with a value when the statement runs, or inside a comprehension around node."""
        line = self.statement.lineno
        # What a for loop binds has no value yet where its own iterable is computed.
        loops = [n for n in self.loops() if n is not self.statement or isinstance(n, ast.While)]
        first = loops[-1].lineno if loops else line
        last = (loops[-1].end_lineno or line) if loops else line
        found = [
            known
            for name, known in self.scope.all_known().items()
            if not known.callable
            and name not in ("self", "cls", "_")
            and (
                name not in self.scope.known
                or known.parameter
                or any(b < line or (loops and first <= b <= last) for b in known.bound)
            )
        ]
        return [*found, *self._comprehended(node), *self.scope.fields.values()]

    def _comprehended(self, node: ast.AST | None) -> list[Known]:
        names = {}
        for around in self.source.ancestors(node) if node else ():
            if isinstance(around, COMPREHENSIONS):
                for generator in around.generators:
                    for target in ast.walk(generator.target):
                        if isinstance(target, ast.Name):
                            names[target.id] = Known(target.id, reads=[around.lineno])
        return [known for name, known in names.items() if name not in self.scope.known]

    def choices(self, node: ast.expr, wanted: str | None = None) -> list[tuple[str, float]]:
        """Names that could stand in an expression's place, best first, each with a score."""
        kind = self.kind(node) if wanted is None else wanted
        text = self.source.segment(node) if isinstance(node, ast.Name | ast.Attribute) else ""
        uses = self.known(text).uses or {use_of(self.source, node)}
        return self._ranked(self.visible(node), text, kind, uses)

    def partners(self, known: Known) -> list[tuple[str, float]]:
        """Names whose values a name could be given, best first, each with a score."""
        return self._ranked(self.visible(), "", known.kind, known.uses)

    def _ranked(
        self, names: list[Known], text: str, kind: str, uses: set[str]
    ) -> list[tuple[str, float]]:
        scored = []
        for known in names:
            if known.name != text:
                shared = len(uses & known.uses) / max(1, len(uses | known.uses))
                alike = 0.4 + 0.35 * shared + 0.25 * likeness(text, known.name)
                near = _OUTER if self._is_outer(known) else 1.0
                score = alike * compatible(known.kind, kind) * near * self.neglect(known)
                scored.append((known.name, min(1.2, score)))
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def known(self, name: str) -> Known:
        """What is known of a name; nothing when it is not one of the scope's."""
        return self.scope.all_known().get(name) or self.scope.fields.get(name) or Known(name)

    def _is_outer(self, known: Known) -> bool:
        """Whether a name is of a scope around this one, and not of the function itself."""
        outer = self.scope.outer
        return outer is not None and outer.all_known().get(known.name) is known

    def neglect(self, known: Known) -> float:
        """A value that the function binds and never uses asks to be used."""
        if self._is_outer(known):
            return 1.0
        used = [line for line in known.reads if line != self.statement.lineno]
        return 1.8 if not used else 1.15 if len(used) == 1 else 1.0

    def calls_itself(self, node: ast.expr) -> bool:
        """Whether the expression is a call of the function that it stands in."""
        name = getattr(self.scope.holder, "name", UNKNOWN)
        match node:
            case ast.Call(func=ast.Name(id=called)):
                return called == name
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=called)):
                return called == name
        return False

    def statements(self) -> list[ast.stmt]:
        """The statements of the function, in source order."""
        return self.scope.statements

    def neighbours(self) -> dict[str, ast.expr]:
        """The expressions of the whole function by their text, in source order."""
        return self.scope.expressions()
