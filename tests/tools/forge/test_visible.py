import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.forge import visible, visible_line

TRACE = """\
```
Traceback (most recent call last):
  File "x.py", line 3, in <module>
    f(<!-- this is code -->)
ValueError: v1.2.3-rc.1 <unknown> "quoted" & more
```"""


@pytest.mark.parametrize(
    "text",
    [
        "plain text with v1.2.3 and `code <!-- x -->` and <unknown@host> and a < b && c > d",
        TRACE,
        "- item\n\n  ```html\n  <!-- in a list -->\n  ```",
        "> ```\n> <!-- quoted code -->\n> ```",
        "text\n\n    <!-- indented code -->\n",
        "<details><summary>Trace</summary>\n\nseen\n\n</details>",
        "a [link](https://example.org/a_(b)) and https://example.org",
        "| a | b |\n|---|---|\n| `x|y` | 2 |",
        "``a ` b <!-- x -->``",
        "unclosed <!-- in a line is shown",
        "List<String> and vector<int, 3> and x<y>z",
        "tabs\tand\n\n\nblank lines   ",
    ],
)
def test_what_is_shown_survives_as_it_is(text: str) -> None:
    assert visible(text).text == text
    assert visible(text).hidden == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a <!-- evil --> b", "a  b"),
        ("a <!-- evil\n`` evil\n--> b", "a  b"),
        ("<!-- evil", ""),
        ("<div><!--\n\nevil\n\n```\nevil\n```\n--> b", "<div>\n b"),
        ("<div><!-- evil\n\nevil for ever", "<div>"),
        ("![evil](http://x.y/z)", "[image]"),
        ("![evil [nested] evil][ref]", "[image]"),
        ('<img alt="evil" src="x">', "[image]"),
        ('[text](http://x "evil")', "[text](http://x)"),
        ("[//]: # (evil)", "[//]: #"),
        ('[ref]: http://x "evil"', "[ref]: http://x"),
        ('<a href="x" title="evil">text</a>', "<a>text</a>"),
        ("a\u200bb\u2060c\ufeffd", "abcd"),
        ("\u202etxet\u202c \u2066x\u2069", "txet x"),
        ("".join(chr(0xE0000 + ord(c)) for c in "evil") + "ok", "ok"),
        ("a\ufe01\U000e0101b", "ab"),
        ("a&#8203;b&ZeroWidthSpace;c&#x202e;d", "abcd"),
        ("a\u3164b\u2800c", "abc"),
        ("a\x1b[31mb\x07", "a[31mb"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("`a\u200bb`", "`a<U+200B>b`"),
        ("```\na\u202eb\n```", "```\na<U+202E>b\n```"),
    ],
)
def test_what_is_not_shown_is_left_out_or_spelled_out(text: str, shown: str) -> None:
    assert visible(text).text == shown


def test_what_was_left_out_is_said() -> None:
    assert visible("<!-- x --> ![y](z) a\u200b").hidden == (
        "an HTML comment",
        "the text of an image",
        "characters that cannot be seen",
    )
    assert visible_line("a\u200b \n b").text == "a b"


@given(st.text(alphabet="<!->`~[]()\"' \n\tab#&;/\u200b\u202e\\*_|:=", max_size=200))
def test_any_text_is_read_to_its_end_and_what_is_shown_stays(text: str) -> None:
    once = visible(text).text
    assert "\u200b" not in once
    assert "\u202e" not in once


@pytest.mark.parametrize(
    "piece",
    [
        "<!--", "![", "` `` ", "<a ", "](a ", "> ", "- ", "<div><!--\n\n", "[a]: b\n", "&#8203;",
    ],
)  # fmt: skip
def test_hostile_repetition_is_linear(piece: str) -> None:
    # GitHub's bound on a body; work that grows with the square would take minutes.
    assert visible(piece * (65_536 // len(piece))) is not None
