"""An edit that an earlier commit made, made once more at another place of a script.

As for Python (:mod:`agent.model.embedded.templates.remembered`, with the papers): an expression
that became another is one again wherever its form comes back, and an added statement is added.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.model.embedded.past import LIKE, LINE, MOST, SAME, SAME_USE
from agent.model.embedded.script.names import use_of
from agent.model.embedded.script.precedence import demanded, fit
from agent.model.embedded.script.site import Site
from agent.model.embedded.script.syntax import EXPRESSIONS, Node, tree
from agent.model.embedded.script.templates.statements import beside
from agent.model.embedded.spans import Edit, apply
from agent.model.embedded.templates.base import Change, one
from tools.code.past_edits import PastEdit

_GLOBALS = frozenset(
    (
        *("Array", "BigInt", "Boolean", "Date", "Error", "Infinity", "JSON", "Map", "Math", "NaN"),
        *("Number", "Object", "Promise", "RangeError", "Reflect", "RegExp", "Set", "String"),
        *("Symbol", "TypeError", "WeakMap", "WeakSet", "arguments", "console", "isFinite", "isNaN"),
        *("parseFloat", "parseInt", "process", "undefined"),
    )
)
"""What every function can see, in Node.js and in browsers."""
_LITERALS = frozenset(
    ("number", "string", "template_string", "regex", "true", "false", "null", "undefined")
)
_ADDED = frozenset(("if_statement", "expression_statement", "throw_statement"))
_WRITTEN = frozenset(("assignment_expression", "augmented_assignment_expression"))


@dataclass(frozen=True, slots=True)
class _Rule:
    """An expression that became another; names of both stand for any expression."""

    before: Node
    after: Node
    use: str
    """The part that it played in its statement."""
    free: frozenset[str]
    needed: frozenset[str]
    """The names that have to be known where it is applied."""


class Remembered:
    """The earlier edits that can be made elsewhere."""

    def __init__(self, edits: Sequence[PastEdit]) -> None:
        self._rules: dict[tuple[str, str, str], _Rule] = {}
        self._lines: dict[tuple[str, ...], frozenset[str]] = {}
        for edit in edits[:MOST]:
            if not edit.before:
                self._add_lines(edit)
            elif len(edit.before) == len(edit.after) == 1:
                self._add_rule(edit)

    def _add_lines(self, edit: PastEdit) -> None:
        """Keep added lines of a function that are one statement."""
        first = edit.after[0]
        margin = len(first) - len(first.lstrip())
        if first.strip() and all(line[:margin].isspace() for line in edit.after):
            kept = tuple(line[margin:].rstrip() for line in edit.after)
            root = _tree(edit.path, "\n".join(kept))
            match root.named_children if root else []:
                case [Node(type="expression_statement", named_children=[Node(type="string")])]:
                    return
                case [statement] if statement.type in _ADDED:
                    self._lines.setdefault(kept, frozenset(_names(statement)))

    def _add_rule(self, edit: PastEdit) -> None:
        old, new = _whole(edit.path, edit.before[0]), _whole(edit.path, edit.after[0])
        pair = _difference(old, new) if old is not None and new is not None else None
        if pair is None or pair[1].type in _LITERALS:
            return
        before, after = pair
        free = frozenset(_names(before) & _names(after)) - _GLOBALS
        needed = frozenset(_names(after)) - free
        rule = _Rule(before, after, use_of(before), free, needed)
        self._rules.setdefault((before.text, rule.use, after.text), rule)

    def once_more(self, site: Site) -> Iterator[Change]:
        """An earlier edit is made at this statement too."""
        known = _GLOBALS | {name.name for name in site.visible()}
        for rule in self._rules.values():
            if rule.needed <= known:
                yield from _by_rule(site, rule)
        own = {name.name for name in site.own()}
        if site.unit in site.block():
            for lines, names in self._lines.items():
                if names <= known and names & own:
                    yield from _lines_beside(site, lines)


def _lines_beside(site: Site, lines: Sequence[str]) -> Iterator[Change]:
    indent = site.source.indent(site.unit) or ""
    text = f"{site.source.newline}{indent}".join(lines)
    for late in (False, True):
        for edit in beside(site, site.unit, text, late):
            yield one(edit, LINE)


def _by_rule(site: Site, rule: _Rule) -> Iterator[Change]:
    for node in site.expressions:
        bound: dict[str, Node] = {}
        if _is_written(node) or not _matches(rule.before, node, rule.free, bound):
            continue
        if _stands_there(node, rule):
            continue
        edit = site.put(node, _filled(rule, bound))
        if edit.text != node.text:
            near = SAME if node.text == rule.before.text else LIKE
            near += SAME_USE if use_of(node) == rule.use else 0.0
            yield one(edit, min(1.0, near))


def _is_written(node: Node) -> bool:
    """Whether an expression is given a value, so that a call could not stand there."""
    parent = node.parent
    return parent is not None and (
        (parent.type in _WRITTEN and node.role == "left") or parent.type == "update_expression"
    )


def _stands_there(node: Node, rule: _Rule) -> bool:
    """Whether what the edit would write is at the place or around it already."""
    around = [outer for outer, _ in zip(node.ancestors(), range(2), strict=False)]
    return any(_matches(rule.after, there, rule.free, {}) for there in (node, *around))


def _filled(rule: _Rule, bound: dict[str, Node]) -> str:
    """The new expression as it was written, with what its names stand for in their places."""
    first = rule.after.start
    edits = [
        Edit(name.start - first, name.end - first, fit(bound[name.text].text, demanded(name)))
        for name in rule.after.walk()
        if name.type == "identifier" and name.text in bound
    ]
    return apply(rule.after.text, edits)


def _matches(pattern: Node, node: Node, free: frozenset[str], bound: dict[str, Node]) -> bool:
    """Whether a tree has the form of another; fills in what its free names stand for."""
    if pattern.type == "identifier" and pattern.text in free and node.type in EXPRESSIONS:
        return bound.setdefault(pattern.text, node).text == node.text
    if pattern.type != node.type or len(pattern.children) != len(node.children):
        return False
    if not pattern.children:
        return pattern.text == node.text
    pairs = zip(pattern.children, node.children, strict=True)
    return all(a.role == b.role and _matches(a, b, free, bound) for a, b in pairs)


def _difference(one_node: Node, other: Node) -> tuple[Node, Node] | None:
    """The smallest expressions that make the difference of two trees; None for a larger one."""
    if one_node.type == other.type and len(one_node.children) == len(other.children):
        pairs = zip(one_node.children, other.children, strict=True)
        differing = [pair for pair in pairs if pair[0].text != pair[1].text]
        if len(differing) == 1 and (found := _difference(*differing[0])):
            return found
    if one_node.type in EXPRESSIONS and other.type in EXPRESSIONS:
        return one_node, other
    return None


def _names(node: Node) -> set[str]:
    return {inner.text for inner in node.walk() if inner.type == "identifier"}


def _whole(path: str, line: str) -> Node | None:
    """A line as a statement that parses: a head with a body, what follows a dot with an object."""
    text = line.strip().removeprefix("} else ")
    for whole in (text, f"{text}}}", f"x{text}", f"({{{text}}})"):
        if (root := _tree(path, whole)) is not None:
            return root
    return None


def _tree(path: str, text: str) -> Node | None:
    try:
        return tree(path, text)
    except ValueError:
        return None
