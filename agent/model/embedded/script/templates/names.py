"""The wrong name: a variable, a property, a function, a method.

Follows "Change Identifier Used", "Wrong Function Name" and "Wrong Property" of ManySStuBs4J
(Karampatsis and Sutton 2020), the wrong-name bugs of DeepBugs for JavaScript (Pradel and Sen
2018), and the method replacer of PAR (Kim et al. 2013).
"""

from collections.abc import Iterator

from agent.model.embedded.kinds import UNKNOWN, compatible
from agent.model.embedded.script.kinds import METHODS, callee
from agent.model.embedded.script.site import Site
from agent.model.embedded.script.syntax import FUNCTIONS, Node
from agent.model.embedded.site import likeness
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.base import Change, one

_FAMILIES = tuple(
    group.split()
    for group in (
        "every some",
        "min max",
        "push unshift concat",
        "pop shift",
        "slice splice substring substr",
        "trim trimStart trimEnd",
        "indexOf lastIndexOf search findIndex",
        "find filter some findIndex",
        "map forEach flatMap filter",
        "startsWith endsWith includes",
        "has get delete",
        "add delete",
        "set get",
        "keys values entries",
        "toUpperCase toLowerCase",
        "floor ceil round trunc",
        "parseInt parseFloat Number",
        "isNaN isFinite isInteger isSafeInteger",
        "replace replaceAll",
        "padStart padEnd",
        "reduce reduceRight",
        "exec test match",
        "charAt charCodeAt codePointAt at",
        "sin cos tan",
        "getFullYear getUTCFullYear getYear",
        "getMonth getUTCMonth",
        "getDate getUTCDate getDay",
        "encodeURIComponent encodeURI",
        "decodeURIComponent decodeURI",
        "assign create freeze",
        "call apply bind",
        "all race allSettled any",
    )
)
_MOST_CHOICES, _MOST_PROPERTIES = 14, 12


def variable(site: Site) -> Iterator[Change]:
    """A name becomes another visible one."""
    for node in site.expressions:
        if node.type == "identifier" and not _is_called(node) and node.text != "undefined":
            for name, score in site.choices(node)[:_MOST_CHOICES]:
                yield one(site.put(node, name), score * (0.5 if _is_target(node) else 1.0))


def _is_called(node: Node) -> bool:
    return node.role in ("function", "constructor")


def _is_target(node: Node) -> bool:
    parent = node.parent
    return (
        parent is not None and parent.type.endswith("assignment_expression") and node.role == "left"
    )


def value_by_variable(site: Site) -> Iterator[Change]:
    """A literal or an expression becomes a visible name."""
    for node in site.expressions:
        literal = node.type in ("number", "string", "true", "false", "null", "array", "object")
        member = node.type in ("member_expression", "subscript_expression", "call_expression")
        if (literal or member) and not _is_called(node) and not _is_target(node):
            near = 0.7 if literal else 0.35
            for name, score in site.choices(node)[:6]:
                yield one(site.put(node, name), near * score)


def variable_by_value(site: Site) -> Iterator[Change]:
    """A name becomes a usual literal of its kind."""
    usual = {
        "number": ("0", "1"),
        "text": ("''",),
        "bool": ("true", "false"),
        "list": ("[]",),
        "object": ("{}",),
    }
    for node in site.expressions:
        if node.type in ("identifier", "member_expression") and not _is_target(node):
            if _is_called(node) or node.role == "object":
                continue
            for literal in usual.get(site.kind(node), ("null", "undefined")):
                yield one(site.put(node, literal), 0.4)


def member(site: Site) -> Iterator[Change]:
    """``a.b`` becomes ``a.c``, of the properties that such objects have in this file."""
    for node in site.expressions:
        if node.type != "member_expression" or _is_called(node):
            continue
        name, owner = node.part("property"), node.part("object").text
        own = site.names.members.get(owner, set())
        kind = site.property_kind(name.text)
        found = []
        for other, count in site.names.properties.items():
            if other != name.text and other not in METHODS:
                near = 0.8 if other in own else 0.35 if count > 1 else 0.2
                near *= compatible(kind, site.property_kind(other))
                found.append((other, near * (0.7 + 0.5 * likeness(name.text, other))))
        found.sort(key=lambda pair: (-pair[1], pair[0]))
        for other, near in found[:_MOST_PROPERTIES]:
            yield one(Edit(name.start, name.end, other), near)
        if node.parent is not None and node.parent.type != "assignment_expression":
            yield one(site.put(node, owner), 0.3)


def function(site: Site) -> Iterator[Change]:
    """Another function or method is called: of the same family, or another one of this file."""
    for node in site.expressions:
        if node.type != "call_expression":
            continue
        called = node.part("function")
        name = called.get("property") if called.type == "member_expression" else called
        if name is None or name.type not in ("identifier", "property_identifier"):
            continue
        for other, near in _others(site, node, name.text, called):
            yield one(Edit(name.start, name.end, other), near)


def _others(site: Site, call: Node, name: str, called: Node) -> Iterator[tuple[str, float]]:
    found: dict[str, float] = {}
    for family in _FAMILIES:
        if name in family:
            for other in family:
                owner = called.get("object")
                kind = site.kind(owner) if owner else UNKNOWN
                fits = compatible(kind, METHODS.get(other, UNKNOWN))
                found[other] = max(found.get(other, 0.0), fits * 1.8 / len(family))
    method = called.type == "member_expression"
    count = len(call.part("arguments").named_children)
    for other, definition in site.names.functions.items():
        if (definition.type == "method_definition") == method:
            same = 0.6 if _arity(definition) == count else 0.3
            found.setdefault(other, same + 0.4 * likeness(name, other) - 0.2)
    if method:
        for other in site.names.members.get(called.part("object").text, ()):
            found.setdefault(other, 0.3 + 0.4 * likeness(name, other))
    found.pop(name, None)
    yield from found.items()


def _arity(definition: Node) -> int:
    parameters = definition.get("parameters")
    return len(parameters.named_children) if parameters else 1


def swap_arguments(site: Site) -> Iterator[Change]:
    """``f(a, b)`` becomes ``f(b, a)``, in lists and callbacks' parameters likewise."""
    for node in site.expressions:
        items: list[Node] = []
        near = 0.5
        if node.type in ("call_expression", "new_expression") and node.get("arguments"):
            items, near = node.part("arguments").named_children, 0.9
            near = 0.1 if callee(node) in ("max", "min") else near
        elif node.type == "array":
            items = node.named_children
        elif node.type in FUNCTIONS and node.get("parameters"):
            items, near = node.part("parameters").named_children, 0.5
        for place, left in enumerate(items[:4]):
            for right in items[place + 1 : 4]:
                if left.text != right.text:
                    fits = compatible(site.kind(left), site.kind(right))
                    edits = (
                        Edit(left.start, left.end, right.text),
                        Edit(right.start, right.end, left.text),
                    )
                    yield edits, near * fits
