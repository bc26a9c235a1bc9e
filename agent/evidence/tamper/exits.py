"""Code that ends the process, and with it the runner before it can count a failure."""

import ast
from collections.abc import Iterator

from agent.evidence.candidate import Candidate, ChangedFile
from agent.evidence.finding import Action, Finding
from agent.evidence.tamper.reading import (
    JVM,
    NATIVE,
    SCRIPT,
    Origins,
    added_calls,
    found,
    matching_lines,
    python_files,
    unless_usual,
)

_RULE = "process_exit"

_ABRUPT = frozenset(
    ("os._exit", "os.abort", "signal.raise_signal", "signal.pthread_kill", "pytest.exit")
)
_SIGNALS = frozenset(("os.kill", "os.killpg"))
_ORDERLY = frozenset(("sys.exit", "exit", "quit", "os.execv", "os.execve", "os.execvp"))
_LATER = frozenset(("atexit.register", "atexit._run_exitfuncs"))
_RAISED = {
    "SystemExit": "ends the process",
    "KeyboardInterrupt": "stops the runner",
    "unittest.SkipTest": "has the test skipped",
    "pytest.skip": "has the test skipped",
}

_ELSEWHERE = {
    SCRIPT: r"\bprocess\s*\.\s*(exit|abort|kill|reallyExit)\b",
    JVM: r"\b(System\s*\.\s*exit|Runtime\s*\.\s*getRuntime\(\)\s*\.\s*(exit|halt)|exitProcess)\b",
    NATIVE: r"\b(_exit|_Exit|quick_exit|exit|abort|raise)\s*\(",
    frozenset((".go",)): r"\b(os\.Exit|runtime\.Goexit|syscall\.Exit)\b",
    frozenset((".rs",)): r"\bprocess::(exit|abort)\b",
    frozenset((".rb",)): r"(^|\s)(exit!?|abort|at_exit)\b",
    frozenset((".php",)): r"(^|[\s;{])(exit|die|register_shutdown_function)\b",
    frozenset((".pl", ".pm")): r"(^|[\s;{])(POSIX::_exit|exit)\b",
}


def process_exit(candidate: Candidate) -> Iterator[Finding]:
    """Ends of the process: refused where no repair needs them, else flagged."""
    for file, origins in python_files(candidate):
        yield from _calls(file, origins)
        yield from _raised(file, origins)
    for file, line, text in matching_lines(candidate, _ELSEWHERE):
        yield found(_RULE, file, line, Action.FLAGGED, f"`{text}` may end the test runner")


def _calls(file: ChangedFile, origins: Origins) -> Iterator[Finding]:
    for node, name in added_calls(file, origins):
        if name in _ABRUPT or (name in _SIGNALS and "getpid" in ast.unparse(node)):
            word = name.rpartition(".")[2]
            action = unless_usual(file, word)
            yield found(_RULE, file, node.lineno, action, f"`{name}` ends the test runner at once")
        elif name in _ORDERLY:
            action = Action.REFUSED if _at_import(file.tree, node) else Action.FLAGGED
            yield found(_RULE, file, node.lineno, action, f"`{name}` may end the test runner")
        elif name in _LATER:
            text = f"`{name}` runs code after the tests have ended"
            yield found(_RULE, file, node.lineno, Action.FLAGGED, text)


def _raised(file: ChangedFile, origins: Origins) -> Iterator[Finding]:
    for node in file.added_nodes:
        if not isinstance(node, ast.Raise) or node.exc is None:
            continue
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = origins.of(raised)
        if name in _RAISED:
            usual = name == "SystemExit" and not _at_import(file.tree, node)
            action = Action.FLAGGED if usual else Action.REFUSED
            yield found(_RULE, file, node.lineno, action, f"raising {name} {_RAISED[name]}")


def _at_import(tree: ast.AST | None, wanted: ast.AST) -> bool:
    """Whether the node is carried out when the module is imported."""
    waiting: list[ast.AST] = [tree] if tree else []
    while waiting:
        node = waiting.pop()
        if node is wanted:
            return True
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
            continue
        waiting += ast.iter_child_nodes(node)
    return False
