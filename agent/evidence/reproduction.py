"""When a test that a model wrote is taken for one that shows the bug.

It has to fail on the base each time, by an assertion or the error of the issue, and to say by
running the code what should be: a test that only says that the present text should be gone, or
reads the source, passes with any change of it.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tools.checks.base import Case, Outcome, Report
from tools.checks.files import files_of
from tools.patch import FilePatch, Hunk

_OWN_MISTAKES = re.compile(
    r"\b(ImportError|ModuleNotFoundError|SyntaxError|IndentationError|TabError|NameError|"
    r"UnboundLocalError|ReferenceError|fixture '\w+' not found|Cannot find module|"
    r"NoMethodError: undefined method `(assert|expect)\w*'|LoadError|NoClassDefFoundError)\b"
)
_CRASH = re.compile(r"^(?:E\s+)?([\w.]*(?:Error|Exception|Failure|Interrupt|Exit))\b", re.MULTILINE)
_READS = frozenset(("getsource", "getsourcelines", "read_text", "read_bytes", "open"))
_SOURCES = (".py", ".pyx", ".js", ".ts", ".go", ".rs", ".rb", ".java", ".c", ".cc", ".cpp", ".php")


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What became of the tests that were written."""

    accepted: tuple[Case, ...]
    refused: tuple[Case, ...]
    """The other new tests that fail."""
    reasons: tuple[str, ...]
    """Why they were not accepted, a sentence each."""


def accept(
    runs: Sequence[Report], known: Collection[str], issue: str, texts: Mapping[str, str]
) -> Acceptance:
    """Choose the tests that show the bug.

    Args:
        runs: Reports of the base with the written tests, at least two.
        known: Names of tests that were there before.
        issue: The issue's text.
        texts: Written test files: path to text.
    """
    accepted, refused, reasons = [], [], []
    for case in runs[0].cases:
        if case.name in known or case.outcome is not Outcome.FAILED:
            continue
        reason = _why_not(case, runs[1:], issue, texts)
        if reason:
            refused.append(case)
            reasons.append(f"{case.name} {reason}")
        else:
            accepted.append(case)
    return Acceptance(tuple(accepted), tuple(refused), tuple(reasons))


def rewritten(files: Sequence[FilePatch]) -> list[str]:
    """Which tests that were there before are not as they were, a sentence for each file.

    Lines may only be added: a test that is changed could say less than before.
    """
    return [
        f"{file.path}: tests that were there are changed or removed; only add to them"
        for file in files
        if any(_lost(hunk) for hunk in file.hunks) or b"\ndeleted file" in file.header
    ]


def _lost(hunk: Hunk) -> list[bytes]:
    """Lines that a hunk takes away, imports left out."""
    added = {line.strip() for line in hunk.added.values()}
    removed = (line.strip() for line in hunk.removed.values())
    imports = (b"import ", b"from ", b"use ", b"const ", b"require")
    return [line for line in removed if line and line not in added and not line.startswith(imports)]


def _why_not(case: Case, again: Sequence[Report], issue: str, texts: Mapping[str, str]) -> str:
    if any(report.outcome(case.name) is not Outcome.FAILED for report in again):
        return "does not fail each time it is run"
    mistake = _OWN_MISTAKES.search(_crash(case.message))
    if mistake and mistake[0] not in issue:
        return f"fails by a mistake of its own: {mistake[0]}"
    function = _function(case.name, texts)
    return _why_empty(function) if function else ""


def _crash(message: str) -> str:
    """The line of a message that names the error; all of it where there is none."""
    lines = [line for line in message.splitlines() if _CRASH.match(line.strip())]
    return lines[-1] if lines else message


def _function(name: str, texts: Mapping[str, str]) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The code of a test, where it is Python's."""
    wanted = re.split(r"::|\.", name.partition("[")[0])[-1]
    for path in files_of([name], list(texts)):
        try:
            tree = ast.parse(texts[path])
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == wanted:
                return node
    return None


def _why_empty(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Why a test says nothing of what the code should do; empty when it does."""
    if any(_reads_source(node) for node in ast.walk(function)):
        return "reads the source's text; run the code and assert what it should do"
    claims = list(_claims(function))
    if claims and all(isinstance(claim, ast.Constant) for claim in claims):
        return "fails whatever the code does"
    if claims and all(_denies_text(claim) for claim in claims):
        return "only says that a text should not be there; assert what should be there instead"
    return ""


def _reads_source(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name not in _READS:
        return False
    texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    source = [t for t in texts if isinstance(t, str) and PurePosixPath(t).suffix in _SOURCES]
    return name.startswith("getsource") or bool(source)


def _claims(function: ast.AST) -> Iterator[ast.AST]:
    """What a test asserts: conditions of ``assert``, and calls of assertion methods."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            yield node.test
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr.startswith("assert") or node.func.attr in ("raises", "warns"):
                yield node
            elif node.func.attr == "fail":
                yield ast.Constant(value=False)


def _denies_text(claim: ast.AST) -> bool:
    """``"text" not in output``, ``output != "text"`` and their methods."""
    texts = [part.value for part in ast.walk(claim) if isinstance(part, ast.Constant)]
    if not any(isinstance(text, str) for text in texts):
        return False
    if isinstance(claim, ast.UnaryOp) and isinstance(claim.op, ast.Not):
        return True
    if isinstance(claim, ast.Compare):
        return all(isinstance(op, ast.NotIn | ast.NotEq) for op in claim.ops)
    return (
        isinstance(claim, ast.Call)
        and isinstance(claim.func, ast.Attribute)
        and claim.func.attr in ("assertNotIn", "assertNotEqual", "assertNotRegex")
    )
