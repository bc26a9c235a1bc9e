"""Outlines and words of single files: golden ones for every language, and any bytes at all."""

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doubles.outlines import show
from tools.code.languages import TABLE
from tools.code.outline import KINDS, Outline, Words
from tools.code.parse import parse, unparsed, words_of
from tools.code.words import words

SAMPLES = Path(__file__).parents[2] / "samples" / "code"
SOURCES = sorted(SAMPLES.glob("*.txt"))
TOKENS = [
    *[
        "class",
        "def",
        "fn",
        "func",
        "function",
        "struct",
        "impl",
        "namespace",
        "module",
        "template",
        "const",
        "if",
        "else",
        "end",
    ],
    *[
        "import",
        "use",
        "a",
        "b",
        "A",
        '"',
        "'",
        "`",
        "#",
        "//",
        "/*",
        "*/",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "<",
        ">",
        "=>",
        "->",
        "=",
        ":",
        ";",
        ",",
        ".",
        "::",
        "@",
        "$",
        "\\",
        "é",
        "0",
    ],
    *["#if", "#endif", "<<A", "${", "#{", '"""'],
    *("\n", "\n", "\n  ", "\t", "\r\n", "\0"),
]
SUFFIXES = [language.suffixes[0] for language in TABLE]


def python(text: str) -> tuple[Outline, Words]:
    return parse(text.encode(), "module.py")


def names(outline: Outline) -> list[str]:
    return [definition.qualified for definition in outline.definitions]


def check(data: bytes, outline: Outline, found: Words) -> None:
    """What is true of the outline and the words of any file."""
    assert outline.lines == data.count(b"\n") + (data[-1:] not in (b"", b"\n"))
    assert len(found.by_definition) == len(outline.definitions)
    before = (0, 0)
    for place, one in enumerate(outline.definitions):
        assert 1 <= one.start <= one.end <= max(1, outline.lines)
        assert one.start < one.body <= one.end + 1 or one.kind == "chunk"
        assert before <= (one.start, -one.end)
        before = (one.start, -one.end)
        assert one.kind in KINDS
        assert one.name
        assert "\n" not in one.name + one.signature + one.docstring
        assert len(one.signature) <= 300
        assert len(one.docstring) <= 400
        assert -1 <= one.parent < place
        if one.parent >= 0:
            outer = outline.definitions[one.parent]
            assert outer.start <= one.start
            assert one.end <= outer.end
    inside = Counter[str]()
    for counts in found.by_definition:
        inside.update(counts)
    assert inside <= Counter(found.terms)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_the_sample_of_each_language_has_the_outline_that_was_read_by_eye(source: Path) -> None:
    outline, found = parse(source.read_bytes(), source.stem)
    assert show(outline) == source.with_suffix(".outline").read_text()
    check(source.read_bytes(), outline, found)


def test_every_language_has_a_sample() -> None:
    shown = {parse(source.read_bytes(), source.stem)[0].language for source in SOURCES}
    assert shown == {language.name for language in TABLE}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_no_definition_comes_out_of_a_string_or_a_comment(source: Path) -> None:
    outline, _ = parse(source.read_bytes(), source.stem)
    assert not [name for name in names(outline) if "not_here" in name]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_file_that_is_cut_anywhere_has_an_outline(source: Path) -> None:
    data = source.read_bytes()
    generator = random.Random(7)
    for _ in range(10):
        cut = data[: generator.randrange(len(data))]
        outline, found = parse(cut, source.stem)
        check(cut, outline, found)


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(SUFFIXES), st.binary(max_size=400))
def test_any_bytes_have_an_outline(suffix: str, data: bytes) -> None:
    check(data, *parse(data, f"file{suffix}"))


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(SUFFIXES),
    st.lists(
        st.sampled_from(TOKENS),
        max_size=60,
    ),
    st.sampled_from(["", " "]),
)
def test_any_heap_of_tokens_has_an_outline(suffix: str, tokens: list[str], space: str) -> None:
    data = space.join(tokens).encode()
    check(data, *parse(data, f"file{suffix}"))


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300))
def test_the_words_of_a_file_are_those_of_its_ascii_text(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    found = parse(data, "notes.txt")[1]
    ascii_text = "".join(letter if letter < "\x80" else " " for letter in text)
    assert found.terms == Counter(words(ascii_text))


def test_the_same_bytes_have_the_same_outline_and_words_in_the_same_order() -> None:
    for source in SOURCES:
        first, second = (parse(source.read_bytes(), source.stem) for _ in range(2))
        assert repr(first) == repr(second)


HOSTILE = {
    "brackets": b"(" * 100_000,
    "mixed brackets": b"([{" * 33_000,
    "nested blocks": b"{" * 50_000 + b"}" * 50_000,
    "nested functions": b"function f() {" * 20_000,
    "deep indentation": b"".join(b" " * depth + b"class A:\n" for depth in range(600)),
    "signs": b"-" * 300_000,
    "one word": b"a" * 1_000_000,
    "empty lines": b"\n" * 1_000_000,
    "NULs": b"\0" * 100_000,
    "no UTF-8": b"\xff\xfe" * 100_000,
    "comments on one line": b"/*x*/ " * 20_000,
    "fifty megabytes on one line": b"x = 1; " * 7_500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("suffix", [".py", ".js", ".c", ".go", ".md"])
def test_hostile_files_have_an_outline(name: str, suffix: str) -> None:
    outline, found = parse(HOSTILE[name], f"hostile{suffix}")
    assert len(found.by_definition) == len(outline.definitions)


def test_a_file_with_more_definitions_than_are_kept_says_so() -> None:
    outline, found = python("def f():0\n" * 20_001)
    assert len(outline.definitions) == len(found.by_definition) == 20_000
    assert outline.trouble == "too many definitions"


def test_syntax_errors_are_said_and_the_rest_is_there() -> None:
    outline, _ = python("def before(): pass\n\ndef broken(:\n\nclass After:\n    pass\n")
    assert outline.trouble == "syntax errors"
    assert {"before", "After"} <= set(names(outline))


def test_a_span_takes_in_decorators_and_the_comment_directly_above() -> None:
    outline, _ = python(
        "# apart\n\n# above\n@one\n@two(\n  1)\ndef f(a,\n      b):\n    return a\n"
    )
    (one,) = outline.definitions
    assert (one.start, one.body, one.end) == (3, 9, 9)
    assert (one.signature, one.docstring) == ("def f(a, b)", "above")


def test_a_comment_beside_code_belongs_to_no_definition_below() -> None:
    outline, _ = python("x = 1  # a remark\ndef f():\n    pass\n")
    assert [(one.name, one.start) for one in outline.definitions] == [("x", 1), ("f", 2)]


def test_a_thousand_lines_of_comments_are_not_all_taken_for_the_definition_below() -> None:
    outline, _ = python("# x\n" * 1_000 + "def f():\n    pass\n")
    assert outline.definitions[0].start == 901


def test_a_file_that_is_no_utf_8_has_its_definitions() -> None:
    data = "// caf\xe9\nconst (\n\tCaf\xe9 = 1\n)\n\nfunc Bar() {}\n".encode("latin-1")
    assert names(parse(data, "a.go")[0])[-1] == "Bar"
    for source in SOURCES:
        broken = source.read_bytes().replace(b" ", b" \xe9\xff", 3)
        check(broken, *parse(broken, source.stem))


def test_a_grammar_that_does_not_come_to_an_end_is_stopped() -> None:
    # Found by mutating real files: the Kotlin grammar 1.1.0 goes on and on.
    data = b"{c\nt\n \\ueued.\n  a()\n a2)\n" + b"  // Let x.\n  check(a.b()).is(0)\n\n" * 14
    outline, found = parse(data, "stuck.kt")
    assert outline.trouble == "parser gave up after 2 s"
    assert found.terms["check"] == 14


def test_windows_line_ends_count_as_one() -> None:
    outline, _ = python("def f():\r\n    pass\r\n\r\ndef g():\r\n    pass\r\n")
    assert [(one.start, one.end) for one in outline.definitions] == [(1, 2), (4, 5)]
    assert outline.lines == 5


def test_references_leave_out_strings_comments_keywords_and_where_a_name_is_defined() -> None:
    _, found = python(
        "def helper(): pass\n"
        "def main():\n"
        "    # commented\n"
        "    return helper(f'quoted {inside!r} {deep[\"key\"]}')\n"
    )
    assert found.references == {"helper": 1, "inside": 1, "r": 1, "deep": 1}


def test_words_of_a_definition_are_those_of_its_lines_without_inner_ones() -> None:
    _, found = python(
        "alpha = 1\nclass Beta:\n    gamma = 2\n    def delta(self):\n        epsilon\n"
    )
    assert [sorted(counts) for counts in found.by_definition] == [
        ["alpha"],
        ["beta", "class", "gamma"],
        ["def", "delta", "epsilon", "self"],
    ]
    assert set(found.terms) == {
        *("alpha", "beta", "class", "gamma", "def", "delta", "epsilon", "self")
    }


def test_words_can_be_had_without_the_parser_when_the_outline_is_known() -> None:
    for source in SOURCES:
        outline, found = parse(source.read_bytes(), source.stem)
        again = words_of(source.read_bytes(), outline)
        assert (again.terms, again.by_definition) == (found.terms, found.by_definition)
        assert found.references.keys() <= again.references.keys()


@pytest.mark.parametrize(
    ("path", "head", "language"),
    [
        ("a.h", b"#include <stdio.h>\nint f(void);\n", "c"),
        ("a.h", b"#include <vector>\nstd::vector<int> f();\n", "cpp"),
        ("a.h", b"#pragma once\nnamespace a {\n}\n", "cpp"),
        ("tool", b"#!/usr/bin/env python3\nimport os\n", "python"),
        ("tool", b"#!/usr/bin/env -S python3.11 -u\nimport os\n", "python"),
        ("tool", b"#!/bin/sh\nf() { :; }\n", "bash"),
        ("tool", b"#!/usr/bin/perl\n", ""),
        ("Rakefile", b"task :x\n", "ruby"),
        ("A.PY", b"x = 1\n", "python"),
        ("a.tsx", b"x\n", "tsx"),
        ("README", b"x\n", ""),
    ],
)
def test_the_language_of_a_file(path: str, head: bytes, language: str) -> None:
    assert parse(head, path)[0].language == language


def test_other_texts_are_cut_at_their_headings_and_named_by_them() -> None:
    text = "".join(f"# Part {part}\n\n" + "words\n" * 70 for part in range(4))
    outline, found = parse(text.encode(), "README.md")
    assert [one.name for one in outline.definitions] == [f"# Part {part}" for part in range(4)]
    assert [one.start for one in outline.definitions] == [1, 73, 145, 217]
    assert outline.definitions[-1].end == outline.lines == 288
    assert found.by_definition[0]["words"] == 70


def test_what_a_parser_generator_wrote_is_cut_into_chunks_and_said() -> None:
    tables = "static const short yytable[] = { 1 };\n" * 200
    outline, _ = parse(f"/* A Bison parser, made by GNU Bison 3.8 */\n{tables}".encode(), "p.c")
    assert outline.trouble == "generated"
    assert {one.kind for one in outline.definitions} == {"chunk"}


def test_chunks_cover_a_text_without_gaps_whatever_it_is() -> None:
    generator = random.Random(5)
    for _ in range(50):
        lines = [generator.choice(["", "text", "# H", "====", "[a]"]) for _ in range(400)]
        outline, _ = unparsed("\n".join(lines).encode(), "")
        ends = [0, *(one.end for one in outline.definitions)]
        assert [one.start - 1 for one in outline.definitions] == ends[:-1]
        assert ends[-1] == outline.lines
        assert all(one.end - one.start < 90 for one in outline.definitions)
