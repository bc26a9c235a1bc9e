"""An edit that an earlier commit made, made once more at another place.

The same mistake is often made at several places and mended at one of them; what an earlier fix has
brought into a file is a likely ingredient of the next ("history-driven program repair", Le, Lo and
Le Goues 2016; the plastic surgery hypothesis over a repository's commits: M. Martinez, W. Weimer
and M. Monperrus, "Do the Fix Ingredients Already Exist?", ICSE NIER 2014).
"""

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.model.embedded.known import use_of
from agent.model.embedded.past import LIKE, LINE, MOST, SAME, SAME_USE
from agent.model.embedded.precedence import demanded
from agent.model.embedded.site import Site
from agent.model.embedded.spans import Edit, Source, apply
from agent.model.embedded.templates.base import Change, line_beside, one
from tools.code.past_edits import PastEdit

_BUILTINS = frozenset(vars(builtins))


@dataclass(frozen=True, slots=True)
class _Rule:
    """An expression that became another; names of both stand for any expression."""

    before: ast.expr
    after: ast.expr
    written: Source
    """Where the new one stands."""
    text: str
    use: str
    """The part that it played in its statement."""
    free: frozenset[str]
    needed: frozenset[str]
    """The names that have to be known where it is applied."""


class Remembered:
    """The earlier edits that can be made elsewhere."""

    def __init__(self, edits: Sequence[PastEdit]) -> None:
        self._rules: dict[str, _Rule] = {}
        self._lines: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {}
        for edit in edits[:MOST]:
            if not edit.before:
                self._add_lines(edit.after)
            elif len(edit.before) == len(edit.after) == 1:
                self._add_rule(edit)

    def _add_lines(self, lines: tuple[str, ...]) -> None:
        """Keep added lines of a function that are one statement."""
        margin = len(lines[0]) - len(lines[0].lstrip())
        if all(line[:margin].isspace() for line in lines) and lines[0].strip():
            kept = tuple(line[margin:].rstrip() for line in lines)
            tree = _tree("\n".join(kept))
            wanted = (ast.If, ast.Expr, ast.Assign, ast.AugAssign, ast.Assert)
            match tree.body if tree else []:
                case [ast.Expr(value=ast.Constant())]:
                    return
                case [statement] if isinstance(statement, wanted):
                    found = (kept, frozenset(_names(statement)))
                    self._lines.setdefault(ast.dump(statement), found)

    def _add_rule(self, edit: PastEdit) -> None:
        old, new = _whole(edit.before[0]), _whole(edit.after[0])
        if old is None or new is None:
            return
        source, written = Source("past.py", old), Source("past.py", new)
        pair = _difference(source.tree, written.tree)
        if pair is None or isinstance(pair[1], ast.Constant):
            return
        before, after = pair
        free = frozenset(_names(before) & _names(after)) - _BUILTINS
        rule = _Rule(
            before,
            after,
            written,
            ast.unparse(before),
            use_of(source, before),
            free,
            frozenset(_names(after)) - free,
        )
        self._rules.setdefault(f"{rule.text} {rule.use} {ast.unparse(after)}", rule)

    def once_more(self, site: Site) -> Iterator[Change]:
        """An earlier edit is made at this statement too."""
        known = _BUILTINS | set(site.scope.all_known()) | {"self"}
        for rule in self._rules.values():
            if rule.needed <= known:
                yield from _by_rule(site, rule)
        local = {one.name for one in site.visible()}
        hidden = set(site.scope.known) - local - _callable(site)
        for lines, names in self._lines.values():
            if names <= known and names & local and not names & hidden:
                yield from _lines_beside(site, lines)


def _callable(site: Site) -> set[str]:
    return {name for name, known in site.scope.all_known().items() if known.callable}


def _lines_beside(site: Site, lines: tuple[str, ...]) -> Iterator[Change]:
    indent = site.source.indent(site.statement) or ""
    text = f"{site.source.newline}{indent}".join(lines)
    for after in (False, True):
        for edit in line_beside(site, site.statement, text, after):
            yield one(edit, LINE)


def _by_rule(site: Site, rule: _Rule) -> Iterator[Change]:
    for node in site.expressions:
        if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            continue
        bound: dict[str, ast.expr] = {}
        if not _matches(rule.before, node, rule.free, bound) or _stands_there(site, node, rule):
            continue
        edit = site.put(node, _filled(rule, bound, site))
        if edit.text != site.source.segment(node):
            same = ast.unparse(node) == rule.text
            near = SAME if same else LIKE
            near += SAME_USE if use_of(site.source, node) == rule.use else 0.0
            yield one(edit, min(1.0, near))


def _stands_there(site: Site, node: ast.expr, rule: _Rule) -> bool:
    """Whether what the edit would write is at the place or around it already."""
    return any(_matches(rule.after, there, rule.free, {}) for there in (node, site.parent(node)))


def _filled(rule: _Rule, bound: dict[str, ast.expr], site: Site) -> str:
    """The new expression as it was written, with what its names stand for in their places."""
    written, first = rule.written, rule.written.start(rule.after)
    edits = [
        Edit(
            written.start(name) - first,
            written.end(name) - first,
            site.text(bound[name.id], demanded(written.parents[name], name)),
        )
        for name in ast.walk(rule.after)
        if isinstance(name, ast.Name) and name.id in bound
    ]
    return apply(written.segment(rule.after), edits)


def _matches(
    pattern: object, node: object, free: frozenset[str], bound: dict[str, ast.expr]
) -> bool:
    """Whether a tree has the form of another; fills in what its free names stand for."""
    if isinstance(pattern, ast.Name) and pattern.id in free and isinstance(node, ast.expr):
        before = bound.setdefault(pattern.id, node)
        return before is node or ast.dump(before) == ast.dump(node)
    if isinstance(pattern, list) and isinstance(node, list):
        return len(pattern) == len(node) and all(
            _matches(one, other, free, bound) for one, other in zip(pattern, node, strict=True)
        )
    if not isinstance(pattern, ast.AST):
        return type(pattern) is type(node) and pattern == node
    return type(pattern) is type(node) and all(
        _matches(getattr(pattern, name, None), getattr(node, name, None), free, bound)
        for name in pattern._fields
        if name != "kind"
    )


def _difference(one_node: ast.AST, other: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """The smallest expressions that make the difference of two trees; None for a larger one."""
    if type(one_node) is type(other):
        pairs = _children(one_node, other)
        if pairs is not None:
            differing = [pair for pair in pairs if ast.dump(pair[0]) != ast.dump(pair[1])]
            if len(differing) == 1 and (found := _difference(*differing[0])):
                return found
    if isinstance(one_node, ast.expr) and isinstance(other, ast.expr):
        return one_node, other
    return None


def _children(one_node: ast.AST, other: ast.AST) -> list[tuple[ast.AST, ast.AST]] | None:
    """The nodes below two nodes by pairs; None where they differ in themselves."""
    if [name for name, _ in ast.iter_fields(one_node)] != [n for n, _ in ast.iter_fields(other)]:
        return None
    pairs: list[tuple[ast.AST, ast.AST]] = []
    for (_, mine), (_, theirs) in zip(
        ast.iter_fields(one_node), ast.iter_fields(other), strict=True
    ):
        left = mine if isinstance(mine, list) else [mine]
        right = theirs if isinstance(theirs, list) else [theirs]
        if len(left) != len(right):
            return None
        for a, b in zip(left, right, strict=True):
            if isinstance(a, ast.AST) and isinstance(b, ast.AST):
                pairs.append((a, b))
            elif a != b:
                return None
    return pairs


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _whole(line: str) -> str | None:
    """A line as a statement that parses, with a body where it is the head of a block."""
    text = line.strip()
    text = f"{text.removeprefix('el') if text.startswith('elif ') else text}"
    for tail in ("", " pass"):
        if _tree(text + tail) is not None:
            return text + tail
    return None


def _tree(text: str) -> ast.Module | None:
    try:
        return Source("past.py", text).tree
    except (SyntaxError, ValueError, RecursionError):
        return None
