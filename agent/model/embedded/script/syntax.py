"""A file's tree, with characters for bytes and a way up from every node."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node as Parsed

from tools.code.languages import language_by_path, reader

FUNCTIONS = frozenset(
    (
        *("function_declaration", "function_expression", "arrow_function", "method_definition"),
        *("generator_function_declaration", "generator_function"),
    )
)
SIMPLE = frozenset(
    (
        *("expression_statement", "return_statement", "throw_statement"),
        *("break_statement", "continue_statement", "lexical_declaration", "variable_declaration"),
    )
)
"""Statements that hold no others, as long as no function stands in them."""
STATEMENTS = SIMPLE | frozenset(
    (
        *("if_statement", "while_statement", "do_statement", "for_statement", "for_in_statement"),
        *("switch_statement", "switch_case", "field_definition", "public_field_definition"),
        *("try_statement", "labeled_statement", "function_declaration"),
        *("generator_function_declaration", "class_declaration", "export_statement"),
    )
)
LOOPS = frozenset(("while_statement", "do_statement", "for_statement", "for_in_statement"))
EXPRESSIONS = frozenset(
    (
        *("identifier", "number", "string", "template_string", "regex", "true", "false", "null"),
        *("undefined", "this", "binary_expression", "unary_expression", "update_expression"),
        *("assignment_expression", "augmented_assignment_expression", "call_expression"),
        *("new_expression", "member_expression", "subscript_expression", "ternary_expression"),
        *("parenthesized_expression", "array", "object", "await_expression", "arrow_function"),
        *("function_expression", "sequence_expression", "spread_element", "yield_expression"),
        *("as_expression", "non_null_expression", "satisfies_expression", "super"),
    )
)


@dataclass(slots=True, eq=False, repr=False)
class Node:
    """One node; places are counted in characters from the start of the text."""

    type: str
    start: int
    end: int
    line: int
    """The line that it begins on, from 1."""
    last: int
    """The line that it ends on."""
    named: bool
    role: str
    """What it is to the node around it, such as ``left``; empty where the grammar does not say."""
    parent: "Node | None"
    whole: str
    """The text of the file."""
    children: list["Node"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The node's own text."""
        return self.whole[self.start : self.end]

    @property
    def named_children(self) -> list["Node"]:
        """The nodes in it, without signs, words and comments."""
        return [child for child in self.children if child.named and child.type != "comment"]

    def get(self, name: str) -> "Node | None":
        """The first child of a field."""
        return next((child for child in self.children if child.role == name), None)

    def part(self, name: str) -> "Node":
        """The child of a field that the grammar promises."""
        found = self.get(name)
        assert found is not None
        return found

    def ancestors(self) -> Iterator["Node"]:
        """The nodes around it, innermost first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def walk(self) -> Iterator["Node"]:
        """The node and all that is in it, in the text's order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


def tree(path: str, text: str) -> Node:
    """The tree of a text in the language of its path; raises ValueError where there is none."""
    language = language_by_path(path)
    if language is None:
        raise ValueError(f"no language is known by the name of {path}")
    data = text.encode()
    root = reader(language.name).parser.parse(data).root_node
    if root.has_error:
        raise ValueError(f"{path} does not parse")
    places = None if len(data) == len(text) else _characters(text)
    return _copy(root, text, places)


def _characters(text: str) -> list[int]:
    """For each byte of the text's UTF-8 the character that it belongs to, and the end."""
    found: list[int] = []
    for place, character in enumerate(text):
        found.extend([place] * len(character.encode()))
    return [*found, len(text)]


def _copy(root: Parsed, text: str, places: list[int] | None) -> Node:
    """All nodes anew: the parser's own count bytes, and each way up from them is a search."""
    cursor = root.walk()
    top = _node(root, "", None, text, places)
    stack = [top]
    deeper = True
    while True:
        if deeper and cursor.goto_first_child():
            pass
        elif cursor.goto_next_sibling():
            stack.pop()
        elif cursor.goto_parent():
            stack.pop()
            deeper = False
            if not stack:
                return top
            continue
        else:
            return top
        deeper = True
        parsed = cursor.node
        assert parsed is not None
        parent = stack[-1]
        node = _node(parsed, cursor.field_name or "", parent, text, places)
        parent.children.append(node)
        stack.append(node)


def _node(
    parsed: Parsed, name: str, parent: Node | None, text: str, places: list[int] | None
) -> Node:
    start, end = parsed.start_byte, parsed.end_byte
    if places is not None:
        start, end = places[start], places[end]
    first, last = parsed.start_point.row + 1, parsed.end_point.row + 1
    return Node(parsed.type, start, end, first, last, parsed.is_named, name, parent, text)
