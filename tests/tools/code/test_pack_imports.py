import pytest

from tools.code.pack.imports import import_spans


@pytest.mark.parametrize(
    "statement",
    [
        "import os",
        "import os.path as path, sys",
        "from .a import b",
        "from a import (\n    b,\n    c,\n)",
        "from a import b, \\\n    c",
        "import static java.util.Map.entry;",
        "package com.example.app;",
        "import { a, b } from './c'",
        "import a from 'b'",
        "import * as a from 'b'",
        "import type { A } from 'b'",
        'import "./side-effect.css";',
        "export * from './a'",
        "const fs = require('fs')",
        'import (\n\t"fmt"\n\t"os"\n)',
        "use std::{\n    fmt,\n    io,\n};",
        "pub use crate::a::B;",
        "extern crate serde;",
        "#include <stdio.h>",
        '# include "a.h"',
        "using System.Linq;",
        "require 'json'",
        "require_relative 'a'",
        "require_once('a.php');",
        "use App\\Models\\User;",
        "import scala.collection._",
        "source ./lib.sh",
    ],
)
def test_an_import_is_found_to_its_end(statement: str) -> None:
    lines = ["# first", *statement.split("\n"), "", "value = 1"]
    assert import_spans(lines) == [(2, 1 + statement.count("\n") + 1)]


@pytest.mark.parametrize(
    "line",
    [
        "from the user's point of view",
        "import is a word of many languages",
        "use it with care",
        "    import late",
        "important = 1",
        "package of sweets",
        "x = 1",
        "",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    assert import_spans([line]) == []


def test_a_bracket_that_is_never_closed_takes_one_line_only() -> None:
    assert import_spans(["import {", *["a,"] * 100]) == [(1, 1)]
