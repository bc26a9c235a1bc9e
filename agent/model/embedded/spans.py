"""Edits by exact place: source text, its syntax tree, and the few bytes an edit changes.

The tree counts columns in UTF-8 bytes and lines by line feeds; everything here counts characters
from the start of the text, so that an edit leaves every other byte of the file as it was.
"""

import ast
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

Function = ast.FunctionDef | ast.AsyncFunctionDef
_Node = TypeVar("_Node", bound=ast.AST)
_Answer = TypeVar("_Answer")


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings that the compiler has about other people's code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def parse(text: str) -> ast.Module:
    """The syntax tree of a text; raises SyntaxError or ValueError when there is none."""
    with quiet():
        return ast.parse(text)


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters ``start`` to ``end`` of a text become ``text``."""

    start: int
    end: int
    text: str


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text after edits that do not overlap."""
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def step(before: str, after: str) -> tuple[str, str] | None:
    """One replacement of a passage that occurs exactly once: ``before`` becomes ``after``.

    The passage is made of whole lines without the last line's end, and is widened line by line
    until it is unique. None when the texts are equal or ``before`` is empty.
    """
    if before == after or not before:
        return None
    old, new = before.split("\n"), after.split("\n")
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    up = True
    while True:
        out, put = old[head : len(old) - tail], new[head : len(new) - tail]
        passage = "\n".join(out)
        if passage and put and before.find(passage) == before.rfind(passage):
            return passage, "\n".join(put)
        if (up and head) or not tail:
            head -= 1
        else:
            tail -= 1
        up = not up


def _parts(condition: ast.expr | None) -> list[ast.expr]:
    """What a condition asks: the operands of ``and`` and ``or``."""
    match condition:
        case ast.BoolOp(values=values):
            return [part for value in values for part in _parts(value)]
        case None | ast.Constant():
            return []
    return [condition]


@dataclass(slots=True)
class Source:
    """A file's text and tree; raises SyntaxError or ValueError when it does not parse."""

    path: str
    text: str
    tree: ast.Module = field(init=False)
    newline: str = field(init=False)
    """How the text ends its lines."""
    lines: list[str] = field(init=False)
    starts: list[int] = field(init=False)
    parents: dict[ast.AST, ast.AST] = field(init=False)
    functions: list[Function] = field(init=False)
    attributes: list[ast.Attribute] = field(init=False)
    calls: list[ast.Call] = field(init=False)
    questions: list[ast.expr] = field(init=False)
    """What its conditions ask, each part once, in source order."""
    _answers: dict[tuple[Any, ast.AST], Any] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if "\r" in self.text.replace("\r\n", "") or "\f" in self.text:
            raise ValueError("the compiler counts the lines of this text in another way")
        self.tree = parse(self.text)
        self.newline = "\r\n" if "\r\n" in self.text else "\n"
        self.lines = self.text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        nodes = list(ast.walk(self.tree))
        self.parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
        self.attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
        self.calls = [node for node in nodes if isinstance(node, ast.Call)]
        self.functions = [node for node in nodes if isinstance(node, Function)]
        asked = [part for node in nodes for part in _parts(getattr(node, "test", None))]
        self.questions = list({ast.dump(part): part for part in asked}.values())

    def once(self, question: Callable[[_Node], _Answer], node: _Node) -> _Answer:
        """What a function of a node of this tree, and of nothing else, returns; called once."""
        key = (question, node)
        if key not in self._answers:
            self._answers[key] = question(node)
        answer: _Answer = self._answers[key]
        return answer

    def offset(self, line: int, column: int) -> int:
        """The character at a line (from 1) and a column counted in UTF-8 bytes."""
        text = self.lines[line - 1]
        if not text.isascii():
            column = len(text.encode()[:column].decode())
        return self.starts[line - 1] + column

    def start(self, node: ast.expr | ast.stmt) -> int:
        """Where the node begins."""
        return self.offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> int:
        """Where the node ends."""
        return self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def segment(self, node: ast.expr | ast.stmt) -> str:
        """The node's own text."""
        return self.text[self.start(node) : self.end(node)]

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, innermost first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def first_line(self, statement: ast.stmt) -> int:
        """The line a statement begins on, its decorators included."""
        decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
        return min([statement.lineno, *(decorator.lineno for decorator in decorators)])

    def indent(self, statement: ast.stmt) -> str | None:
        """The white space before a statement, or None when other code is before it on its line."""
        return self.once(self._indent, statement)

    def _indent(self, statement: ast.stmt) -> str | None:
        first = self.first_line(statement)
        line = self.lines[first - 1]
        lead = len(line) - len(line.lstrip(" \t"))
        column = self.offset(statement.lineno, statement.col_offset) - self.starts[first - 1]
        return line[:lead] if first != statement.lineno or column == lead else None

    def whole_lines(self, statement: ast.stmt) -> tuple[int, int] | None:
        """The span of a statement's lines with their line ends, when it shares none of them."""
        return self.once(self._whole_lines, statement)

    def _whole_lines(self, statement: ast.stmt) -> tuple[int, int] | None:
        if self.indent(statement) is None:
            return None
        last: int = statement.end_lineno or statement.lineno
        rest = self.text[self.end(statement) : self.starts[last] - 1].lstrip()
        if rest and not rest.startswith("#"):
            return None
        return self.starts[self.first_line(statement) - 1], min(self.starts[last], len(self.text))
