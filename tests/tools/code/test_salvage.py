"""Functions that the parser does not see, found by how the code is laid out."""

import pytest

from tools.code.parse import parse
from tools.code.salvage import clip, salvage

# Nothing that the grammar of Kotlin can read, as after a name that begins like a keyword.
RUBBLE = """\
class Cache {{
  fun before() {{
    in1.skip(1)
    in1.close()
  }}
{}
}}
"""


def functions(code: bytes, language: str) -> list[tuple[str, int, int]]:
    """Name, first and last line."""
    return [
        (
            code[slice(*found.name)].decode(),
            code.count(b"\n", 0, found.start) + 1,
            code.count(b"\n", 0, found.end) + 1,
        )
        for found in salvage(code, language, [])
    ]


@pytest.mark.parametrize(
    ("language", "code", "expected"),
    [
        ("c", b"static int\nf(int a)\n{\n  if (a) {\n  }\n}\n", []),
        ("c", b"static int f(int a,\n  int b)\n{\n  if (a) {\n  }\n}\nint g;\n", [("f", 1, 6)]),
        ("c", b"API(int) x;\nvoid *f(void) { return 0; }\n", [("f", 2, 2)]),
        ("c", b"int f(int a);\nint g = h(1);\n  return k(2) {\n}\n", []),
        ("cpp", b"void A::~A() {\n  x();\n}\n", [("A::~A", 1, 3)]),
        ("java", b"  public <T> int f(T a) {\n    g() {\n    }\n  }\n", [("f", 1, 4)]),
        ("java", b"  return new A(b) {\n  };\n  else if (c) {\n  }\n", []),
        ("c_sharp", b"  int F(int a)\n  {\n  }\n", [("F", 1, 3)]),
        ("kotlin", b"  @Test fun <T> List<T>.f(a: B) {\n    c {\n    }\n  }\n", [("f", 1, 4)]),
        (
            "go",
            b"func (s *S[T]) F() error {\n\tx()\n}\n\nfunc G() {}\n",
            [("F", 1, 3), ("G", 5, 5)],
        ),
        ("rust", b"  pub(crate) async fn f<T>(a: T) {\n  }\n", [("f", 1, 2)]),
        ("php", b"    public static function f($a) {\n    }\n", [("f", 1, 2)]),
        ("javascript", b"async function * f (a) {\n  g()\n}\n", [("f", 1, 3)]),
        ("typescript", b"export default function f({ a }: B): C {\n", [("f", 1, 1)]),
        ("kotlin", b"  fun f(a: B)\n}\n  fun g() = 1\n  fun h() {\n  }\n", [("h", 4, 5)]),
        ("python", b"def f():\n  {}\n", []),
    ],
)
def test_what_looks_like_a_function(language: str, code: bytes, expected: list) -> None:
    assert functions(code, language) == expected


def test_what_begins_in_a_known_function_is_none() -> None:
    code = b"func a() {\nfunc b() {\n}\n}\nfunc c() {\n}\n"
    assert [code[slice(*found.name)] for found in salvage(code, "go", [(0, 24)])] == [b"c"]


@pytest.mark.parametrize(
    ("code", "end"),
    [
        (b"  fun a() {\n    b()\n  }\n  fun c() {\n  }\n}\n", 23),
        (b"  fun a() {\n    b()\n  }\n", None),
        (b"  fun a() {\n    fun b() {\n    }\n  }\n", None),
        (b"  fun a() {\n  }\n  val c = 1\n}\n", None),
        (b"  fun a() { }", None),
    ],
)
def test_a_function_that_ran_away_ends_where_it_closes(code: bytes, end: int | None) -> None:
    whole = len(code.rstrip())
    assert clip(code, "kotlin", 2, whole) == (end or whole)


def test_a_file_that_its_grammar_fails_on_has_its_functions() -> None:
    body = "".join(f"  fun part{number}() {{\n    x()\n  }}\n" for number in range(9))
    data = RUBBLE.format(body).encode()
    outline, _ = parse(data, "Cache.kt")
    assert outline.trouble == "syntax errors"
    found = {one.name: (one.start, one.end) for one in outline.definitions}
    assert found["before"] == (2, 5)
    assert [found[f"part{number}"] for number in range(9)] == [
        (6 + 3 * number, 8 + 3 * number) for number in range(9)
    ]


@pytest.mark.parametrize("language", ["c", "java", "kotlin", "go", "rust", "javascript"])
@pytest.mark.parametrize(
    "code",
    [
        b"a " * 200_000,
        b"a" * 400_000,
        b" " * 400_000,
        b"int f(" * 60_000,
        b"(" * 400_000,
        b"<" * 400_000,
        b"fun func fn function " * 20_000,
        b"int f(int a)\n" * 30_000,
    ],
    ids=["words", "one word", "blanks", "heads", "brackets", "angles", "keywords", "no bodies"],
)
def test_hostile_code_comes_to_an_end(language: str, code: bytes) -> None:
    assert functions(code, language) == []
