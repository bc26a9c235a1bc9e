"""From the captures of a query to definitions: merged by name, nested, named, described.

What a query may capture: a kind of :data:`tools.code.outline.KINDS` (the node of the definition),
``name``, ``body``, ``scope`` (what the name belongs to: a receiver, an object), ``doc`` (a
docstring), ``span`` (a wider node whose head is no part of the signature: decorators) and ``whole``
(a wider node whose head is: ``export``, ``template <…>``). Several patterns may tell about one
definition; they meet at the place of its name.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import le

from tree_sitter import Node

from tools.code import naming
from tools.code.languages import Language
from tools.code.outline import CALLABLE, ENCLOSING, Definition
from tools.code.salvage import Found

_READ = 4_000
"""Bytes of a signature or a comment that are looked at."""
_INDENT = 400
"""Bytes beside a node that are looked at to see whether it has its lines for itself."""
_LEADING_ROWS = 100
"""Rows of comments above a definition that are taken as its own."""
_MOST = 20_000
"""Definitions of one file; what comes after is left out, and said."""
_MOST_CLIPPED = 2_000
_STRENGTH = {"": -1, "variable": 0, "constant": 1, "type": 2, "class": 3}
"""Of two kinds for one name the stronger counts; a kind that is not here is the strongest."""
_HOLDING_METHODS = ENCLOSING - {"module"}
_FIRST_LINE_ONLY = frozenset({"variable", "constant", "macro"})
_VALUES = _FIRST_LINE_ONLY | {"type"}


@dataclass(slots=True)
class Draft:
    """A definition in the making. Places are bytes, rows count from 0."""

    name: str
    scope: str
    head: int
    start: int = -1
    end: int = -1
    first_row: int = 0
    last_row: int = 0
    kind: str = ""
    body: int = -1
    doc: str = ""


class Drafts:
    """What the matches of one file's query say, put together as they come."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._found: dict[int, Draft] = {}
        self._leading: dict[int, tuple[int, bool]] = {}
        self.full = False
        """Whether there were more definitions than are kept."""

    def add(self, captures: Mapping[str, list[Node]]) -> None:
        """Take in a match that names something."""
        name = captures["name"][0]
        start = name.start_byte
        draft = self._found.get(start)
        if draft is None:
            if len(self._found) == _MOST:
                self.full = True
                return
            scope, text = naming.name(self._read(start, name.end_byte))
            draft = self._found[start] = Draft(text, scope, start)
        for capture, nodes in captures.items():
            if capture == "name":
                continue
            if capture == "body":
                draft.body = nodes[0].start_byte
            elif capture == "doc":
                draft.doc = naming.docstring(self._read(*nodes[0].byte_range))
            elif capture == "scope":
                draft.scope = naming.scope(self._read(*nodes[0].byte_range))
            elif capture[0] != "_":
                _widen(draft, nodes[0], capture)

    def lead(self, start: int, end: int, *, comment: bool) -> None:
        """Take in a comment or an attribute, which may turn out to stand above a definition."""
        self._leading[end] = start, comment

    def add_functions(self, functions: Iterable[Found]) -> None:
        """Take in functions that were found without the parser, in order."""
        place = row = 0
        for found in functions:
            row += self._data.count(b"\n", place, found.start)
            place = found.start
            last = row + self._data.count(b"\n", found.start, found.end)
            scope, name = naming.name(self._read(*found.name))
            draft = Draft(name, scope, found.start, found.start, found.end, row, last)
            draft.kind, draft.body = "function", found.body
            self._found.setdefault(found.name[0], draft)

    def functions(self, clip: Callable[[int, int], int]) -> list[tuple[int, int]]:
        """First byte and end of each function that was taken in, after ``clip`` made it shorter."""
        functions = [draft for draft in self._found.values() if draft.kind in CALLABLE]
        for draft in functions[:_MOST_CLIPPED]:
            end = clip(draft.start, draft.end)
            if end < draft.end:
                draft.last_row -= self._data.count(b"\n", end, draft.end)
                draft.end = end
        return [(draft.start, draft.end) for draft in functions]

    def definitions(self, language: Language) -> tuple[Definition, ...]:
        """All that was taken in, in order, nested and described."""
        order = sorted(
            (draft.start, -draft.end, place)
            for place, draft in self._found.items()
            if draft.kind and draft.name  # a name that the parser only supposes is empty
        )
        drafts = _once([self._found[place] for _, _, place in order])
        done: list[Definition] = []
        around: list[tuple[Draft, int]] = []
        for draft in drafts:
            while around and not _encloses(around[-1][0], draft):
                around.pop()
            parent = around[-1][1] if around else -1
            outer = done[parent] if around else None
            if kind := _kind(draft, outer, language):
                around.append((draft, len(done)))
                done.append(self._define(draft, kind, _qualified(draft, outer), parent))
        return _ordered(done)

    def _define(self, draft: Draft, kind: str, qualified: str, parent: int) -> Definition:
        first, comment = self._with_leading(draft)
        end = draft.last_row + 1
        docstring = draft.doc or (naming.comment(comment) if comment else "")
        return Definition(
            kind, draft.name, qualified, first + 1, end, self._body(draft, first + 2, end + 1),
            self._signature(draft), docstring, parent,
        )  # fmt: skip

    def _body(self, draft: Draft, least: int, most: int) -> int:
        if draft.body < 0:
            # What is given a value shows its first line; a signature without a body is whole.
            return min(draft.first_row + 2, most) if draft.kind in _VALUES else most
        row = draft.first_row + self._data.count(b"\n", draft.start, draft.body)
        shared = not self._begins_its_line(draft.body)
        return min(max(row + 1 + shared, least), most)

    def _with_leading(self, draft: Draft) -> tuple[int, str]:
        """The first row with the comments and attributes directly above, and the comments' text."""
        place, row, comments = draft.start, draft.first_row, []
        while (end := self._end_above(place)) in self._leading:
            start, comment = self._leading[end]
            above = row - self._data.count(b"\n", start, place)
            if not self._begins_its_line(start) or above < draft.first_row - _LEADING_ROWS:
                break
            place, row = start, above
            comments += [self._read(start, end)] * comment
        return row, "\n".join(reversed(comments))

    def _end_above(self, place: int) -> int:
        """Where the line above ends; -1 when it is blank or something stands before ``place``."""
        before = self._data[max(0, place - _INDENT) : place].rstrip(b" \t")
        if not before.endswith(b"\n"):
            return -1
        line = self._data.rfind(b"\n", 0, place) + 1
        if line in self._leading:  # Rust's documentation comments hold their line's end
            return line
        filled = before[:-1].rstrip(b" \t\r")
        return line - len(before) + len(filled) if filled and filled[-1] != 10 else -1

    def _begins_its_line(self, place: int) -> bool:
        before = self._data[max(0, place - _INDENT) : place]
        return not before.rpartition(b"\n")[2].strip() and (place <= _INDENT or b"\n" in before)

    def _signature(self, draft: Draft) -> str:
        end = draft.body if draft.body > draft.head else draft.end
        text = self._read(draft.head, end)
        if draft.kind in _FIRST_LINE_ONLY and draft.body < 0:
            text = text.partition("\n")[0]
        return naming.signature(text)

    def _read(self, start: int, end: int) -> str:
        return self._data[start : min(end, start + _READ)].decode("utf-8", "replace")


def _widen(draft: Draft, node: Node, capture: str) -> None:
    start, end = node.byte_range
    if draft.start < 0:
        draft.start, draft.end = start, end
        draft.first_row, draft.last_row = _rows(node)
    elif start < draft.start or end > draft.end:
        first, last = _rows(node)
        draft.start, draft.first_row = min((draft.start, draft.first_row), (start, first))
        draft.end, draft.last_row = max((draft.end, draft.last_row), (end, last))
    if capture == "span":
        return
    draft.head = min(draft.head, start)
    if capture != "whole" and _strength(capture) >= _strength(draft.kind):
        draft.kind = capture


def _rows(node: Node) -> tuple[int, int]:
    first, (last, column) = node.start_point[0], node.end_point
    return first, last - 1 if column == 0 and last > first else last


def _strength(kind: str) -> int:
    return _STRENGTH.get(kind, len(_STRENGTH))


def _kind(draft: Draft, outer: Definition | None, language: Language) -> str:
    """What it is where it stands; empty when nothing of its kind can stand there."""
    kind = draft.kind
    if kind == "function" and outer and outer.kind in CALLABLE and not language.functions_nest:
        return ""
    if kind == "variable" and draft.name.isupper():
        return "constant"
    if kind == "function" and (draft.scope or (outer and outer.kind in _HOLDING_METHODS)):
        kind = "method"
    if kind == "method" and draft.name in language.constructors:
        kind = "constructor"
    return kind


def _qualified(draft: Draft, outer: Definition | None) -> str:
    # A named struct inside a typedef is reached without the typedef's name.
    before = outer.qualified if outer and outer.kind != "type" else ""
    if not before and not draft.scope:
        return draft.name
    return naming.qualified(before, draft.scope, draft.name)


def _once(drafts: Sequence[Draft]) -> list[Draft]:
    """Without those whose body another has too: of ``TEST(name) {…}`` the later name counts."""
    return [
        draft
        for draft, after in zip(drafts, (*drafts, None)[1:], strict=True)
        if draft.body < 0
        or after is None
        or (draft.start, draft.end, draft.body) != (after.start, after.end, after.body)
    ]


def _encloses(outer: Draft, inner: Draft) -> bool:
    same = outer.start == inner.start and outer.end == inner.end
    return outer.start <= inner.start and inner.end <= outer.end and not same


def _ordered(found: Sequence[Definition]) -> tuple[Definition, ...]:
    """By (start, -end), parents still first: only definitions that share a line change places."""
    keys = [(one.start, -one.end) for one in found]
    if all(map(le, keys, keys[1:])):
        return tuple(found)
    order = sorted(range(len(found)), key=keys.__getitem__)
    places = {old: new for new, old in enumerate(order)}
    places[-1] = -1
    return tuple(replace(found[old], parent=places[found[old].parent]) for old in order)
