"""Code that changes what is not its own: other modules' functions, and what equal means."""

import ast
from collections.abc import Iterator

from agent.evidence.candidate import Candidate, ChangedFile
from agent.evidence.finding import Action, Finding
from agent.evidence.tamper.reading import (
    JVM,
    SCRIPT,
    Origins,
    added_calls,
    constant,
    found,
    matching_lines,
    python_files,
)

_RUNNERS = frozenset(
    (
        *("pytest", "_pytest", "pluggy", "unittest", "nose", "doctest", "hypothesis", "builtins"),
        *("sys", "os", "operator", "inspect", "importlib", "gc", "io", "signal", "faulthandler"),
        *("django.test", "numpy.testing", "pandas.testing", "twisted.trial"),
    )
)
_CLOCKS = frozenset(("time", "datetime", "random", "secrets", "uuid", "calendar", "asyncio"))
_COMPARISONS = frozenset(("__eq__", "__ne__", "__hash__", "__bool__", "__contains__"))

_ELSEWHERE = {
    SCRIPT: (
        r"\b(assert|expect|jest|chai|Date|Math|Object|Array|String|Number|Promise|globalThis|global)"
        r"(\.prototype)?\.\w+\s*=(?!=)"
    ),
    frozenset((".rb",)): r"^\s*class\s+(Object|Minitest|RSpec|String|Array|Integer|NilClass)\b",
    frozenset((".rs",)): r"macro_rules!\s*(assert|assert_eq|panic)\b",
    frozenset((".c", ".cc", ".cpp", ".h", ".hpp")): r"#\s*define\s+(assert|ASSERT|EXPECT|CHECK)\w*",
}


def monkeypatching(candidate: Candidate) -> Iterator[Finding]:
    """Assignments to attributes of what was imported."""
    for file, origins in python_files(candidate):
        for line, target in _assigned(file, origins):
            name, _, attribute = target.rpartition(".")
            decided = _is_in(name, _RUNNERS | _CLOCKS) or attribute in _COMPARISONS
            action = Action.REFUSED if decided else Action.FLAGGED
            yield found("monkeypatching", file, line, action, f"replaces `{target}`")
    for file, line, text in matching_lines(candidate, _ELSEWHERE):
        said = f"`{text}` replaces what the tests rely on"
        yield found("monkeypatching", file, line, Action.REFUSED, said)


def _assigned(file: ChangedFile, origins: Origins) -> Iterator[tuple[int, str]]:
    for node in file.added_nodes:
        if not isinstance(node, ast.Attribute) or isinstance(node.ctx, ast.Load):
            continue
        if origins.is_imported(node.value) or node.attr in _COMPARISONS:
            yield node.lineno, origins.of(node) or f"?.{node.attr}"
    for call, name in added_calls(file, origins):
        if name in ("setattr", "delattr") and len(call.args) > 1:
            target, attribute = call.args[0], constant(call.args[1])
            if origins.is_imported(target) or attribute in _COMPARISONS:
                yield call.lineno, f"{origins.of(target) or '?'}.{attribute}"


def _is_in(name: str, modules: frozenset[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:length]) in modules for length in range(1, len(parts) + 1))


_AGREEABLE = {
    "__eq__": True,
    "__ne__": False,
    "__contains__": True,
    "__bool__": True,
    "__le__": True,
    "__ge__": True,
    "__lt__": True,
    "__gt__": True,
}
_AGREEABLE_ELSEWHERE = {
    JVM: r"\bequals\s*\(.*\)\s*(:\s*Boolean\s*)?(=|\{\s*return)\s*true\b",
    frozenset((".rb",)): r"\bdef\s+==\s*\(?\w+\)?\s*(;|=)\s*true\b",
    frozenset((".cc", ".cpp", ".hpp", ".h")): r"\boperator\s*==\s*\(.*\{\s*return\s+true\b",
    frozenset((".rs",)): r"\bfn\s+eq\s*\(.*\{\s*true\b",
}


def equality(candidate: Candidate) -> Iterator[Finding]:
    """Comparisons that always agree, and comparisons that were changed at all."""
    for file, _ in python_files(candidate):
        for node in file.touched_nodes:
            if not isinstance(node, ast.FunctionDef) or node.name not in _AGREEABLE:
                continue
            if _agrees_always(node):
                text = f"`{node.name}` agrees whatever it is compared with"
                yield found("equality", file, node.lineno, Action.REFUSED, text)
            elif node.lineno in file.added:
                text = f"a new `{node.name}` decides what the tests' comparisons say"
                yield found("equality", file, node.lineno, Action.FLAGGED, text)
    for file, line, text in matching_lines(candidate, _AGREEABLE_ELSEWHERE):
        said = f"`{text}` agrees whatever it is compared with"
        yield found("equality", file, line, Action.REFUSED, said)


def _agrees_always(function: ast.FunctionDef) -> bool:
    """Whether it says only ever that both are alike, or says so without a look at the other."""
    wanted = _AGREEABLE[function.name]
    returns = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    agreeing = [value for value in returns if constant(value) is wanted]
    arguments = {argument.arg for argument in function.args.args[1:]}
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    blind = bool(arguments) and names.isdisjoint(arguments)
    return bool(agreeing) and (blind or len(agreeing) == len(returns))
