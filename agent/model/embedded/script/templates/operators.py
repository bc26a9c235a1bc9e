"""The wrong operator, or its operands in the wrong order.

Follows "Wrong Operator", "Wrong Binary Operand" and "Change Unary Operator" of ManySStuBs4J
(Karampatsis and Sutton 2020), "Mutate Operators" of TBar (Liu et al. 2019), and BugsJS's taxonomy
of bugs in server-side JavaScript (Gyimesi et al. 2019) for ``==``, ``===`` and ``??``.
"""

from collections.abc import Iterator

from agent.model.embedded.script.precedence import binding, fit
from agent.model.embedded.script.site import Site
from agent.model.embedded.script.syntax import Node
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.base import Change, one

_COMPARISONS = {
    "<": {"<=": 1.0, ">": 0.8, ">=": 0.6, "!==": 0.3},
    "<=": {"<": 1.0, ">=": 0.8, ">": 0.6, "===": 0.2},
    ">": {">=": 1.0, "<": 0.8, "<=": 0.6, "!==": 0.3},
    ">=": {">": 1.0, "<=": 0.8, "<": 0.6, "===": 0.2},
    "===": {"!==": 0.9, "==": 0.5, ">=": 0.35, "<=": 0.35, "<": 0.2, ">": 0.2},
    "!==": {"===": 0.9, "!=": 0.5, "<": 0.3, ">": 0.3},
    "==": {"===": 0.8, "!=": 0.9},
    "!=": {"!==": 0.8, "==": 0.9},
    "in": {"instanceof": 0.1},
}
_ARITHMETIC = {
    "+": {"-": 1.0, "*": 0.5},
    "-": {"+": 1.0, "*": 0.3, "/": 0.3},
    "*": {"/": 0.8, "+": 0.6, "**": 0.4, "%": 0.3},
    "/": {"*": 0.8, "%": 0.6, "-": 0.3},
    "%": {"/": 0.7, "*": 0.6},
    "**": {"*": 0.8},
    "<<": {">>": 0.9, ">>>": 0.4},
    ">>": {">>>": 0.8, "<<": 0.9},
    ">>>": {">>": 0.8, "<<": 0.6},
    "&": {"|": 0.9, "&&": 0.5, "^": 0.4},
    "|": {"&": 0.9, "||": 0.5, "^": 0.4},
    "^": {"|": 0.6, "&": 0.6, "**": 0.5},
}
_LOGICAL = {
    "&&": {"||": 1.0, "??": 0.1},
    "||": {"&&": 1.0, "??": 0.8},
    "??": {"||": 0.8, "&&": 0.5},
}
_AUGMENTED = {
    "+=": {"-=": 1.0, "=": 0.5, "*=": 0.3},
    "-=": {"+=": 1.0, "=": 0.4},
    "*=": {"/=": 0.8, "+=": 0.8},
    "/=": {"*=": 0.9, "-=": 0.4},
    "%=": {"/=": 0.5, "*=": 0.5},
    "|=": {"&=": 0.9, "=": 0.3},
    "&=": {"|=": 0.9, "=": 0.3},
    "<<=": {">>=": 0.9},
    ">>=": {"<<=": 0.9, ">>>=": 0.6},
    "||=": {"??=": 0.8, "&&=": 0.5},
    "??=": {"||=": 0.8},
}


def _signs(site: Site, table: dict[str, dict[str, float]]) -> Iterator[tuple[Node, str, float]]:
    for node in site.expressions:
        sign = node.get("operator")
        if sign is not None and node.type.endswith(("binary_expression", "assignment_expression")):
            for other, closeness in table.get(sign.text, {}).items():
                yield node, other, closeness


def comparison(site: Site) -> Iterator[Change]:
    """``<`` becomes ``<=``, ``===`` becomes ``!==``, ``==`` becomes ``===``."""
    yield from _other_sign(site, _COMPARISONS)


def arithmetic(site: Site) -> Iterator[Change]:
    """``+`` becomes ``-``."""
    yield from _other_sign(site, _ARITHMETIC)


def logical(site: Site) -> Iterator[Change]:
    """``&&`` becomes ``||``, ``||`` becomes ``??``."""
    yield from _other_sign(site, _LOGICAL)


def _other_sign(site: Site, table: dict[str, dict[str, float]]) -> Iterator[Change]:
    """Another operator between the same operands, which keep their grouping."""
    for node, other, closeness in _signs(site, table):
        sign = node.part("operator")
        if node.parent is not None and node.parent.type == "binary_expression":
            text = f"{node.part('left').text} {other} {node.part('right').text}"
            alike = fit(text, binding(node)) == text and other not in ("??", "&&", "||")
            if not alike:
                yield one(site.put(node, text), closeness)
        yield one(Edit(sign.start, sign.end, other), closeness)


def augmented(site: Site) -> Iterator[Change]:
    """``+=`` becomes ``-=``, ``=`` becomes ``+=``, ``++`` becomes ``--``."""
    yield from _other_sign(site, _AUGMENTED)
    for node in site.expressions:
        if node.type == "update_expression":
            sign, argument = node.part("operator"), node.part("argument")
            other = {"++": "--", "--": "++"}[sign.text]
            yield one(Edit(sign.start, sign.end, other), 0.8)
            moved = (
                f"{sign.text}{argument.text}"
                if sign.start > argument.start
                else f"{argument.text}{sign.text}"
            )
            if node.parent is not None and node.parent.type != "expression_statement":
                yield one(Edit(node.start, node.end, moved), 0.6)
        elif node.type == "assignment_expression" and site.kind(node) in ("number", "text", ""):
            place = node.part("left").end
            equals = site.source.text.index("=", place)
            inside = 0.6 if site.loop() else 0.25
            for sign_text in ("+=", "-="):
                yield one(Edit(equals, equals + 1, sign_text), inside)
                inside *= 0.5


def negation(site: Site) -> Iterator[Change]:
    """``!x`` becomes ``x``, a condition ``x`` becomes ``!x``, ``-x`` becomes ``x``."""
    for node in site.expressions:
        if node.type == "unary_expression" and node.part("operator").text in ("!", "-", "~", "+"):
            usual = 0.9 if node.part("operator").text == "!" else 0.6
            yield one(site.put(node, node.part("argument").text), usual)
            if node.part("operator").text == "+":
                yield one(site.put(node, f"-{node.part('argument').text}"), 0.5)
    for node in site.conditions():
        if node.type != "unary_expression":
            yield one(site.put(node, f"!{fit(node.text, 14)}"), 0.7)
    for node in site.expressions:
        parent = node.parent
        operand = parent is not None and parent.type == "binary_expression"
        if operand and parent is not None and parent.part("operator").text in ("&&", "||"):
            if node.type != "binary_expression":
                yield one(site.put(node, f"!{fit(node.text, 14)}"), 0.5)
        elif _is_given(node) and site.kind(node) == "number":
            yield one(site.put(node, f"-{node.text}"), 0.25)


def _is_given(node: Node) -> bool:
    """Whether a name or a number is returned, given or kept as it is."""
    parent = node.parent
    plain = parent is not None and node.type in ("identifier", "number")
    return (
        plain
        and parent is not None
        and parent.type in ("return_statement", "arguments", "pair", "array")
    )


def operands(site: Site) -> Iterator[Change]:
    """``a - b`` becomes ``b - a``; ``a && b || c`` becomes ``a && (b || c)``."""
    for node in site.expressions:
        if node.type != "binary_expression":
            continue
        left, sign, right = node.part("left"), node.part("operator").text, node.part("right")
        if sign in ("-", "/", "%", "**", "<<", ">>", "in", "instanceof"):
            yield (site.put(left, right.text), site.put(right, left.text)), 0.9
        elif sign == "+" and "text" in (site.kind(left), site.kind(right), site.kind(node)):
            yield (site.put(left, right.text), site.put(right, left.text)), 0.6
        for inner, outer in ((left, right), (right, left)):
            if inner.type == "binary_expression" and inner.part("operator").text != sign:
                yield from _regrouped(site, node, inner, outer)


def _regrouped(site: Site, node: Node, inner: Node, outer: Node) -> Iterator[Change]:
    """The same operators with the parentheses elsewhere."""
    near = inner.part("right") if inner.role == "left" else inner.part("left")
    far = inner.part("left") if inner.role == "left" else inner.part("right")
    inner_sign, sign = inner.part("operator").text, node.part("operator").text
    if inner.role == "left":
        text = f"{far.text} {inner_sign} ({near.text} {sign} {outer.text})"
    else:
        text = f"({outer.text} {sign} {near.text}) {inner_sign} {far.text}"
    yield one(site.put(node, text), 0.5)
