"""One way to write what can be written in several: changes that mean the same are tried once."""

from collections.abc import Sequence

from agent.model.embedded.language import Key
from agent.model.embedded.script.source import Source
from agent.model.embedded.script.syntax import STATEMENTS, Node, tree
from agent.model.embedded.spans import Edit, apply

_OPPOSITE = {"===": "!==", "!==": "===", "==": "!=", "!=": "=="}
_TURNED = {">": "<", ">=": "<="}
_LEFT_OUT = frozenset((";", ",", "(", ")", "comment"))
_MEMBERS = frozenset(("method_definition", "field_definition", "public_field_definition"))
_ALONE = STATEMENTS - {"switch_case"} - _MEMBERS


class Parts:
    """A file by its statements: a change is parsed and compared by the smallest around it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._originals: dict[int, str | None] = {}

    def key(self, edits: Sequence[Edit]) -> Key | None:
        """The key of a change; None when it does not parse or changes nothing."""
        # What is put at the border of a statement may be outside it.
        low = min(edit.start - (edit.start == edit.end) for edit in edits)
        high = max(edit.end + (edit.start == edit.end) for edit in edits)
        part = _part(self._source.tree, low, high)
        if part.start not in self._originals:
            self._originals[part.start] = self._form(part, ())
        form = self._form(part, edits)
        if form is None or form == self._originals[part.start]:
            return None
        return f"{self._source.path}:{part.start}", form

    def _form(self, part: Node, edits: Sequence[Edit]) -> str | None:
        moved = [Edit(e.start - part.start, e.end - part.start, e.text) for e in edits]
        changed = apply(part.text, moved)
        if part.type in _MEMBERS:
            changed = f"class A {{\n{changed}\n}}"
        return normal_form(self._source.path, changed)


def _part(root: Node, low: int, high: int) -> Node:
    """The smallest statement that a change lies in, or the file."""
    found = node = root
    while True:
        inner = next((c for c in node.children if c.start <= low and high <= c.end), None)
        if inner is None:
            return found
        node = inner
        if node.type in _ALONE or node.type in _MEMBERS:
            found = node


def normal_form(path: str, text: str) -> str | None:
    """What two texts with the same meaning share; None for one that does not parse."""
    try:
        return _form(tree(path, text))
    except (ValueError, RecursionError):
        return None


def _form(node: Node) -> str:
    match node.type:
        case "string":
            return "'" + node.text[1:-1]
        case "parenthesized_expression" if len(node.named_children) == 1:
            return _form(node.named_children[0])
        case "unary_expression" if node.part("operator").text == "!":
            return _negated(node)
        case "binary_expression":
            return _binary(node)
        case "assignment_expression" if node.part("left").text == node.part("right").text:
            return ""
        case "expression_statement" if node.named_children:
            return _counted(node.named_children[0]) or _form(node.named_children[0])
        case "statement_block" if len(node.named_children) == 1 and _is_branch(node):
            return _form(node.named_children[0])
    if not node.children:
        return node.text
    forms = (_form(child) for child in node.children if child.type not in _LEFT_OUT)
    return f"({node.type} {' '.join(form for form in forms if form)})"


def _is_branch(block: Node) -> bool:
    """Whether braces are there for a single statement that needs none."""
    parent = block.parent
    single = block.named_children[0].type
    holder = parent is not None and parent.type in ("if_statement", "else_clause")
    return holder and single in ("expression_statement", "return_statement", "throw_statement")


def _negated(node: Node) -> str:
    """``!(a === b)`` is ``a !== b``."""
    inner = node.part("argument")
    while inner.type == "parenthesized_expression" and len(inner.named_children) == 1:
        inner = inner.named_children[0]
    if inner.type == "binary_expression" and inner.part("operator").text in _OPPOSITE:
        return _joined(inner, _OPPOSITE[inner.part("operator").text])
    return f"(! {_form(inner)})"


def _binary(node: Node) -> str:
    """``a > b`` is ``b < a``; ``a && a`` is ``a``."""
    sign = node.part("operator").text
    if sign in ("&&", "||", "??"):
        left, right = _form(node.part("left")), _form(node.part("right"))
        return left if left == right else f"({sign} {left} {right})"
    if sign in _TURNED:
        return f"({_TURNED[sign]} {_form(node.part('right'))} {_form(node.part('left'))})"
    return _joined(node, sign)


def _joined(node: Node, sign: str) -> str:
    return f"({sign} {_form(node.part('left'))} {_form(node.part('right'))})"


def _counted(node: Node) -> str | None:
    """As statements, ``i++``, ``++i`` and ``i += 1`` are the same."""
    if node.type == "update_expression":
        sign = node.part("operator").text[0]
        return f"(step {sign} {_form(node.part('argument'))})"
    if node.type == "augmented_assignment_expression" and node.part("right").text == "1":
        sign = node.part("operator").text
        if sign in ("+=", "-="):
            return f"(step {sign[0]} {_form(node.part('left'))})"
    return None
