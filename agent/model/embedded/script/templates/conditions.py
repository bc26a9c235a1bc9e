"""Conditions that let too much through, or too little.

Follows "More Specific If" and "Less Specific If" of ManySStuBs4J (Karampatsis and Sutton 2020), the
null and range checkers of PAR (Kim et al. 2013), and the condition tightening and loosening of SPR
and Prophet (Long and Rinard 2015, 2016); for what JavaScript takes as true, the incorrect
conditions that BugAID (Hanam et al. 2016) mines from fixes of Node.js programs.
"""

from collections.abc import Iterator

from agent.model.embedded.kinds import UNKNOWN
from agent.model.embedded.script.precedence import fit
from agent.model.embedded.script.site import Site
from agent.model.embedded.script.syntax import Node
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.base import Change, one

_NONE = ("null", "undefined")
_DECIDING = ("binary_expression", "unary_expression")
_KEPT = ("variable_declarator", "assignment_expression", "return_statement")
_LONGEST = 60
_TESTS = (" != null", " !== undefined", " !== null")


def drop_operand(site: Site) -> Iterator[Change]:
    """``a && b`` becomes ``a``, or ``b``."""
    for node in site.expressions:
        if node.type == "binary_expression" and node.part("operator").text in ("&&", "||", "??"):
            for side in ("left", "right"):
                yield one(site.put(node, node.part(side).text), 0.7)


def guard(site: Site) -> Iterator[Change]:
    """What is used must be there: ``x && …``, ``x == null || …``, before the condition."""
    for node in site.conditions():
        for text, near in _used(site, node):
            rest_and, rest_or = fit(node.text, 4), fit(node.text, 3)
            yield one(site.put(node, f"{text} && {rest_and}"), near)
            yield one(site.put(node, f"!{text} || {rest_or}"), near)
            yield one(site.put(node, f"{text} != null && {rest_and}"), 0.7 * near)
            yield one(site.put(node, f"{text} == null || {rest_or}"), 0.6 * near)


def _used(site: Site, node: Node) -> Iterator[tuple[str, float]]:
    """Objects that the condition takes apart, then the function's other names."""
    inside = {n.part("object").text for n in node.walk() if n.type == "member_expression"}
    yield from ((text, 0.9) for text in sorted(inside))
    for known in site.own():
        if known.name not in inside:
            yield known.name, 0.5 if known.kind in ("bool", "object", UNKNOWN) else 0.3


def more_or_less(site: Site) -> Iterator[Change]:
    """``c`` becomes ``c && d`` or ``c || d``, a condition of this function or its opposite."""
    deciding = list(site.conditions())
    others = list(dict.fromkeys(_borrowed(site))) if deciding else []
    for node in deciding:
        for other in others:
            if other not in node.text and node.text not in other:
                yield one(site.put(node, f"{fit(node.text, 4)} && {fit(other, 5)}"), 0.5)
                yield one(site.put(node, f"{fit(node.text, 3)} || {fit(other, 4)}"), 0.5)
                yield one(site.put(node, f"{fit(node.text, 4)} && !{fit(other, 14)}"), 0.25)


def borrowed(site: Site) -> Iterator[Change]:
    """A condition becomes another one of this function."""
    deciding = list(site.conditions())
    others = list(dict.fromkeys(_borrowed(site))) if deciding else []
    for node in deciding:
        for other in others:
            if other != node.text:
                yield one(site.put(node, other), 0.4)


def _borrowed(site: Site) -> Iterator[str]:
    for node in site.neighbours():
        short = node.end - node.start < _LONGEST and "\n" not in node.text
        if short and node.type in _DECIDING and site.kind(node) == "bool":
            yield node.text


def presence(site: Site) -> Iterator[Change]:
    """``x`` becomes ``x !== undefined`` or ``x.length``, and back: what counts as true."""
    for node in site.conditions():
        if node.type in ("identifier", "member_expression", "subscript_expression"):
            for near, test in zip((0.6, 0.5, 0.35), _TESTS, strict=True):
                yield one(site.put(node, f"{node.text}{test}"), near)
            yield one(site.put(node, f"{node.text}.length"), 0.3)
        if node.type == "binary_expression" and node.part("right").text in _NONE:
            left, sign = node.part("left").text, node.part("operator").text
            if sign[0] == "!":
                yield one(site.put(node, left), 0.4)
                found = _TESTS
            else:
                yield one(site.put(node, f"!{fit(left, 14)}"), 0.4)
                found = (" == null", " === undefined", " === null")
            yield from (one(site.put(node, left + test), 0.6) for test in found)
    for node in site.expressions:
        if node.type == "unary_expression" and node.part("operator").text == "!":
            inner = node.part("argument")
            if inner.type in ("identifier", "member_expression"):
                for test in (" === undefined", " == null", ".length"):
                    text = f"!{inner.text}.length" if test == ".length" else inner.text + test
                    yield one(site.put(node, text), 0.35)


def size(site: Site) -> Iterator[Change]:
    """``a.length === 0`` becomes ``a.length > 1``: the smallest case has another size."""
    for node in site.expressions:
        if node.type == "binary_expression" and node.part("right").type == "number":
            left, right = node.part("left").text, node.part("right").text
            if left.endswith((".length", ".size")) and right.isdigit():
                bound = int(right)
                signs = ("===", "<=", "<", ">", ">=", "!==")
                for sign in signs:
                    for other in {bound - 1, bound, bound + 1} - {-1}:
                        yield one(site.put(node, f"{left} {sign} {other}"), 0.6)


def answer(site: Site) -> Iterator[Change]:
    """A condition is always true, or never; ``c ? a : b`` becomes ``c ? b : a``, ``a``, ``b``."""
    for node in site.conditions():
        yield one(site.put(node, "true"), 0.25)
        yield one(site.put(node, "false"), 0.25)
    for node in site.expressions:
        if node.type == "ternary_expression":
            yes, no = node.part("consequence"), node.part("alternative")
            swapped = Edit(yes.start, yes.end, no.text), Edit(no.start, no.end, yes.text)
            yield swapped, 0.7
            yield one(site.put(node, yes.text), 0.4)
            yield one(site.put(node, no.text), 0.4)


def optional(site: Site) -> Iterator[Change]:
    """``a.b`` becomes ``a?.b``, where ``a`` may be missing."""
    for node in site.expressions:
        if node.type == "member_expression" and node.get("optional_chain") is None:
            owner = node.part("object")
            written = node.parent is not None and node.parent.type == "assignment_expression"
            if owner.type not in ("this", "super") and not (written and node.role == "left"):
                yield one(Edit(owner.end, owner.end, "?"), 0.5)


def fallback(site: Site) -> Iterator[Change]:
    """``x`` becomes ``x || 0``, ``x ?? []``: what is missing has a usual value."""
    usual = {"number": "0", "text": "''", "list": "[]", "object": "{}"}
    for node in site.expressions:
        parent = node.parent
        plain = node.type in ("identifier", "member_expression", "subscript_expression")
        kept = parent is not None and parent.type in _KEPT
        if plain and kept and node.role in ("right", "value", ""):
            kind = site.kind(node)
            for text in [usual[kind]] if kind in usual else ["{}", "''", "[]", "0"]:
                yield one(site.put(node, f"{node.text} || {text}"), 0.4)
