"""Answers made for the very inputs of the tests."""

import ast
import re
from collections.abc import Iterator

from agent.evidence.candidate import Candidate, ChangedFile
from agent.evidence.finding import Action, Finding
from agent.evidence.tamper.reading import added_code, found, python_files

Literal = str | bytes | int | float

_TEXTS = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'")
_NUMBERS = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
_SMALL = 10
_SHORT = 3
_CONDITION = re.compile(r"={2,3}|\bif\b|\bcase\b|\bwhen\b|\bswitch\b|\bin\b|\.equals\(|\bmatch\b")


def special_cases(candidate: Candidate) -> Iterator[Finding]:
    """Values of the tests that the patch compares with or answers with."""
    expected = _literals_of_tests(candidate)
    if not expected:
        return
    for file, _ in python_files(candidate):
        known = _literals(file.old_tree) if file.old_tree else set()
        for line, value, use in _uses(file):
            if value in expected and value not in known and _is_telling(value):
                text = f"{use} {value!r}, a value that the tests use"
                yield found("special_cases", file, line, Action.FLAGGED, text)
    for file in candidate.files:
        if file.tree is None:
            yield from _in_text(file, expected)


def _uses(file: ChangedFile) -> Iterator[tuple[int, Literal, str]]:
    """Constants by which the added code decides, or which it gives back."""
    for node in file.added_nodes:
        if isinstance(node, ast.Compare | ast.MatchValue):
            use = "compares with"
        elif isinstance(node, ast.Return):
            use = "answers with"
        elif isinstance(node, ast.Dict):
            use = "looks up"
        else:
            continue
        for value in _literals(node):
            yield getattr(node, "lineno", 0), value, use


def _in_text(file: ChangedFile, expected: set[Literal]) -> Iterator[Finding]:
    known = _written(file.before or "")
    for line, text in added_code(file):
        if not _CONDITION.search(text) and "return" not in text:
            continue
        for value in _written(text):
            if value in expected and value not in known and _is_telling(value):
                said = f"decides by or answers with {value!r}, a value that the tests use"
                yield found("special_cases", file, line, Action.FLAGGED, said)


def _literals_of_tests(candidate: Candidate) -> set[Literal]:
    values: set[Literal] = set()
    for text in candidate.tests:
        try:
            values |= _literals(ast.parse(text))
        except (SyntaxError, ValueError, RecursionError):
            values |= _written(text)
    return values


def _literals(tree: ast.AST) -> set[Literal]:
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str | bytes | int | float)
        and not isinstance(node.value, bool)
    }


def _written(text: str) -> set[Literal]:
    """Literals of a text in whatever language."""
    texts: set[Literal] = {match[1] or match[2] or "" for match in _TEXTS.finditer(text)}
    for number in _NUMBERS.findall(_TEXTS.sub("", text)):
        texts.add(float(number) if "." in number else int(number[:300]))
    return texts


def _is_telling(value: Literal) -> bool:
    """Whether it is not just a value that anything has."""
    if isinstance(value, str | bytes):
        return len(value) >= _SHORT
    return abs(value) > _SMALL or value != int(value)
