"""Import statements as names, and the table of languages."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tools.code.languages
from tools.code.languages import OTHER_SOURCES, TABLE, imports, is_source, query_text, reader
from tools.code.languages.maker import maker


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import a.b as c, d", ["a.b", "d"]),
        ("from . import a", [".", ".a"]),
        ("from .import a", [".", ".a"]),
        ("from .. import a as b , c", ["..", "..a", "..c"]),
        ("from ..a.b import (c as d,\n  # why\n  e,\n)", ["..a.b", "..a.b.c", "..a.b.e"]),
        ("from a import *", ["a"]),
        ("from __future__ import annotations", ["__future__", "__future__.annotations"]),
        ("from importer import important", ["importer", "importer.important"]),
        ("import", []),
    ],
)
def test_python(text: str, names: list[str]) -> None:
    assert imports.python(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("use a::b::{self, C as D, e::{F, *}};", ["a::b", "a::b::C", "a::b::e::F", "a::b::e"]),
        ("pub(in crate::x) use a::B;", ["a::B"]),
        ("use ::std::io;", ["std::io"]),
        ("#[cfg(test)]\nmod tests;", ["self::tests"]),
        ("extern crate core as c;", ["core"]),
        ("use a::{\n  b, // why\n  c,\n};", ["a::b", "a::c"]),
    ],
)
def test_rust(text: str, names: list[str]) -> None:
    assert imports.rust(text) == names


@pytest.mark.parametrize(
    ("function", "text", "names"),
    [
        (imports.dotted, "import static a.b.C.d;", ["a.b.C.d"]),
        (imports.dotted, "import a.b.*;", ["a.b"]),
        (imports.dotted, "import a.b.C as D", ["a.b.C"]),
        (imports.javascript, 'import a, { b as c } from "./d"', ["./d"]),
        (imports.javascript, "export * from '../e'", ["../e"]),
        (imports.javascript, "require(`f`)", ["f"]),
        (imports.include, "#include <a/b.h>", ["a/b.h"]),
        (imports.include, '#  include "c.h" // why', ["c.h"]),
        (imports.include, "#include MACRO", []),
        (imports.go, '_ "embed"', ["embed"]),
        (imports.quoted, "require_relative '../a'", ["../a"]),
        (imports.quoted, "require_relative 'a'", ["./a"]),
        (imports.source, '. "$HOME/a.sh"', ["$HOME/a.sh"]),
        (imports.source, ".", []),
        (imports.c_sharp, "global using static A.B;", ["A.B"]),
        (imports.c_sharp, "using X = A.B<C>;", ["A.B"]),
        (imports.php, r"use A\B as C, D\E;", ["A.B", "D.E"]),
        (imports.php, r"use function A\{b, c as d};", ["A.b", "A.c"]),
        (imports.php, "require_once(__DIR__ . '/a.php')", ["/a.php"]),
        (imports.scala, "import a.b.{C => D, _}, e.*", ["a.b.C", "a.b", "e"]),
        (imports.scala, "import a.given", ["a"]),
    ],
)
def test_the_others(function, text: str, names: list[str]) -> None:
    assert function(text) == names


@pytest.mark.parametrize("function", [imports.rust, imports.php, imports.scala])
def test_names_in_braces_within_braces_are_bounded(function) -> None:
    assert len(function("use " + "a::{b," * 10_000)) < 600


@pytest.mark.parametrize("language", TABLE, ids=lambda language: language.name)
def test_every_language_has_a_grammar_and_a_query_that_fits_it(language) -> None:
    assert reader(language.name).query.pattern_count > 5


def test_every_query_belongs_to_a_language() -> None:
    folder = Path(tools.code.languages.__file__).parent / "queries"
    used = {name for language in TABLE for name in language.queries or (language.name,)}
    assert {file.stem for file in folder.iterdir()} == used


def test_suffixes_and_names_are_given_out_once() -> None:
    keys = [key for one in TABLE for key in (*one.suffixes, *one.names, *one.programs)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("path", ["src/parser.y", "lib/Lexer.L", "a/b.py", "web/App.vue"])
def test_files_of_programs(path: str) -> None:
    assert is_source(path)


@pytest.mark.parametrize("path", ["README.md", "a.y.txt", "data.json", "l", "src.y/notes"])
def test_files_of_no_program(path: str) -> None:
    assert not is_source(path)


def test_what_has_a_grammar_is_not_named_among_what_has_none() -> None:
    assert not OTHER_SOURCES.intersection(suffix for one in TABLE for suffix in one.suffixes)


def test_a_record_is_made_by_the_language_and_its_versions() -> None:
    assert maker("a/b.py") == maker("c.pyi") != maker("a.go")
    assert maker("a.md") == maker("b/C.MD") != maker("a.rst")
    assert maker("a.py").startswith("python@")
    assert maker("Makefile").startswith("text@")
    assert maker("a.a b").startswith("text@")
    assert query_text("python").strip()


@settings(max_examples=300)
@given(
    st.sampled_from([language.imports for language in TABLE]),
    st.sampled_from(["", "import ", "from ", "use ", "mod ", "extern crate ", "require ", ". "]),
    st.text(st.sampled_from("aB_ .,;:*{}()<>'\"\\/=\n\t#é") | st.characters(), max_size=40),
)
def test_any_statement_has_names(function, head: str, rest: str) -> None:
    assert all(isinstance(name, str) for name in function(head + rest))
