import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles.repositories import git, make_repository
from tools.code.past_edits import PastEdit, past_edits
from tools.git import History

LINES = st.lists(st.text("ab-+@ \t", max_size=6), max_size=12)
BASE = {"shop/cart.py": "a\nb\nc\nd\ne\n", "README.md": "one\n"}


def told(tmp_path, texts, most=100, suffixes=(".py",)):
    repository = make_repository(tmp_path / "repository", BASE)
    for place, files in enumerate(texts):
        for name, text in files.items():
            (repository / name).write_text(text)
        git(repository, "add", "--all")
        git(repository, "commit", "--quiet", "--message", f"change {place}")
    with History.opened(repository) as history:
        return past_edits(history.lately(history.head(), [], 50, 10.0), suffixes, most)


def test_small_edits_are_told_newest_first_each_once(tmp_path) -> None:
    one = {"shop/cart.py": "a\nB\nc\nd\ne\n"}
    texts = [one, {"README.md": "two\n"}, BASE, one, {"shop/cart.py": "a\nB\nc\nd\n\n-x\n"}]
    assert told(tmp_path, texts) == [
        PastEdit("shop/cart.py", ("e",), ("", "-x")),
        PastEdit("shop/cart.py", ("b",), ("B",)),
        PastEdit("shop/cart.py", ("B",), ("b",)),
    ]


def test_long_and_scattered_edits_are_left_out(tmp_path) -> None:
    text = "".join(f"line {number}\n" for number in range(40))
    scattered = "".join(f"line {n}{'!' * (n % 2)}\n" for n in range(40))
    texts = [{"a.py": text}, {"a.py": scattered}, {"a.py": text[:-40]}, {"b.py": "new\n"}]
    assert told(tmp_path, texts) == []


def test_only_so_many_are_told(tmp_path) -> None:
    texts = [{"shop/cart.py": f"x = {number}\n"} for number in range(5)]
    assert [edit.after for edit in told(tmp_path, texts, most=2)] == [("x = 4",), ("x = 3",)]


@given(st.lists(st.tuples(LINES, LINES), min_size=1, max_size=3))
def test_what_looks_like_a_diff_inside_of_one_is_told_as_it_is(hunks) -> None:
    parts = ["diff --git a/x.py b/x.py", "--- a/x.py", "+++ b/x.py"]
    for before, after in hunks:
        parts.append(f"@@ -1,{len(before)} +1,{len(after)} @@ def f")
        parts += [f"-{line}" for line in before] + [f"+{line}" for line in after]
    wanted = [
        PastEdit("x.py", tuple(before), tuple(after))
        for before, after in hunks
        if max(len(before), len(after)) <= 2 and any(line.strip() for line in (*before, *after))
    ]
    assert past_edits(["\n".join(parts).encode()], (".py",), 100) == list(dict.fromkeys(wanted))


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(diff: bytes) -> None:
    past_edits([diff, b"@@ -1 +1 @@\n" + diff], ("",), 10)


@pytest.mark.parametrize("header", ["@@ x y @@", "@@ ", "@@ -1,a +2 @@"])
def test_a_header_that_is_none_is_no_edit(header: str) -> None:
    assert past_edits([f"+++ b/x.py\n{header}\n-a\n+b".encode()], (".py",), 10) == []
