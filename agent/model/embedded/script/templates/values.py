"""The wrong number, text or truth; a number that is off by one.

Follows "Change Numeral", "Change Boolean Literal" and "Wrong Literal" of ManySStuBs4J
(Karampatsis and Sutton 2020), "Mutate Literal Expression" of TBar (Liu et al. 2019) and the
regular-expression edits that Eghbali and Pradel (2020) count among string-related bugs in
JavaScript.
"""

import re
from collections import Counter
from collections.abc import Iterator

from agent.model.embedded.script.site import Site
from agent.model.embedded.script.syntax import Node
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.base import Change, one

_MOST_TEXTS = 12
_PLACES = frozenset(("arguments", "subscript_expression", "binary_expression", "return_statement"))
_QUANTIFIERS = {"+": ("*", "?"), "*": ("+",), "?": ("*",)}


def off_by_one(site: Site) -> Iterator[Change]:
    """``n`` becomes ``n - 1`` or ``n + 1`` where a number bounds, picks or is given back."""
    for node in site.expressions:
        if node.type in ("number", "string", "assignment_expression", "parenthesized_expression"):
            continue
        parent = node.parent
        kind = site.kind(node)
        if kind not in ("number", "") or parent is None or not _counts(node, parent, kind):
            continue
        near = 0.9 if kind == "number" else 0.45
        yield one(site.put(node, f"{node.text} - 1"), near)
        yield one(site.put(node, f"{node.text} + 1"), near)


def _counts(node: Node, parent: Node, kind: str) -> bool:
    if parent.type == "subscript_expression":
        return node.role == "index"
    if parent.type == "binary_expression":
        sign = parent.part("operator").text
        bounds = sign in ("<", "<=", ">", ">=") or (sign in ("===", "!==") and kind == "number")
        return bounds and node.type != "binary_expression"
    if parent.type in ("arguments", "variable_declarator", "return_statement"):
        return kind == "number"
    return parent.type == "assignment_expression" and node.role == "right" and kind == "number"


def drop_term(site: Site) -> Iterator[Change]:
    """``a + 1`` becomes ``a``; of other sums and products each side in turn."""
    for node in site.expressions:
        if node.type == "binary_expression" and node.part("operator").text in "+-*/%**":
            left, right = node.part("left"), node.part("right")
            one_off = right.type == "number"
            yield one(site.put(node, left.text), 0.8 if one_off else 0.35)
            if node.part("operator").text in "+*":
                yield one(site.put(node, right.text), 0.3)


def constant(site: Site) -> Iterator[Change]:
    """``1`` becomes ``0`` or ``2``, or another number of the file."""
    for node in site.expressions:
        if node.type != "number":
            continue
        try:
            value = int(node.text, 0)
        except ValueError:
            yield from ((one(site.put(node, other), 0.3)) for other in _numbers(site) - {node.text})
            continue
        nearest = {2: 0.3, -value: 0.4, 0: 0.7, 1: 0.7} | {value - 1: 0.9, value + 1: 0.9}
        for far in (value * 10, value // 10, value * 2, value // 2, -1):
            nearest.setdefault(far, 0.15)
        found = {str(number): near for number, near in nearest.items() if number != value}
        for other in _numbers(site) - {node.text}:
            found[other] = max(found.get(other, 0.0), 0.4)
        signed = node.parent is not None and node.parent.type == "unary_expression"
        if signed or _is_term(node):
            found = {other: near for other, near in found.items() if other[0] != "-"}
        yield from (one(site.put(node, other), near) for other, near in found.items())


def _is_term(node: Node) -> bool:
    """Whether a number is added or taken away: there its sign is the operator's matter."""
    parent = node.parent
    added = parent is not None and parent.type == "binary_expression"
    return added and parent is not None and parent.part("operator").text in "+-"


def _numbers(site: Site) -> set[str]:
    written = Counter(n.text for n in site.source.tree.walk() if n.type == "number")
    return {text for text, _ in written.most_common(_MOST_TEXTS)}


def text(site: Site) -> Iterator[Change]:
    """A text becomes another of the function or the file, or the empty one."""
    for node in site.expressions:
        if node.type == "string":
            quote = node.text[0]
            own = {n.text for n in site.neighbours() if n.type == "string"}
            near = {other: 0.6 for other in own if other != node.text}
            every = Counter(n.text for n in site.source.tree.walk() if n.type == "string")
            for other, _ in every.most_common(_MOST_TEXTS):
                near.setdefault(other, 0.3)
            near[quote * 2] = 0.5
            if node.text == quote * 2:
                near |= {f"{quote}{sign}{quote}": 0.35 for sign in (" ", ",", ", ", "-", "/", "0")}
            for other, closeness in near.items():
                if other != node.text:
                    yield one(site.put(node, other), closeness)


def truth(site: Site) -> Iterator[Change]:
    """``true`` becomes ``false``; ``null`` becomes ``undefined``."""
    opposite = {"true": "false", "false": "true", "null": "undefined", "undefined": "null"}
    for node in site.expressions:
        if node.type in opposite or (node.type == "identifier" and node.text == "undefined"):
            near = 0.9 if node.type in ("true", "false") else 0.5
            yield one(site.put(node, opposite[node.text]), near)


def pattern(site: Site) -> Iterator[Change]:
    """A regular expression gets or loses an anchor, a flag, a quantifier."""
    for node in site.expressions:
        if node.type != "regex":
            continue
        body, flags = node.part("pattern"), node.get("flags")
        written = flags.text if flags else ""
        for flag, near in (("g", 0.7), ("i", 0.7), ("m", 0.3), ("u", 0.2), ("s", 0.2)):
            other = written.replace(flag, "") if flag in written else written + flag
            yield one(Edit(body.end, node.end, f"/{other}"), near)
        yield from _anchored(body)
        for sign in re.finditer(r"(?<![\\(])[+*?](?!\?)", body.text):
            at = body.start + sign.start()
            yield one(Edit(at, at + 1, ""), 0.3)
            for other in _QUANTIFIERS[sign[0]]:
                yield one(Edit(at, at + 1, other), 0.6)
        for mark in re.finditer(r"(?<=[\])\w])(?=[\])|]|$)", body.text):
            for sign_text in ("+", "*"):
                at = body.start + mark.start()
                yield one(Edit(at, at, sign_text), 0.25)
        for mark in re.finditer(r"\\([dwsbDWSB])", body.text):
            at = body.start + mark.start(1)
            yield one(Edit(at, at + 1, mark[1].swapcase()), 0.4)
        for mark in re.finditer(r"\[(\^?)", body.text):
            at = body.start + mark.start(1)
            yield one(Edit(at, at + len(mark[1]), "" if mark[1] else "^"), 0.4)


def _anchored(body: Node) -> Iterator[Change]:
    start, end = body.start, body.end
    if body.text.startswith("^"):
        yield one(Edit(start, start + 1, ""), 0.5)
    else:
        yield one(Edit(start, start, "^"), 0.5)
    if body.text.endswith("$") and not body.text.endswith("\\$"):
        yield one(Edit(end - 1, end, ""), 0.5)
    else:
        yield one(Edit(end, end, "$"), 0.5)
