"""A call too many, a call too few around an expression; arguments too few, too many, or wrong.

Follows "Mutate Method Invocation" of TBar (Liu et al. 2019), the wrapping patterns of Hercules
(Saha et al. 2019), "Same Function More/Less Args" of ManySStuBs4J (Karampatsis and Sutton 2020)
and the parameter adder and remover of PAR (Kim et al. 2013); a missing ``await`` is among the
concurrency bugs of Node.js that Wang et al. (2017) count.
"""

from collections.abc import Iterator

from agent.model.embedded.script.kinds import callee
from agent.model.embedded.script.precedence import fit
from agent.model.embedded.script.site import Site
from agent.model.embedded.script.syntax import FUNCTIONS, Node
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.base import Change, one

_EXTRA = {
    "parseInt": ("10",),
    "slice": ("1", "0", "-1"),
    "splice": ("1",),
    "indexOf": ("1",),
    "split": ("''", "','"),
    "join": ("''", "','", "' '"),
    "sort": ("(a, b) => a - b",),
    "reduce": ("0", "''", "[]", "{}"),
    "toFixed": ("2",),
    "flat": ("Infinity",),
    "Array": ("0",),
    "stringify": ("null, 2",),
    "trunc": (),
}
_AROUND = {
    "number": ("Math.abs(_)", "Math.floor(_)", "Math.ceil(_)", "Math.round(_)", "String(_)"),
    "text": ("_.trim()", "_.toLowerCase()", "Number(_)", "_.length"),
    "list": ("_.slice()", "_.length", "[..._]"),
    "": ("String(_)", "Number(_)", "Boolean(_)", "_.length"),
}
_HELD = ("return_statement", "variable_declarator", "assignment_expression", "arrow_function")


def unwrap(site: Site) -> Iterator[Change]:
    """``f(x)`` becomes ``x``, ``x.f()`` becomes ``x``, ``await x`` becomes ``x``."""
    for node in site.expressions:
        if node.type == "call_expression" and node.get("arguments"):
            given = node.part("arguments").named_children
            for inner in given[:3]:
                if inner.type != "spread_element" and inner.type not in FUNCTIONS:
                    yield one(site.put(node, inner.text), 0.5 if len(given) == 1 else 0.25)
            called = node.part("function")
            if called.type == "member_expression" and called.part("object").type != "super":
                yield one(site.put(node, called.part("object").text), 0.4)
        elif node.type in ("await_expression", "spread_element"):
            yield one(site.put(node, node.named_children[0].text), 0.3)


def wrap(site: Site) -> Iterator[Change]:
    """``x`` becomes ``Math.abs(x)``, ``x.trim()``, ``[...x]``, by its kind and place."""
    for node in site.expressions:
        parent = node.parent
        if parent is None or node.type in ("spread_element", *FUNCTIONS):
            continue
        held = parent.type in _HELD and node.role in ("right", "value", "body", "")
        given = parent.type in ("arguments", "binary_expression")
        if held or given:
            near = 0.5 if held else 0.35
            for form in _AROUND.get(site.kind(node), ()):
                need = 17 if form.startswith("_") else 2
                yield one(site.put(node, form.replace("_", fit(node.text, need))), near)


def bounded(site: Site) -> Iterator[Change]:
    """``e`` becomes ``Math.max(0, e)`` or ``Math.min(n, e)`` where a number is kept or returned."""
    for node in site.expressions:
        parent = node.parent
        if parent is None or parent.type not in _HELD or node.role == "left":
            continue
        if node.type == "number" or site.kind(node) not in ("number", ""):
            continue
        sure = 1.0 if site.kind(node) == "number" else 0.2
        limits = [(known.name, 0.5) for known in site.own() if known.kind == "number"]
        for other, near in [("0", 0.8), ("1", 0.3), *limits[:5]]:
            if other != node.text:
                yield one(site.put(node, f"Math.max({other}, {node.text})"), near * sure)
                yield one(site.put(node, f"Math.min({other}, {node.text})"), 0.7 * near * sure)


def awaited(site: Site) -> Iterator[Change]:
    """``f()`` becomes ``await f()`` in an asynchronous function."""
    if not any(child.type == "async" for child in site.function.children):
        return
    for node in site.expressions:
        parent = node.parent
        waits = parent is not None and parent.type == "await_expression"
        if node.type in ("call_expression", "identifier") and not waits:
            usual = 0.9 if node.type == "call_expression" else 0.3
            if node.role != "function":
                yield one(site.put(node, f"await {node.text}"), usual)


def more_arguments(site: Site) -> Iterator[Change]:
    """A call gets an argument that its function takes and that it leaves out."""
    for node in site.expressions:
        if node.type not in ("call_expression", "new_expression") or not node.get("arguments"):
            continue
        arguments = node.part("arguments")
        if not arguments.text.startswith("("):
            continue
        given = arguments.named_children
        end = arguments.end - 1
        comma = ", " if given else ""
        name = callee(node)
        for text in _EXTRA.get(name, ()):
            yield one(Edit(end, end, comma + text), 0.5)
        taken = site.names.functions.get(name)
        missing = taken is not None and _takes(taken) > len(given)
        for text, score in site.choices(node, wanted="")[: 6 if missing else 3]:
            yield one(Edit(end, end, comma + text), score * (0.8 if missing else 0.25))
        if missing:
            for text in ("true", "false"):
                yield one(Edit(end, end, comma + text), 0.4)


def _takes(function: Node) -> int:
    parameters = function.get("parameters")
    return len(parameters.named_children) if parameters else 1


def fewer_arguments(site: Site) -> Iterator[Change]:
    """A call loses an argument; a list loses an item, an object a pair."""
    for node in site.expressions:
        items: list[Node] = []
        if node.type in ("call_expression", "new_expression") and node.get("arguments"):
            items = node.part("arguments").named_children
        elif node.type in ("array", "object"):
            items = node.named_children
        near = 0.35 if node.type not in ("array", "object") else 0.2
        for place, item in enumerate(items[:6]):
            if place + 1 < len(items):
                yield one(Edit(item.start, items[place + 1].start, ""), near)
            elif place:
                yield one(Edit(items[place - 1].end, item.end, ""), near)
            else:
                yield one(Edit(item.start, item.end, ""), near)


def argument(site: Site) -> Iterator[Change]:
    """An argument becomes what stands at its place in other calls of the same function."""
    calls = [n for n in site.source.tree.walk() if n.type == "call_expression"]
    by_name: dict[str, list[Node]] = {}
    for call in calls:
        by_name.setdefault(callee(call), []).append(call)
    for node in site.expressions:
        if node.type != "call_expression" or not callee(node):
            continue
        for place, given in enumerate(node.part("arguments").named_children):
            texts = dict.fromkeys(
                other.part("arguments").named_children[place].text
                for other in by_name[callee(node)]
                if place < len(other.part("arguments").named_children)
            )
            for text in list(texts)[:8]:
                if text != given.text and "\n" not in text:
                    yield one(Edit(given.start, given.end, text), 0.45)
