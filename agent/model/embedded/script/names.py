"""The names of a file: where each can be seen, how it is used, what kind of value it holds."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.model.embedded.kinds import UNKNOWN
from agent.model.embedded.script.kinds import METHODS, by_name, kind_of
from agent.model.embedded.script.source import Source, function_of
from agent.model.embedded.script.syntax import FUNCTIONS, Node

_SCOPES = FUNCTIONS | {"program", "statement_block", "for_statement", "for_in_statement"}
_SCOPES |= {"catch_clause", "switch_body"}
_HOISTING = FUNCTIONS | {"program"}
_LOOKS = ("formal_parameters", "array_pattern", "object_pattern", "rest_pattern", "pair_pattern")


@dataclass(slots=True)
class Known:
    """One name of a scope."""

    name: str
    scope: Node
    start: int
    """Where it is declared."""
    parameter: bool = False
    callable: bool = False
    """A function, a class or an import: it is called, not computed with."""
    constant: bool = False
    kind: str = UNKNOWN
    uses: set[str] = field(default_factory=set)
    loads: list[int] = field(default_factory=list)
    """The lines that use it."""


class Names:
    """All names of one file."""

    def __init__(self, source: Source) -> None:
        self._by_scope: dict[int, dict[str, Known]] = {}
        self.kinds: dict[str, str] = {}
        """Kinds by name, as far as names are not used for several; ``.name`` for properties."""
        self.properties: dict[str, int] = {}
        """Names of properties, and how often each is written."""
        self.functions: dict[str, Node] = {}
        """The functions that are defined, by name."""
        self.members: dict[str, set[str]] = {}
        """By the text of an object, the names of its properties that are used."""
        nodes = list(source.tree.walk())
        for node in nodes:
            self._declare(node)
        for _ in range(2):  # the second round uses kinds that the first has found
            for node in nodes:
                self._learn(node)
        for known in self.all():
            known.kind = self.kinds.get(known.name, UNKNOWN)

    def all(self) -> Iterator[Known]:
        """Every name of every scope."""
        for names in self._by_scope.values():
            yield from names.values()

    def visible(self, node: Node) -> list[Known]:
        """The names with a value where a node stands, those of inner scopes first."""
        found: dict[str, Known] = {}
        function = function_of(node)
        inside = True
        for scope in node.ancestors():
            for known in self._by_scope.get(id(scope), {}).values():
                if not inside or known.callable or known.parameter or known.start < node.start:
                    found.setdefault(known.name, known)
            inside = inside and scope is not function
        return list(found.values())

    def find(self, node: Node, name: str) -> Known | None:
        """What is known of a name, as it is seen from a node."""
        for scope in node.ancestors():
            known = self._by_scope.get(id(scope), {}).get(name)
            if known is not None:
                return known
        return None

    def _declare(self, node: Node) -> None:
        match node.type:
            case "variable_declarator":
                keyword = node.parent.get("kind") if node.parent else None
                hoisted = keyword is None
                for name in _bound(node.part("name")):
                    known = self._add(name, _scope(name, hoisted))
                    known.constant = keyword is not None and keyword.text == "const"
                    value = node.get("value")
                    known.callable = value is not None and (
                        value.type in FUNCTIONS or value.text.startswith("require(")
                    )
                    if value is not None and value.type in FUNCTIONS:
                        self.functions.setdefault(name.text, value)
            case "formal_parameters":
                for name in _bound(node):
                    self._add(name, node.parent or node).parameter = True
            case "arrow_function" if node.get("parameter"):
                self._add(node.part("parameter"), node).parameter = True
            case "function_declaration" | "generator_function_declaration" | "class_declaration":
                name = node.part("name")
                self._add(name, _scope(node, hoisted=False)).callable = True
                if node.type != "class_declaration":
                    self.functions.setdefault(name.text, node)
            case "method_definition":
                self.functions.setdefault(node.part("name").text, node)
            case "for_in_statement" if node.get("left") and node.get("kind"):
                for name in _bound(node.part("left")):
                    self._add(name, node)
            case "catch_clause" if node.get("parameter"):
                for name in _bound(node.part("parameter")):
                    self._add(name, node)
            case "import_clause" | "import_specifier" | "namespace_import":
                for child in node.named_children[-1:]:
                    if child.type == "identifier":
                        self._add(child, _scope(node, hoisted=True)).callable = True

    def _add(self, name: Node, scope: Node) -> Known:
        names = self._by_scope.setdefault(id(scope), {})
        return names.setdefault(name.text, Known(name.text, scope, name.start))

    def _set(self, name: str, kind: str) -> None:
        if kind not in (UNKNOWN, "none"):
            self.kinds.setdefault(name, kind)

    def _learn(self, node: Node) -> None:
        match node.type:
            case "variable_declarator" if node.get("value"):
                self._set(node.part("name").text, kind_of(node.part("value"), self.kinds))
            case "assignment_pattern" | "assignment_expression":
                left = node.part("left")
                name = left.text
                if left.type == "member_expression":
                    name = "." + left.part("property").text
                self._set(name, kind_of(node.part("right"), self.kinds))
            case "pair" if node.get("key"):
                self._set("." + node.part("key").text, kind_of(node.part("value"), self.kinds))
            case "return_statement" if node.named_children:
                self._returned(node)
            case "member_expression":
                name = node.part("property").text
                self.properties[name] = self.properties.get(name, 0) + 1
                self.members.setdefault(node.part("object").text, set()).add(name)
            case "identifier":
                self._use(node)

    def _returned(self, node: Node) -> None:
        function = function_of(node)
        name = function.get("name") if function else None
        if name is not None:
            self._set(f"{name.text}()", kind_of(node.named_children[0], self.kinds))

    def _use(self, node: Node) -> None:
        known = self.find(node, node.text)
        if known is None or known.start == node.start:
            return
        if not known.loads or known.loads[-1] != node.line:
            known.loads.append(node.line)
        use = use_of(node)
        known.uses.add(use)
        part, _, name = use.partition(" ")
        if part == "attribute" and name in METHODS:
            self._set(node.text, METHODS[name])
        elif part == "called":
            self._set(node.text, "function")
        elif part in ("counted", "index"):
            self._set(node.text, "number")
        elif part in ("operand", "compared"):
            self._set(node.text, self._beside(node))
        self._set(node.text, by_name(node.text))

    def _beside(self, node: Node) -> str:
        """A name computed or compared with a number is a number, as far as one can tell."""
        parent = node.parent
        while parent is not None and parent.type == "parenthesized_expression":
            node, parent = parent, parent.parent
        assert parent is not None
        other = parent.part("right" if node.role == "left" else "left")
        kind = kind_of(other, self.kinds)
        return kind if kind in ("number", "text") else UNKNOWN


def use_of(node: Node) -> str:
    """How an expression is used, in a word or two."""
    parent = node.parent
    while parent is not None and parent.type == "parenthesized_expression":
        node, parent = parent, parent.parent
    if parent is None:
        return ""
    match parent.type:
        case "member_expression" if node.role == "object":
            return f"attribute {parent.part('property').text}"
        case "call_expression" if node.role == "function":
            return "called"
        case "arguments":
            call = parent.parent
            place = parent.named_children.index(node)
            function = call.get("function") or call.get("constructor") if call else None
            return f"argument {place} of {function.text if function else ''}"
        case "binary_expression":
            sign = parent.part("operator").text
            return f"{'compared by' if sign[0] in '<>=!' else 'operand of'} {sign}"
        case "subscript_expression":
            return "index" if node.role == "index" else "indexed"
        case "update_expression":
            return "counted"
    return parent.type


def _bound(pattern: Node) -> Iterator[Node]:
    """The names that a pattern binds."""
    if pattern.type in ("identifier", "shorthand_property_identifier_pattern"):
        yield pattern
    elif pattern.type in ("assignment_pattern", "object_assignment_pattern"):
        yield from _bound(pattern.part("left"))
    elif pattern.type in ("required_parameter", "optional_parameter"):
        yield from _bound(pattern.part("pattern"))
    elif pattern.type in _LOOKS:
        for child in pattern.named_children:
            if child.role != "key":
                yield from _bound(child)


def _scope(node: Node, hoisted: bool) -> Node:
    kinds = _HOISTING if hoisted else _SCOPES
    return next((outer for outer in node.ancestors() if outer.type in kinds), node)
