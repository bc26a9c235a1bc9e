"""The languages that are parsed, in one table: how a file is known, which grammar reads it.

The query of a language is made of the files of :attr:`Language.queries`. A grammar is an official
wheel of its own and is loaded when the first file of its language is seen.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from os.path import dirname, join, splitext

from tree_sitter import Language as Grammar
from tree_sitter import Parser, Query

from tools.code.languages import imports


@dataclass(frozen=True, slots=True)
class Language:
    """One language: how it is called, and the grammar that reads it."""

    name: str
    package: str
    """The wheel's import name."""
    suffixes: tuple[str, ...]
    imports: Callable[[str], list[str]]
    """Names in the text of one import statement."""
    entry: str = "language"
    """The function of the package that gives the grammar."""
    programs: tuple[str, ...] = ()
    """Interpreters in a ``#!`` line."""
    names: tuple[str, ...] = ()
    """File names without a telling suffix."""
    constructors: tuple[str, ...] = ()
    """Names that make a method a constructor."""
    queries: tuple[str, ...] = ()
    """Files of ``queries/``, without their suffix; the one of its own name when there are none."""
    functions_nest: bool = True
    """Whether a function may be defined in a function. Where not, what looks so is none."""


TABLE = (
    Language(
        "python",
        "tree_sitter_python",
        (".py", ".pyi", ".pyw"),
        imports.python,
        programs=("python", "python2", "python3", "pypy", "pypy3"),
        names=("SConstruct", "SConscript", "wscript"),
        constructors=("__init__", "__new__"),
    ),
    Language("java", "tree_sitter_java", (".java",), imports.dotted),
    Language(
        "javascript",
        "tree_sitter_javascript",
        (".js", ".jsx", ".mjs", ".cjs"),
        imports.javascript,
        programs=("node", "nodejs"),
        constructors=("constructor",),
        queries=("ecmascript", "javascript", "jsx"),
    ),
    Language(
        "typescript",
        "tree_sitter_typescript",
        (".ts", ".mts", ".cts"),
        imports.javascript,
        entry="language_typescript",
        programs=("deno", "ts-node"),
        constructors=("constructor",),
        queries=("ecmascript", "typescript"),
    ),
    Language(
        "tsx",
        "tree_sitter_typescript",
        (".tsx",),
        imports.javascript,
        entry="language_tsx",
        constructors=("constructor",),
        queries=("ecmascript", "typescript", "jsx"),
    ),
    Language("go", "tree_sitter_go", (".go",), imports.go),
    Language("rust", "tree_sitter_rust", (".rs",), imports.rust),
    Language(
        "c",
        "tree_sitter_c",
        (".c", ".h"),
        imports.include,
        queries=("c_family", "c"),
        functions_nest=False,
    ),
    Language(
        "cpp",
        "tree_sitter_cpp",
        (".cc", ".cpp", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".h++", ".ipp", ".inl", ".tpp"),
        imports.include,
        queries=("c_family", "cpp"),
        functions_nest=False,
    ),
    Language("c_sharp", "tree_sitter_c_sharp", (".cs",), imports.c_sharp),
    Language(
        "ruby",
        "tree_sitter_ruby",
        (".rb", ".rake", ".gemspec", ".ru"),
        imports.quoted,
        programs=("ruby",),
        names=("Rakefile", "Gemfile", "Guardfile", "Vagrantfile"),
        constructors=("initialize",),
    ),
    Language(
        "php",
        "tree_sitter_php",
        (".php", ".php5", ".php7", ".phtml", ".inc"),
        imports.php,
        entry="language_php",
        programs=("php",),
        constructors=("__construct",),
    ),
    Language("kotlin", "tree_sitter_kotlin", (".kt", ".kts"), imports.dotted),
    Language("scala", "tree_sitter_scala", (".scala", ".sc", ".sbt"), imports.scala),
    Language(
        "bash",
        "tree_sitter_bash",
        (".sh", ".bash"),
        imports.source,
        programs=("sh", "bash", "dash", "ksh"),
        names=(".bashrc", ".bash_profile", ".profile"),
    ),
)

OTHER_SOURCES = frozenset(
    (
        *(".y", ".yy", ".ypp", ".l", ".ll", ".lex", ".g4", ".peg", ".pegjs", ".pest", ".grammar"),
        *(".lalrpop", ".jison", ".rl", ".proto", ".thrift", ".graphql", ".gql", ".capnp", ".fbs"),
        *(".vue", ".svelte", ".astro", ".swift", ".m", ".mm", ".dart", ".lua", ".pl", ".pm", ".r"),
        *(".jl", ".ex", ".exs", ".erl", ".hrl", ".hs", ".ml", ".mli", ".fs", ".fsx", ".clj"),
        *(".cljs", ".cljc", ".groovy", ".zig", ".nim", ".d", ".pas", ".f", ".f90", ".cu", ".cuh"),
        *(".pyx", ".pxd", ".asm", ".s", ".v", ".sv", ".vhd", ".el", ".lisp", ".rkt", ".tcl"),
        *(".ps1", ".psm1", ".coffee", ".elm", ".cr", ".hx", ".gd", ".sol", ".sql", ".vala", ".vb"),
    )
)
"""How files of programs end that we have no grammar for; they are read as text."""

BY_NAME = {language.name: language for language in TABLE}
_BY_SUFFIX = {suffix: language for language in TABLE for suffix in language.suffixes}
_BY_FILE = {name: language for language in TABLE for name in language.names}
_BY_PROGRAM = {program: language for language in TABLE for program in language.programs}

_CPP_HEADER = re.compile(
    rb"^\s*(?:class\s+\w|namespace\b|template\s*<|(?:public|private|protected)\s*:|using\s+\w)"
    rb"|\bstd::|#\s*include\s*<\w+>",
    re.MULTILINE,
)
_HEAD = 64 * 1024


def language_of(path: str, data: bytes) -> Language | None:
    """The language of a file, by its name, then by its ``#!`` line; a ``.h`` by what it says."""
    language = language_by_path(path)
    if language is None and data.startswith(b"#!"):
        return _by_shebang(data[:200])
    if path.endswith(".h") and _CPP_HEADER.search(data[:_HEAD]):
        return BY_NAME["cpp"]
    return language


def language_by_path(path: str) -> Language | None:
    """The language that a file's name says it is in."""
    name = path.rpartition("/")[2]
    return _BY_FILE.get(name) or _BY_SUFFIX.get(splitext(name)[1].lower())


def is_source(path: str) -> bool:
    """Whether a file's name says that it is part of a program, in whatever language."""
    ending = splitext(path.rpartition("/")[2])[1].lower()
    return ending in OTHER_SOURCES or language_by_path(path) is not None


def query_text(name: str) -> str:
    """The query of a language."""
    # Not importlib.resources, whose import costs a fresh process as much as a grammar does.
    parts = []
    for file in BY_NAME[name].queries or (name,):
        with open(join(dirname(__file__), "queries", f"{file}.scm"), encoding="utf-8") as text:
            parts.append(text.read())
    return "\n".join(parts)


def _by_shebang(head: bytes) -> Language | None:
    """``#!/usr/bin/env -S python3.11 -u`` → Python."""
    for word in head.splitlines()[0][2:].decode("ascii", "replace").split():
        program = word.rpartition("/")[2]
        if program != "env" and not program.startswith("-"):
            return _BY_PROGRAM.get(program) or _BY_PROGRAM.get(program.rstrip("0123456789."))
    return None


@dataclass(frozen=True, slots=True)
class Reader:
    """A grammar made ready: its parser, its query and its keywords."""

    language: Language
    parser: Parser
    query: Query
    keywords: frozenset[str]


@cache
def reader(name: str) -> Reader:
    """Load the grammar and the query of a language; the first call of each costs some 10 ms."""
    language = BY_NAME[name]
    grammar = Grammar(getattr(import_module(language.package), language.entry)())
    query = Query(grammar, query_text(name))
    return Reader(language, Parser(grammar), query, _keywords(grammar))


def _keywords(grammar: Grammar) -> frozenset[str]:
    kinds = (
        grammar.node_kind_for_id(number)
        for number in range(grammar.node_kind_count)
        if not grammar.node_kind_is_named(number)
    )
    return frozenset(kind for kind in kinds if kind and kind.isidentifier())
