"""What kind of value an expression gives, guessed from how it is written and how names are used.

A guess orders candidates, it never rules one out: Python code says little about its types.
"""

import ast
from collections.abc import Mapping

UNKNOWN = ""
_SEQUENCES = frozenset({"list", "text", "tuple", "iterable"})
_CALLS = {
    "number": "len int float abs sum round ord pow hash divmod count index find rfind",
    "text": "str repr chr join format lower upper strip lstrip rstrip replace decode",
    "list": "list sorted deque split splitlines readlines",
    "iterable": "range enumerate zip map filter reversed iter keys values items",
    "dict": "dict Counter defaultdict OrderedDict",
    "set": "set frozenset union intersection difference",
    "tuple": "tuple",
    "bool": "bool isinstance issubclass any all hasattr callable issuperset issubset startswith "
    "endswith isdigit isalpha",
}
CALLS = {name: kind for kind, names in _CALLS.items() for name in names.split()}
_METHODS = {
    "list": "append extend insert sort reverse popleft appendleft",
    "set": "add discard issuperset issubset union intersection difference",
    "dict": "items keys values get setdefault",
    "text": "split strip lstrip rstrip rfind join startswith endswith lower upper isdigit isalpha "
    "encode splitlines format",
}
METHODS = {name: kind for kind, names in _METHODS.items() for name in names.split()}
MUTATORS = frozenset(
    [
        "append",
        "extend",
        "insert",
        "sort",
        "reverse",
        "appendleft",
        "add",
        "update",
        "discard",
        "remove",
        "clear",
        "setdefault",
    ]
)
"""Methods that change their object, as statements of their own."""
_DISPLAYS: dict[type[ast.expr], str] = {
    ast.List: "list",
    ast.ListComp: "list",
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.Set: "set",
    ast.SetComp: "set",
    ast.Tuple: "tuple",
    ast.GeneratorExp: "iterable",
    ast.JoinedStr: "text",
    ast.Lambda: "function",
    ast.Compare: "bool",
}


def kind_of(node: ast.expr, names: Mapping[str, str]) -> str:
    """The kind of an expression's value; UNKNOWN when unclear.

    ``names`` holds the kinds of names, and under ``name()`` those of what functions return.
    """
    match node:
        case ast.Constant(value=bool()):
            return "bool"
        case ast.Constant(value=int() | float()):
            return "number"
        case ast.Constant(value=str() | bytes()):
            return "text"
        case ast.Constant():
            return "none"
        case ast.Name(id=name):
            return names.get(name, UNKNOWN)
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return names.get(f"self.{name}", UNKNOWN)
        case ast.UnaryOp(op=ast.Not()):
            return "bool"
        case ast.UnaryOp():
            return "number"
        case ast.BoolOp(values=[*_, last]):
            return kind_of(last, names)
        case ast.IfExp(body=body, orelse=other):
            return kind_of(body, names) or kind_of(other, names)
        case ast.BinOp():
            return _operation(node, names)
        case ast.Call():
            return _call(node, names)
        case ast.Subscript(value=value, slice=ast.Slice()):
            return kind_of(value, names)
        case ast.Subscript(value=value) if kind_of(value, names) == "text":
            return "text"
    return _DISPLAYS.get(type(node), UNKNOWN)


def _operation(node: ast.BinOp, names: Mapping[str, str]) -> str:
    kinds = kind_of(node.left, names), kind_of(node.right, names)
    for kind in ("list", "text", "set", "tuple"):
        if kind in kinds:
            return kind
    if isinstance(node.op, ast.Add) and "number" not in kinds:
        return UNKNOWN
    return "number"


def _call(node: ast.Call, names: Mapping[str, str]) -> str:
    match node.func:
        case ast.Name(id="max" | "min") if len(node.args) > 1:
            return kind_of(node.args[0], names) or kind_of(node.args[1], names)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return CALLS.get(name) or names.get(f"{name}()", UNKNOWN)
    return UNKNOWN


def compatible(one: str, other: str) -> float:
    """From 0 to 1: how likely a value of one kind stands where the other stood."""
    if UNKNOWN in (one, other):
        return 0.6
    if one == other:
        return 1.0
    if one in _SEQUENCES and other in _SEQUENCES:
        return 0.5
    if {one, other} == {"number", "bool"}:
        return 0.3
    return 0.15 if "none" in (one, other) else 0.08
