"""A script's text and tree, and the questions about its statements."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.model.embedded.script.syntax import EXPRESSIONS, FUNCTIONS, STATEMENTS, Node, tree

_BLOCKS = frozenset(("statement_block", "class_body", "switch_body", "program"))
_OPAQUE = frozenset(("function_expression", "class", "method_definition", "decorator"))
_MOST = 400_000


@dataclass(slots=True)
class Source:
    """A file's text and tree; raises ValueError when it does not parse, or is a bundle."""

    path: str
    text: str
    tree: Node = field(init=False)
    newline: str = field(init=False)
    """How the text ends its lines."""
    lines: list[str] = field(init=False)

    def __post_init__(self) -> None:
        if len(self.text) > _MOST or "\r" in self.text.replace("\r\n", ""):
            raise ValueError("no such text is written by hand")
        self.tree = tree(self.path, self.text)
        self.newline = "\r\n" if "\r\n" in self.text else "\n"
        self.lines = self.text.split("\n")

    def indent(self, node: Node) -> str | None:
        """The white space before a node, or None when other code is before it on its line."""
        before = self.text[self.line_start(node.start) : node.start]
        return before if not before.strip(" \t") else None

    def line_start(self, place: int) -> int:
        """Where the line of a character begins."""
        return self.text.rfind("\n", 0, place) + 1

    def whole_lines(self, node: Node) -> tuple[int, int] | None:
        """The span of a node's lines with their line ends, when it shares none of them."""
        if self.indent(node) is None:
            return None
        end = self.text.find("\n", node.end)
        rest = self.text[node.end : end if end >= 0 else len(self.text)].strip()
        if rest not in ("", ";") and not rest.startswith("//"):
            return None
        return self.line_start(node.start), end + 1 if end >= 0 else len(self.text)


def units(node: Node) -> Iterator[Node]:
    """All statements, and all bodies of arrow functions that are expressions, in source order."""
    return (inner for inner in node.walk() if is_unit(inner))


def is_unit(node: Node) -> bool:
    """Whether a node is a statement, or what takes the place of one."""
    if node.type in STATEMENTS:
        # A loop's own `let i = 0` is a part of the loop.
        return node.role != "initializer"
    return node.role == "body" and node.type != "statement_block" and _is_arrow(node.parent)


def _is_arrow(node: Node | None) -> bool:
    return node is not None and node.type == "arrow_function"


def header(unit: Node) -> Iterator[Node]:
    """A statement's own expressions, outermost first, without those of statements inside it."""
    if unit.type not in STATEMENTS:
        yield from _expressions(unit)
    else:
        for child in unit.children:
            yield from _within(child)


def _within(node: Node) -> Iterator[Node]:
    if node.type in _BLOCKS or is_unit(node) or node.type in _OPAQUE:
        return
    yield from _expressions(node)


def _expressions(node: Node) -> Iterator[Node]:
    if node.type in EXPRESSIONS and not _is_bound(node):
        yield node
    for child in node.children:
        yield from _within(child)


def _is_bound(node: Node) -> bool:
    """Whether a name is declared here, and not used."""
    parent = node.parent
    if node.type != "identifier" or parent is None:
        return False
    if parent.type in ("formal_parameters", "rest_pattern", "array_pattern", "object_pattern"):
        return True
    if parent.type in ("variable_declarator", "required_parameter", "optional_parameter"):
        return node.role in ("name", "pattern")
    if parent.type == "pair_pattern" or parent.type.startswith("import"):
        return True
    if parent.type in ("assignment_pattern", "for_in_statement"):
        return node.role == "left"
    if parent.type in FUNCTIONS or parent.type == "catch_clause":
        return node.role in ("name", "parameter")
    return parent.type in ("class_declaration", "namespace_import", "labeled_statement")


def function_of(node: Node) -> Node | None:
    """The innermost function around a node."""
    return next((outer for outer in node.ancestors() if outer.type in FUNCTIONS), None)


def block_of(unit: Node) -> list[Node]:
    """The statements that stand beside a statement, itself included."""
    if unit.parent is None or unit.parent.type not in (*_BLOCKS, "switch_case", "switch_default"):
        return []
    return [child for child in unit.parent.named_children if is_unit(child)]


def name_of(function: Node) -> str:
    """The name that a function is called by; empty where it has none."""
    named = function.get("name")
    parent = function.parent
    if named is None and parent is not None:
        named = {
            "variable_declarator": parent.get("name"),
            "pair": parent.get("key"),
            "assignment_expression": parent.get("left"),
        }.get(parent.type)
    return named.text.rpartition(".")[2] if named is not None else ""
