"""How tightly expressions bind, so that a replacement gets parentheses only where it needs them.

https://developer.mozilla.org/docs/Web/JavaScript/Reference/Operators/Operator_precedence
"""

from functools import lru_cache

from agent.model.embedded.script.syntax import Node, tree

_SIGNS = {
    **dict.fromkeys(("||", "??"), 3),
    "&&": 4,
    "|": 5,
    "^": 6,
    "&": 7,
    **dict.fromkeys(("==", "!=", "===", "!=="), 8),
    **dict.fromkeys(("<", "<=", ">", ">=", "in", "instanceof"), 9),
    **dict.fromkeys(("<<", ">>", ">>>"), 10),
    **dict.fromkeys(("+", "-"), 11),
    **dict.fromkeys(("*", "/", "%"), 12),
    "**": 13,
}
_UNARY, _CALL, _ATOM = 14, 16, 18
_LOOSE = {
    "sequence_expression": 0,
    "assignment_expression": 2,
    "augmented_assignment_expression": 2,
    "arrow_function": 2,
    "yield_expression": 2,
    "spread_element": 2,
    "ternary_expression": 2,
    "unary_expression": _UNARY,
    "await_expression": _UNARY,
    "update_expression": 15,
    "new_expression": _CALL,
    "object": 1,
    "function_expression": 1,
}


def binding(node: Node) -> int:
    """How tightly an expression's own operator binds; larger is tighter."""
    if node.type == "binary_expression":
        return _SIGNS[node.part("operator").text]
    if node.type == "number":
        return _CALL  # 1.toFixed needs the parentheses, 1 + 1 does not
    return _LOOSE.get(node.type, _ATOM)


def demanded(node: Node) -> int:
    """How tightly an expression in this one's place must bind to need no parentheses."""
    parent = node.parent
    if parent is None:
        return 0
    match parent.type:
        case "binary_expression":
            sign = parent.part("operator").text
            tight = _SIGNS[sign] + ((node.role == "left") == (sign == "**"))
            return max(tight, 5) if sign == "??" else tight
        case "unary_expression" | "await_expression" | "update_expression":
            return _UNARY
        case "member_expression" | "subscript_expression" if node.role == "object":
            return _ATOM
        case "call_expression" if node.role == "function":
            return _ATOM
        case "new_expression" if node.role == "constructor":
            return _ATOM
        case "ternary_expression":
            return 3 if node.role == "condition" else 2
        case "arrow_function" | "expression_statement":
            return 2  # what begins with a brace would be a block
        case "parenthesized_expression" | "return_statement" | "subscript_expression":
            return 0
        case "template_substitution":
            return 0
    return 1


@lru_cache(maxsize=20_000)
def _binding_of(text: str) -> int:
    """How tightly a text binds; what is no expression of its own is left as it is."""
    try:
        [statement] = tree("a.ts", f"({text}\n)").named_children
    except ValueError:
        return _ATOM
    inner = statement.named_children[0].named_children
    return binding(inner[0]) if len(inner) == 1 else _ATOM


def fit(text: str, need: int) -> str:
    """The expression's text, in parentheses when it binds less tightly than the place needs."""
    if need == 0 or text.replace("_", "a").replace(".", "a").replace("$", "a").isalnum():
        return text if not (need >= _ATOM and text[:1].isdigit()) else f"({text})"
    return f"({text})" if _binding_of(text) < need else text
