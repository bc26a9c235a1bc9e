"""How tightly expressions bind, so that a replacement gets parentheses only where it needs them."""

import ast
from functools import lru_cache

_OPERATORS: dict[type[ast.operator], int] = {
    ast.BitOr: 7,
    ast.BitXor: 8,
    ast.BitAnd: 9,
    ast.LShift: 10,
    ast.RShift: 10,
    ast.Add: 11,
    ast.Sub: 11,
    ast.Mult: 12,
    ast.Div: 12,
    ast.FloorDiv: 12,
    ast.Mod: 12,
    ast.MatMult: 12,
    ast.Pow: 14,
}
_UNARY, _COMPARE, _ATOM = 13, 6, 16
_LOOSE: dict[type[ast.expr], int] = {
    ast.Tuple: 0,
    ast.NamedExpr: 0,
    ast.Yield: 0,
    ast.YieldFrom: 0,
    ast.Lambda: 1,
    ast.IfExp: 2,
    ast.Compare: _COMPARE,
    ast.Await: 15,
}


def binding(node: ast.expr) -> int:
    """How tightly the expression's own operator binds; larger is tighter."""
    match node:
        case ast.BinOp(op=operator):
            return _OPERATORS[type(operator)]
        case ast.BoolOp(op=ast.Or()):
            return 3
        case ast.BoolOp():
            return 4
        case ast.UnaryOp(op=ast.Not()):
            return 5
        case ast.UnaryOp():
            return _UNARY
        case ast.Constant(value=int() | float()):
            return _ATOM - 1  # 1.real needs the parentheses, 1 + 1 does not
    return _LOOSE.get(type(node), _ATOM)


def demanded(parent: ast.AST | None, node: ast.AST) -> int:
    """How tightly an expression in this place must bind to need no parentheses."""
    match parent:
        case ast.BinOp(left=left, op=operator):
            power = isinstance(operator, ast.Pow)
            return _OPERATORS[type(operator)] + ((node is left) == power)
        case ast.BoolOp(op=operator):
            return 4 if isinstance(operator, ast.Or) else 5
        case ast.UnaryOp(op=operator):
            return 5 if isinstance(operator, ast.Not) else _UNARY
        case ast.Compare():
            return _COMPARE + 1
        case ast.Attribute() | ast.Await():
            return _ATOM
        case ast.Subscript(value=value) if node is value:
            return _ATOM
        case ast.Call(func=function) if node is function:
            return _ATOM
        case ast.IfExp() | ast.comprehension():
            return 3
        case ast.Starred():
            return 7
        case ast.Subscript() | ast.Assign() | ast.AugAssign() | ast.Return() | ast.Expr():
            return 0
    return 1


def fit(text: str, need: int) -> str:
    """The expression's text, in parentheses when it binds less tightly than the place needs."""
    return f"({text})" if _binding_of(text) < need else text


@lru_cache(maxsize=1 << 14)
def _binding_of(text: str) -> int:
    try:
        return binding(ast.parse(f"({text}\n)", mode="eval").body)
    except SyntaxError:
        return _ATOM  # a slice or a starred argument is no expression of its own
