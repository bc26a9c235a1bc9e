"""The tree counts characters and knows the way up, whatever is written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.model.embedded.script.source import Source, header, units
from agent.model.embedded.script.syntax import tree

PIECES = st.sampled_from(
    ["let a = 1\n", "if (a) b()\n", "// ü\n", "f('é', `x${a}`)\n", "x => x + 1\n", "\n", "{ a }\n"]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=8))
def test_children_lie_in_their_parents_and_tell_their_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    root = tree("a.js", text)
    for node in root.walk():
        for child in node.children:
            assert child.parent is node
            assert node.start <= child.start <= child.end <= node.end
        if node.type == "identifier":
            assert node.text.isidentifier()
        assert node.line == text.count("\n", 0, node.start) + 1


def test_a_tree_is_copied_whole() -> None:
    text = "for (const [k, v] of m) { if (k) { s += v } else return }\nclass A { b () {} }\n"
    kinds = [node.type for node in tree("a.js", text).walk() if node.named]
    assert kinds[:4] == ["program", "for_in_statement", "array_pattern", "identifier"]
    assert kinds[-4:] == ["method_definition", "property_identifier", "formal_parameters",
                          "statement_block"]  # fmt: skip


@pytest.mark.parametrize("text", ["if (", "let = = 1", "a\rb", "x" * 500_000])
def test_what_is_no_program_of_a_person_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"parse|by hand"):
        Source("a.js", text)


def test_the_body_of_an_arrow_function_is_a_statement_of_its_own() -> None:
    source = Source(
        "a.js", "const f = xs => xs\n  .map(x => x * 2)\n  .filter(x => { return x })\n"
    )
    found = {unit.type: [n.text for n in header(unit)] for unit in units(source.tree)}
    assert found["binary_expression"] == ["x * 2", "x", "2"]
    assert found["return_statement"] == ["x"]
    assert "x * 2" not in found["lexical_declaration"]


def test_whole_lines_are_those_that_a_statement_shares_with_none() -> None:
    source = Source("a.js", "a(); b()\n  c() // d\ne()\n")
    spans = [source.whole_lines(unit) for unit in units(source.tree)]
    assert spans == [None, None, (9, 20), (20, 24)]
