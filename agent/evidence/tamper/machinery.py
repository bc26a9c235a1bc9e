"""Code that reaches for what runs it: the import system, tracing, other objects' memory."""

import ast
import warnings
from collections.abc import Iterator

from agent.evidence.candidate import Candidate, ChangedFile
from agent.evidence.finding import Action, Finding
from agent.evidence.tamper.reading import (
    SCRIPT,
    Origins,
    added_names,
    added_texts,
    found,
    matching_lines,
    python_files,
    unless_usual,
)

_RULE = "import_hooks"

_REFUSED = frozenset(
    (
        *("sys.meta_path", "sys.path_hooks", "sys.path_importer_cache", "builtins.__import__"),
        *("sys.settrace", "sys.setprofile", "sys.monitoring", "threading.settrace"),
        *("sys.excepthook", "sys.unraisablehook", "threading.excepthook", "sys.addaudithook"),
        *("gc.get_objects", "gc.get_referrers", "sys._current_frames", "importlib.reload"),
        *("__builtins__", "sys.stdout.fileno", "ctypes.pythonapi"),
    )
)
_FLAGGED = frozenset(("sys.modules", "sys.path", "importlib.import_module", "site.addsitedir"))
_MUTATORS = frozenset(("pop", "clear", "update", "setdefault", "popitem", "__setitem__"))
_ELSEWHERE = {
    SCRIPT: r"\b(require\s*\.\s*cache|Module\s*\.\s*(_\w+|prototype)|module\.register)\b",
    frozenset((".rb",)): r"\b(TracePoint|set_trace_func|ObjectSpace\.each_object|alias_method)\b",
    frozenset((".go",)): r"//go:linkname|\bunsafe\.Pointer\b",
    frozenset((".c", ".cc", ".cpp", ".h")): r"__attribute__\s*\(\(\s*(con|de)structor",
}


def import_hooks(candidate: Candidate) -> Iterator[Finding]:
    """Hooks into importing, tracing and other people's objects."""
    for file, origins in python_files(candidate):
        changed = {id(node): node for node in _changes_of_modules(file, origins)}
        for node in changed.values():
            text = "changes `sys.modules`, so that an import gives something else"
            action = unless_usual(file, "sys.modules")
            yield found(_RULE, file, getattr(node, "lineno", 0), action, text)
        for name_node, name in added_names(file, origins):
            if name in _REFUSED:
                action = unless_usual(file, name.rpartition(".")[2])
                text = f"`{name}` reaches into what runs the tests"
                yield found(_RULE, file, name_node.lineno, action, text)
            elif name in _FLAGGED and not changed:
                text = f"`{name}` can tell or change what else is loaded"
                yield found(_RULE, file, name_node.lineno, Action.FLAGGED, text)
    for file, line, text in matching_lines(candidate, _ELSEWHERE):
        action = unless_usual(file, text)
        yield found(_RULE, file, line, action, f"`{text}` reaches into what runs the tests")


def _changes_of_modules(file: ChangedFile, origins: Origins) -> Iterator[ast.AST]:
    for node in file.added_nodes:
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            if origins.of(node.value) == "sys.modules":
                yield node
        elif isinstance(node, ast.Call):
            inner, _, verb = origins.of(node.func).rpartition(".")
            if inner == "sys.modules" and verb in _MUTATORS:
                yield node


_HIDING = frozenset(
    (
        *("eval", "exec", "compile", "__import__", "globals", "marshal.loads", "pickle.loads"),
        *("base64.b64decode", "zlib.decompress", "codecs.decode", "types.CodeType"),
        *("types.FunctionType", "ctypes.CDLL", "ctypes.cdll.LoadLibrary", "runpy.run_path"),
    )
)
_HIDING_ELSEWHERE = {
    SCRIPT: r"\b(eval|Function|vm\.run\w+|atob)\s*\(",
    frozenset((".rb",)): r"\b(eval|instance_eval|class_eval|define_method)\b",
    frozenset((".php",)): r"\b(eval|base64_decode|create_function)\s*\(",
    frozenset((".pl", ".pm")): r"\beval\b",
}


def hidden_code(candidate: Candidate) -> Iterator[Finding]:
    """Code that is made while it runs, which no rule can read."""
    for file, origins in python_files(candidate):
        for node in file.added_nodes:
            if not isinstance(node, ast.Call):
                continue
            name = origins.of(node.func)
            computed = (
                name in ("getattr", "setattr")
                and len(node.args) > 1
                and not isinstance(node.args[1], ast.Constant)
                and origins.is_imported(node.args[0])
            )
            if name in _HIDING or computed:
                text = f"`{name}` runs or finds what cannot be read in the patch"
                yield found("hidden_code", file, node.lineno, Action.FLAGGED, text)
    for file, line, text in matching_lines(candidate, _HIDING_ELSEWHERE):
        said = f"`{text}` runs or finds what cannot be read in the patch"
        yield found("hidden_code", file, line, Action.FLAGGED, said)


def unreadable_code(candidate: Candidate) -> Iterator[Finding]:
    """Python that no rule could read, as it is wrong or written for another Python."""
    for file in candidate.files:
        if file.suffix == ".py" and not file.is_gone and not _is_python(file):
            text = "cannot be read as Python here, so no rule has looked at it"
            yield found("unreadable_code", file, 0, Action.FLAGGED, text)


def _is_python(file: ChangedFile) -> bool:
    if file.tree is None:
        return False
    try:
        # Some mistakes, such as `return` outside a function, are no matter of the grammar.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(file.tree, file.path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


_LOADERS = ("LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "RUBYOPT")
_SEARCHED = ("PATH", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME", "PYTEST_ADDOPTS", "GOFLAGS")


def environment(candidate: Candidate) -> Iterator[Finding]:
    """Changes of the environment that programs are found and started by."""
    for file, origins in python_files(candidate):
        for node in file.added_nodes:
            if not _changes_environment(node, origins):
                continue
            text = ast.unparse(node)
            decided = any(name in text for name in (*_LOADERS, *_SEARCHED))
            action = Action.REFUSED if decided else Action.FLAGGED
            line = getattr(node, "lineno", 0)
            yield found("environment", file, line, action, "changes the environment of the tests")
        for line, value in added_texts(file):
            if any(name in value for name in _LOADERS):
                text = f"names {value!r}, by which code gets into other programs"
                yield found("environment", file, line, unless_usual(file, value), text)


def _changes_environment(node: ast.AST, origins: Origins) -> bool:
    if isinstance(node, ast.Subscript):
        return not isinstance(node.ctx, ast.Load) and origins.of(node.value) == "os.environ"
    if isinstance(node, ast.Call):
        name = origins.of(node.func)
        inner, _, verb = name.rpartition(".")
        return name in ("os.putenv", "os.unsetenv") or (inner == "os.environ" and verb in _MUTATORS)
    return False
