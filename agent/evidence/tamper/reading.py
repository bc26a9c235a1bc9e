"""Ways to read a candidate that several rules share."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from agent.evidence.candidate import Candidate, ChangedFile
from agent.evidence.finding import Action, Finding

Rule = Callable[[Candidate], Iterator[Finding]]
"""Looks at a candidate for one kind of trick; its name is the rule's."""

SCRIPT = frozenset((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue"))
JVM = frozenset((".java", ".kt", ".scala", ".groovy"))
NATIVE = frozenset((".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".m"))
OTHER = frozenset(
    (".go", ".rs", ".rb", ".php", ".pl", ".pm", ".cs", ".swift", ".ex", ".lua", ".sh")
)
CODE = SCRIPT | JVM | NATIVE | OTHER
"""Suffixes of programs that are read by their lines; Python's are read as Python."""
SHELL = frozenset(("", ".sh", ".bash"))

# A preprocessor's line and an attribute of Rust begin like a comment, and are none.
_COMMENTS = re.compile(r"^\s*(#(?![\[\w])|//|\*|/\*|--\s|\"\"\"|''')")


class Origins:
    """Where the names of a Python file come from, as its imports say."""

    def __init__(self, nodes: Iterable[ast.AST]) -> None:
        self.modules: dict[str, str] = {}
        """Local names of what was imported as a module: ``np`` to ``numpy``."""
        self.members: dict[str, str] = {}
        """Local names of what was taken out of a module: ``bye`` to ``os._exit``."""
        for node in nodes:
            if isinstance(node, ast.Import):
                for name in node.names:
                    local = name.asname or name.name.partition(".")[0]
                    self.modules[local] = name.name if name.asname else local
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for name in node.names:
                    self.members[name.asname or name.name] = f"{node.module}.{name.name}"

    def of(self, node: ast.AST) -> str:
        """The dotted name that an expression stands for; empty where it is no name."""
        if isinstance(node, ast.Attribute):
            inner = self.of(node.value)
            return f"{inner}.{node.attr}" if inner else ""
        if isinstance(node, ast.Name):
            return self.modules.get(node.id) or self.members.get(node.id) or node.id
        return ""

    def is_imported(self, node: ast.AST) -> bool:
        """Whether the expression's first name was imported."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and (node.id in self.modules or node.id in self.members)


def python_files(candidate: Candidate) -> Iterator[tuple[ChangedFile, Origins]]:
    """The candidate's Python files that can be parsed, with where their names come from."""
    for file in candidate.files:
        if file.tree is not None:
            yield file, Origins(file.nodes)


def added_calls(file: ChangedFile, origins: Origins) -> Iterator[tuple[ast.Call, str]]:
    """Calls that the patch adds, with the dotted name of what is called."""
    for node in file.added_nodes:
        if isinstance(node, ast.Call):
            yield node, origins.of(node.func)


def added_names(file: ChangedFile, origins: Origins) -> Iterator[tuple[ast.expr, str]]:
    """Names and attributes that the patch adds, dotted, and names that it imports."""
    for node in file.added_nodes:
        if isinstance(node, ast.Attribute | ast.Name):
            yield node, origins.of(node)


def added_texts(file: ChangedFile) -> Iterator[tuple[int, str]]:
    """Texts within the code that the patch adds, docstrings left out: line and text."""
    documentation = {id(node) for node in _documentation(file.nodes)}
    for node in file.added_nodes:
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation
        ):
            yield node.lineno, node.value


def _documentation(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Constants that stand alone as a statement: nothing reads them."""
    for node in nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def added_code(file: ChangedFile) -> Iterator[tuple[int, str]]:
    """Lines that the patch adds and that are no comment as a whole: number and text."""
    for number, line in file.added.items():
        if line.strip() and not _COMMENTS.match(line):
            yield number, line


def matching_lines(
    candidate: Candidate, patterns: Mapping[frozenset[str], str]
) -> Iterator[tuple[ChangedFile, int, str]]:
    """Added lines of files with these suffixes that match: file, line, what matched."""
    for file in candidate.files:
        for suffixes, pattern in patterns.items():
            if file.suffix not in suffixes:
                continue
            for number, line in added_code(file):
                if match := re.search(pattern, line):
                    yield file, number, match[0].strip()


def unless_usual(file: ChangedFile, word: str) -> Action:
    """Refused, but only flagged where the base's own file does so too."""
    return Action.FLAGGED if file.before and word in file.before else Action.REFUSED


def constant(node: ast.AST | None) -> object:
    """The value of a constant; an object of its own for anything else."""
    return node.value if isinstance(node, ast.Constant) else _NOT_CONSTANT


_NOT_CONSTANT = object()


def found(rule: str, file: ChangedFile, line: int, action: Action, text: str) -> Finding:
    """One finding in a file."""
    return Finding(rule=rule, action=action, path=file.path, line=line, text=text)
