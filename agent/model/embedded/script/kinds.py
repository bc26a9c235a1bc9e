"""What kind of value an expression gives, guessed from how it is written and how names are used.

A guess orders candidates, it never rules one out: JavaScript says little about its types.
"""

from collections.abc import Mapping

from agent.model.embedded.kinds import UNKNOWN
from agent.model.embedded.script.syntax import Node

_LITERALS = {
    "number": "number",
    "string": "text",
    "template_string": "text",
    "regex": "pattern",
    "true": "bool",
    "false": "bool",
    "null": "none",
    "undefined": "none",
    "array": "list",
    "object": "object",
    "arrow_function": "function",
    "function_expression": "function",
    "update_expression": "number",
}
_CALLS = {
    "number": "parseInt parseFloat Number indexOf lastIndexOf findIndex charCodeAt codePointAt "
    "floor ceil round abs max min pow sqrt trunc sign log random now getTime search localeCompare",
    "text": "String toString join toLowerCase toUpperCase trim trimStart trimEnd charAt repeat "
    "padStart padEnd substring substr replace replaceAll toFixed stringify fromCharCode",
    "list": "split map filter keys values entries from of flat flatMap sort reverse splice match",
    "bool": "includes startsWith endsWith test isArray isNaN isInteger isFinite every some has "
    "hasOwnProperty Boolean",
    "pattern": "RegExp",
}
CALLS = {name: kind for kind, names in _CALLS.items() for name in names.split()}
_METHODS = {
    "list": "push pop shift unshift splice map filter forEach reduce sort reverse join every some "
    "find findIndex flat",
    "text": "charAt charCodeAt codePointAt split replace replaceAll toLowerCase toUpperCase trim "
    "startsWith endsWith substring substr repeat padStart padEnd match",
    "number": "toFixed toPrecision",
    "pattern": "test exec",
    "object": "hasOwnProperty",
}
METHODS = {name: kind for kind, names in _METHODS.items() for name in names.split()}
_COUNTS = (
    "i j k n m x y z index idx count size len length total sum start end begin lo hi low high mid "
    "min max pos offset depth level width height left right step limit value weight"
)
_NUMBERS = frozenset(_COUNTS.split())
_COMPARING = frozenset(("<", ">", "<=", ">=", "==", "!=", "===", "!==", "in", "instanceof"))


def kind_of(node: Node, names: Mapping[str, str]) -> str:
    """The kind of an expression's value by the kinds of names; UNKNOWN when unclear."""
    match node.type:
        case "identifier":
            return names.get(node.text, UNKNOWN)
        case "parenthesized_expression" | "await_expression":
            inner = node.named_children
            return kind_of(inner[-1], names) if inner else UNKNOWN
        case "unary_expression":
            sign = node.part("operator").text
            return {"!": "bool", "typeof": "text", "void": "none"}.get(sign, "number")
        case "binary_expression":
            return _operation(node, names)
        case "ternary_expression":
            return kind_of(node.part("consequence"), names) or kind_of(
                node.part("alternative"), names
            )
        case "assignment_expression":
            return kind_of(node.part("right"), names)
        case "member_expression":
            name = node.part("property").text
            return "number" if name in ("length", "size") else names.get(f".{name}", UNKNOWN)
        case "call_expression":
            name = callee(node)
            return CALLS.get(name) or names.get(f"{name}()", UNKNOWN)
    return _LITERALS.get(node.type, UNKNOWN)


def _operation(node: Node, names: Mapping[str, str]) -> str:
    sign = node.part("operator").text
    if sign in _COMPARING:
        return "bool"
    kinds = kind_of(node.part("left"), names), kind_of(node.part("right"), names)
    if sign in ("&&", "||", "??"):
        return kinds[1]
    if sign != "+":
        return "number"
    if "text" in kinds:
        return "text"
    return "number" if "number" in kinds else UNKNOWN


def by_name(name: str) -> str:
    """The kind that people give such a name to."""
    if name in _NUMBERS:
        return "number"
    if name[:2] == "is" and name[2:3].isupper():
        return "bool"
    return "text" if name in ("str", "string", "text", "char", "ch") else UNKNOWN


def callee(call: Node) -> str:
    """The last name of what a call calls; empty where it has none."""
    function = call.get("function") or call.get("constructor")
    if function is None:
        return ""
    if function.type == "member_expression":
        return function.part("property").text
    return function.text if function.type == "identifier" else ""
