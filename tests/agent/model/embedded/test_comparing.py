"""What changes do on other inputs orders them and is told to the reader."""

from agent.model.embedded import say
from agent.model.embedded.candidates import Candidate
from agent.model.embedded.comparing import Comparison, read
from prompts import render
from tools.checks.compare import Compared, Difference

CHANGES = [Candidate("a.py", line, f"kind {line}", 1.0, "", ("", str(line))) for line in (1, 2, 3)]
DIFFERENCE = Difference(1, 3, "f('é', [1])", "2", "raises KeyError")


def shown(found: Compared) -> Comparison:
    return read(render("observations/compare_changes", found=found), CHANGES)


def test_the_words_of_the_tool_are_read_back() -> None:
    seen = shown(Compared(40, {1: 1.0, 2: 0.5, 3: 1.0}, [DIFFERENCE]))
    first, second, third = CHANGES
    assert [seen.kept(change) for change in CHANGES] == [1.0, 0.5, 1.0]
    assert seen.differing(first) == [(third, ("f('é', [1])", "2", "raises KeyError"))]
    assert seen.differing(third) == [(first, ("f('é', [1])", "raises KeyError", "2"))]
    assert seen.differing(second) == []
    assert [seen.alike(change) for change in CHANGES] == [1, 2, 1]


def test_what_no_test_decides_is_told() -> None:
    seen = shown(Compared(40, {1: 1.0, 3: 1.0}, [DIFFERENCE]))
    text = say.compared(seen.inputs, seen.alike(CHANGES[0]), seen.differing(CHANGES[0]))
    assert "1 DO SOMETHING ELSE" in text
    assert "f('é', [1]) comes to 2 with this one" in text
    assert "raises KeyError with the change 'kind 3' at a.py:3" in text


def test_that_all_do_the_same_is_told_and_nothing_where_nothing_is_known() -> None:
    seen = shown(Compared(40, {1: 1.0, 2: 1.0}, []))
    assert "none does something else" in say.compared(seen.inputs, seen.alike(CHANGES[0]), [])
    nothing = shown(Compared())
    assert (nothing.inputs, nothing.kept(CHANGES[0]), nothing.alike(CHANGES[0])) == (0, 1.0, 0)
    assert say.compared(0, 0, []) == ""
