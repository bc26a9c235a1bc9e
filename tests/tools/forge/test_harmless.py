import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.forge.harmless import cut, fenced, harmless_line, harmless_markdown


@pytest.mark.parametrize(
    "text",
    [
        "Fixes #1", "closes octo/repo#5", "resolves GH-7", "see https://github.com/o/r/issues/1",
        "cc @team and @octo/team", "![beacon](https://evil.example/x.png)", "<img src=x>",
        "[click](javascript:alert(1))", "[a]: https://evil.example", "<details>", "</details>",
        "www.evil.example", "` unclosed code", "&commat;team", "&#64;team",
    ],
)  # fmt: skip
def test_prose_does_nothing(text: str) -> None:
    shown = harmless_markdown(text).replace("&#8203;", "·").replace("&#96;", "·")
    assert not re.search(r"#\d|GH-\d|@\w|://|!\[|\]\(|\]:|<|www\.|(?<!&)#64", shown), shown
    assert "`" not in shown


def test_code_and_tables_stay() -> None:
    page = "| `a@b` | failed |\n| --- | --- |\n\n```sh\npytest '#1' @x <y>\n```\n`x#1`"
    assert harmless_markdown(page) == page


def test_a_fence_that_is_not_closed_is_closed() -> None:
    assert harmless_markdown("```\na") == "```\na\n```"


@given(st.text(alphabet="`~ab\n #@<"))
def test_nothing_leaves_its_fence(text: str) -> None:
    whole = fenced(text)
    fence = whole.split("text", 1)[0]
    inside = whole[len(fence) + 5 : -len(fence) - 1]
    assert fence not in inside
    assert inside == text.rstrip()


@given(st.text(max_size=200))
def test_a_line_is_one_line_that_closes_and_notifies_nothing(text: str) -> None:
    line = harmless_line(text)
    assert len(line) <= 72
    assert "\n" not in line
    assert not re.search(r"#\d|@[\w-]|://|`", line)


def test_a_cut_leaves_no_fence_open_and_changes_nothing_before() -> None:
    page = "Fixes #7\n\n````text\n" + "x\n" * 100
    short = cut(page, 40)
    assert short.startswith(page[:40])
    assert short.endswith("\n````\n\n… (cut)")
    assert cut(page, 1000) == page
