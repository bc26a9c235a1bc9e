"""Which statements to change first, from coverage, tracebacks and the words of the task.

The base is the score of a statement's lines (tools/checks/suspicious.py). Where all lines score
alike, as with a single failing test, tracebacks and the kind of statement decide. Places that a
traceback names count even where coverage lists them not: it lists the first ones only, and code
that sets a trace function of its own hides what it runs.
"""

import ast
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from agent.model.embedded.at_import import lines_at_import
from agent.model.embedded.known import Holder, lines_of
from agent.model.embedded.observe import Broken, Suspect, differences, frames, missing
from agent.model.embedded.scopes import scopes_of
from agent.model.embedded.site import Site
from agent.model.embedded.spans import Function, Source
from tools.checks.suite_files import is_test_path

_CRASHED, _PASSED = 0.9, 0.5
"""The score of a statement that only tracebacks tell of: where they end, and on their way."""
_FAR = 0.7
"""What statements keep of functions that no traceback passed, where others were passed: most
crashes are mended in a function on the trace (Schroeter et al. 2010, "Do stack traces help
developers fix bugs?")."""
_ALONE = 0.8
"""The score of one on their way, where there is no coverage at all."""
_UNSEEN = 0.5
"""The score of a statement where neither coverage nor a traceback tells of any, as with tests that
start programs; those run at import, which tests of values alone depend on, count whole."""
_TEST_FOLDER = re.compile(r"(^|_)tests?(cases|ing)?($|_)", re.IGNORECASE)
_KINDS: dict[type[ast.stmt], float] = {
    ast.Import: 0.05,
    ast.ImportFrom: 0.05,
    ast.FunctionDef: 0.25,
    ast.AsyncFunctionDef: 0.25,
    ast.ClassDef: 0.1,
    ast.Pass: 0.3,
    ast.Raise: 0.4,
    ast.Try: 0.4,
    ast.With: 0.7,
}


def is_test_file(path: str) -> bool:
    """Whether a file belongs to the tests, or only helps them; neither is repaired."""
    folders = PurePosixPath(path).parts[:-1]
    return is_test_path(path) or any(_TEST_FOLDER.search(folder) for folder in folders)


def files_of(suspects: Iterable[Suspect], broken: Sequence[Broken]) -> list[str]:
    """The Python files to look at, most suspicious first."""
    scores: dict[str, float] = {}
    for suspect in suspects:
        scores[suspect.path] = max(scores.get(suspect.path, 0.0), suspect.score)
    named = {path: _PASSED for test in broken for path, _ in frames(test.message)}
    scores = named | scores
    ordered = sorted(scores, key=lambda path: (-scores[path], path))
    return [path for path in ordered if is_repairable(path)]


def is_repairable(path: str) -> bool:
    """Whether a path is that of a Python file of this repository which is no test."""
    outside = path.startswith(("/", "..")) or "site-packages" in path
    return path.endswith(".py") and not outside and not is_test_file(path)


def _usual(statement: ast.stmt) -> float:
    """How often statements of this kind are wrong, beside the others."""
    match statement:
        case ast.Expr(value=ast.Constant()):
            return 0.0
        case ast.Assign(value=ast.Constant() | ast.List(elts=[]) | ast.Dict(keys=[])):
            return 0.55
        case ast.Assign(value=ast.Call(args=[])):
            return 0.7
        case ast.Assign(value=ast.Name()):
            return 0.8
    return _KINDS.get(type(statement), 1.0)


def sites(
    sources: Sequence[Source],
    suspects: Sequence[Suspect],
    broken: Sequence[Broken],
    words: frozenset[str],
) -> list[Site]:
    """The statements that failing tests ran, most suspicious first; all where none is known."""
    top = max((suspect.score for suspect in suspects), default=1.0) or 1.0
    scores = {(s.path, s.line): s.score / top for s in suspects}
    paths = [source.path for source in sources]
    deepest, passed = places_of(paths, [frames(test.message) for test in broken])
    unequal = tuple(pair for test in broken for pair in differences(test.message))
    lacking = tuple(dict.fromkeys(name for test in broken for name in missing(test.message)))
    endless = any(test.endless for test in broken)
    blind = not suspects and not passed
    found = []
    for source in sources:
        early = lines_at_import(source) if blind else frozenset()
        for holder, scope in scopes_of(source).items():
            if not isinstance(holder, Holder):
                continue
            crashed = _names(source, scope.holder, deepest)
            named = getattr(holder, "name", "") in words
            near = 1.0 if not passed or _holds(source, holder, passed) else _FAR
            for statement in _statements(scope.holder):
                places = [(source.path, line) for line in lines_of(statement)]
                score = max(scores.get(place, 0.0) for place in places)
                if not score and any(place in passed for place in places):
                    score = _traced(places, deepest) if suspects else _ALONE
                elif blind:
                    score = 1.0 if any(line in early for _, line in places) else _UNSEEN
                if score > 0 and _usual(statement) > 0:
                    traced = 1.0 if any(p in deepest for p in places) else 0.82
                    value = near * score * traced * _usual(statement) * (1.0 if named else 0.95)
                    if endless and isinstance(statement, ast.While):
                        value = min(1.0, 1.2 * value)
                    asked = lacking if traced == 1.0 else ()
                    found.append(Site(source, scope, statement, value, crashed, unequal, asked))
    return sorted(found, key=lambda s: (-s.suspicion, s.source.path, s.statement.lineno))


def _holds(source: Source, holder: Holder, places: set[tuple[str, int]]) -> bool:
    """Whether one of the places is in a function, or for a module in its file."""
    first = getattr(holder, "lineno", 1)
    last = getattr(holder, "end_lineno", len(source.lines)) or first
    return any(path == source.path and first <= line <= last for path, line in places)


def _traced(places: Iterable[tuple[str, int]], deepest: set[tuple[str, int]]) -> float:
    """The score of a statement on the way of a failure that coverage does not list."""
    return _CRASHED if any(place in deepest for place in places) else _PASSED


def _names(source: Source, holder: ast.AST, places: set[tuple[str, int]]) -> frozenset[str]:
    """The names that a function mentions on some lines."""
    lines = {line for path, line in places if path == source.path}
    return frozenset(
        node.id for node in ast.walk(holder) if isinstance(node, ast.Name) and node.lineno in lines
    )


def _statements(holder: ast.AST) -> list[ast.stmt]:
    """A scope's statements, without those of the functions inside it."""
    found: list[ast.stmt] = []
    for child in ast.iter_child_nodes(holder):
        if isinstance(child, ast.stmt):
            found.append(child)
        if not isinstance(child, Function):
            found.extend(_statements(child))
    return found


def places_of(
    paths: Sequence[str], trails: Iterable[Sequence[tuple[str, int]]]
) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    """The deepest place in these files of each failure's trail, and all places that it passed."""
    deepest, passed = set(), set()
    for trail in trails:
        places = [
            (path, line)
            for told, line in trail
            for path in paths
            if path == told or told.endswith(f"/{path}")
        ]
        passed.update(places)
        deepest.update(places[-1:])
    return deepest, passed
