"""What earlier commits did decides which changes are tried first, and adds some."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model.embedded.candidates import candidates
from agent.model.embedded.past import Past, past_edits, shape
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.remembered import Remembered
from prompts import render
from tools.code import past_edits as told
from tools.code.past_edits import PastEdit


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("if size < limit:", "if size <= limit:", "< > <="),
        ("return range(n)", "return range(n + 1)", " > + 1"),
        ("swap(one, other)", "swap(other, one)", "v0 , v1 > v1 , v0"),
        ("x = 17", "x = 18", ""),
        ("x = 17", "x = 1", "N > 1"),
        ("f(a)", "f(b)", ""),
        ("", "if x is None:\n    return", " > if v0 is None : return"),
        ("return a", "return a", ""),
        ("a", "b" + " b" * 30, ""),
    ],
)
def test_shapes_leave_names_out(before: str, after: str, wanted: str) -> None:
    assert shape(before, after) == wanted


@given(st.text("ab(+1 '\n", max_size=20), st.text("ab(+1 '\n", max_size=20))
def test_a_shape_is_the_same_for_other_names(before: str, after: str) -> None:
    names = str.maketrans({"a": "c", "b": "d"})
    assert shape(before, after) == shape(before.translate(names), after.translate(names))


def test_what_was_often_changed_counts_more() -> None:
    text = "def f(a, b):\n    return a < b\n"
    change = [Edit(text.index("<"), text.index("<") + 1, "<=")]
    edits = [PastEdit("x.py", (f"x{n} < y",), (f"x{n} <= y",)) for n in range(3)]
    assert Past().usual(text, change) == 1.0
    assert 1.0 < Past(edits[:1]).usual(text, change) < Past(edits).usual(text, change) <= 2.0
    assert Past(edits).usual(text, [Edit(0, 3, "class")]) == 1.0


def test_a_usual_change_is_tried_earlier(sites) -> None:
    found = sites("def f(size, limit):\n    return size < limit\n")
    wanted = "def f(size, limit):\n    return size != limit\n"
    edits = [PastEdit("x.py", (f"if v < {n}:",), (f"if v != {n}:",)) for n in range(7)]

    def place(past: Past) -> int:
        return [c.text for c in candidates(found, frozenset(), past)].index(wanted)

    assert place(Past(edits)) < place(Past())


ONCE = "def get(self, key, other):\n    return self.items[key]\n"


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        (
            ["    self.items[name] = 1"],
            ["    self.items[clean(name)] = 1"],
            "self.items[clean(key)]",
        ),
        (["return self.items[key]"], ["return self.items[key, 0]"], "self.items[key, 0]"),
        (["elif self.items[at]:"], ["elif self.items.get(at):"], "self.items.get(key)"),
        ([], ["    check(key)"], "check(key)\n    return"),
        ([], ["  if not key:", "    return None"], "if not key:\n      return None\n    return"),
    ],
)
def test_an_edit_is_made_at_another_place(sites, results, before, after, wanted) -> None:
    text = f"def clean(x):\n    return x\n\n\ndef check(x):\n    pass\n\n\n{ONCE}"
    edit = PastEdit("x.py", tuple(before), tuple(after))
    assert any(wanted in found for found in results(Remembered([edit]).once_more, text))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["x[a]"], ["x[unheard_of(a)]"]),
        ([], ["check(unheard_of)"]),
        ([], ['"""Words."""']),
        (["version = 1"], ["version = 2"]),
        (["def f(:"], ["def g(:"]),
        (["one"], ["two", "three"]),
    ],
)
def test_what_would_not_run_or_says_nothing_is_not_made(results, before, after) -> None:
    edit = PastEdit("x.py", tuple(before), tuple(after))
    assert results(Remembered([edit]).once_more, ONCE) == {}


def test_what_stands_there_already_is_not_put_there_again(results) -> None:
    text = "def clean(x):\n    return x\n\n\ndef get(x, key):\n    return x[clean(key)]\n"
    edit = PastEdit("x.py", ("x[name]",), ("x[clean(name)]",))
    found = results(Remembered([edit]).once_more, text)
    assert not any("clean(clean(" in changed for changed in found)


def test_an_answer_is_read_as_it_was_told() -> None:
    line = st.text("ab-+@ \t{}", max_size=6).map("{}.".format)
    lines = st.lists(line, min_size=1, max_size=2).map(tuple)

    @given(st.lists(st.builds(told.PastEdit, st.just("a b.py"), lines, lines), max_size=4))
    def check(edits: list[told.PastEdit]) -> None:
        read = past_edits(render("observations/past_changes", edits=edits))
        assert read == [PastEdit(edit.path, edit.before, edit.after) for edit in edits]

    check()


def test_other_answers_tell_of_none() -> None:
    assert past_edits("The call of `past_changes` was not carried out.") == []
