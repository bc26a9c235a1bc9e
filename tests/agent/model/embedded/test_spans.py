import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model.embedded.spans import Edit, Source, apply, step


def test_edits_are_applied_from_the_end():
    assert apply("abcdef", [Edit(0, 1, "xyz"), Edit(3, 5, "")]) == "xyzbcf"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("if x:\n\tname = 'ü' + other\n", "other"),
        ("def f(a):\n    return ['€', a.b]\n", "a"),
        ("x = f(\n    'ß',\n\tother,\n)\n", "other"),
    ],
)
def test_names_are_found_after_tabs_and_other_letters(text, wanted):
    source = Source("a.py", text)
    names = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == wanted]
    assert names
    assert all(source.segment(name) == wanted for name in names)


def test_a_segment_spans_lines():
    source = Source("a.py", "x = f(\n  1,  # one\n  'ü')\ny = 2\n")
    assert source.segment(source.tree.body[0].value) == "f(\n  1,  # one\n  'ü')"


def test_windows_line_ends_are_kept_and_others_refused():
    source = Source("a.py", "x = 1\r\ny = x\r\n")
    assert source.newline == "\r\n"
    assert source.segment(source.tree.body[1]) == "y = x"
    with pytest.raises(ValueError, match="counts the lines"):
        Source("a.py", "x = 1\ry = 2\n")


def test_statements_that_share_a_line_have_no_lines_of_their_own():
    source = Source("a.py", "a = 1; b = 2\nc = 3  # three\n")
    first, second, third = source.tree.body
    assert source.whole_lines(first) is None
    assert source.whole_lines(second) is None
    assert source.whole_lines(third) == (13, len(source.text))


def test_decorators_belong_to_the_lines():
    source = Source("a.py", "x = 1\n@d\ndef f():\n    pass\n")
    assert source.whole_lines(source.tree.body[1]) == (6, len(source.text))


def test_a_step_is_made_unique_by_its_neighbours():
    before = "a\nx\nb\nx\nc"
    old, new = step(before, "a\nx\nb\ny\nc")
    assert before.count(old) == 1
    assert before.replace(old, new) == "a\nx\nb\ny\nc"


def test_a_removed_line_leaves_no_empty_one():
    old, new = step("a\nb\nc", "a\nc")
    assert "a\nb\nc".replace(old, new) == "a\nc"


def test_no_step_leads_nowhere():
    assert step("a\n", "a\n") is None
    assert step("", "a") is None


_TEXTS = st.lists(st.sampled_from(["a", "b", "", "  a", "aa", "ü"]), min_size=1, max_size=9).map(
    "\n".join
)


@given(_TEXTS, _TEXTS)
def test_one_replacement_leads_from_any_text_to_any_other(before, after):
    change = step(before, after)
    if change is None:
        assert before == after or not before
    else:
        old, new = change
        assert before.find(old) == before.rfind(old) >= 0
        assert before.replace(old, new) == after
