"""A suspicious statement with all that a template asks about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.model.embedded.kinds import UNKNOWN, compatible
from agent.model.embedded.script.kinds import kind_of
from agent.model.embedded.script.names import Known, Names, use_of
from agent.model.embedded.script.precedence import demanded, fit
from agent.model.embedded.script.source import Source, block_of, function_of, header
from agent.model.embedded.script.syntax import LOOPS, Node
from agent.model.embedded.site import likeness
from agent.model.embedded.spans import Edit


@dataclass(slots=True)
class Site:
    """One statement that failing tests ran."""

    source: Source
    names: Names
    unit: Node
    """The statement, or the expression that is an arrow function's body."""
    suspicion: float = 1.0
    function: Node = field(init=False)
    """The function around it, or the whole file."""
    expressions: list[Node] = field(init=False)
    """The expressions of the statement's own lines, outermost first."""
    _visible: list[Known] | None = None

    def __post_init__(self) -> None:
        self.function = function_of(self.unit) or self.source.tree
        self.expressions = list(header(self.unit))

    @property
    def line(self) -> int:
        """The line that the statement begins on."""
        return self.unit.line

    def put(self, node: Node, text: str) -> Edit:
        """The edit that puts another expression in the place of this one."""
        return Edit(node.start, node.end, fit(text, demanded(node)))

    def kind(self, node: Node) -> str:
        """What kind of value the expression seems to give."""
        return kind_of(node, self.names.kinds)

    def visible(self) -> list[Known]:
        """The names with a value where the statement stands, those nearest to it first."""
        if self._visible is None:
            self._visible = self.names.visible(self.unit)
        return self._visible

    def own(self) -> list[Known]:
        """The visible names that belong to the function and are computed with."""
        start, end = self.function.start, self.function.end
        return [k for k in self.visible() if not k.callable and start <= k.start < end]

    def choices(self, node: Node, wanted: str | None = None) -> list[tuple[str, float]]:
        """Names that could stand in an expression's place, best first, each with a score."""
        kind = self.kind(node) if wanted is None else wanted
        text = node.text if node.type == "identifier" else ""
        here = self.names.find(node, text) if text else None
        uses = here.uses if here else {use_of(node)}
        scored = []
        for known in self.visible():
            if known.name == text or (known.callable and kind != "function"):
                continue
            shared = len(uses & known.uses) / max(1, len(uses | known.uses))
            alike = 0.4 + 0.35 * shared + 0.25 * likeness(text, known.name)
            near = 1.0 if self.function.start <= known.start < self.function.end else 0.6
            score = alike * compatible(known.kind, kind) * near * self.neglect(known)
            scored.append((known.name, min(1.2, score)))
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def neglect(self, known: Known) -> float:
        """A value that is bound and never used asks to be used."""
        used = [line for line in known.loads if line != self.line]
        own = known.parameter or known.scope.start >= self.function.start
        return 1.0 if not own else 1.8 if not used else 1.15 if len(used) == 1 else 1.0

    def loop(self) -> Node | None:
        """The innermost loop around the statement within its function."""
        for outer in self.unit.ancestors():
            if outer is self.function:
                return None
            if outer.type in LOOPS:
                return outer
        return None

    def block(self) -> list[Node]:
        """The statements that stand beside this one, itself included."""
        return block_of(self.unit)

    def neighbours(self) -> Iterator[Node]:
        """All nodes of the function."""
        return self.function.walk()

    def conditions(self) -> Iterator[Node]:
        """The expressions of the statement that decide something, without parentheses."""
        for node in self.expressions:
            if node.type == "parenthesized_expression":
                continue
            place = node
            while place.parent is not None and place.parent.type == "parenthesized_expression":
                place = place.parent
            given = place.parent is not None and place.parent.type == "return_statement"
            answers = (given or node is self.unit) and self.kind(node) == "bool"
            if place.role == "condition" or answers:
                yield node

    def property_kind(self, name: str) -> str:
        """What kind of value a property of this name seems to hold."""
        return self.names.kinds.get(f".{name}", UNKNOWN)
