import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.code.pack.quoting import elision, encodable, fence, one_line, shown_path

texts = st.text(st.sampled_from("`⋮ \n#ab") | st.characters(), max_size=80)


@pytest.mark.parametrize(
    "path", ["a.py", "src/main/java/Größe.java", "文件/模块.py", "a-b_c+d@1.txt"]
)
def test_a_plain_path_is_shown_as_it_is(path: str) -> None:
    assert shown_path(path) == path


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("a b.py", '"a b.py"'),
        ("a\n## b.py (3 lines)\n```", '"a\\n## b.py (3 lines)\\n```"'),
        ("\x1b[2J", '"\\u001b[2J"'),
        ("exe\u202egpj.py", '"exe\\u202egpj.py"'),
        ("in\u200bvisible", '"in\\u200bvisible"'),
        ("tag\U000e0041", '"tag\\udb40\\udc41"'),
        ("latin\udce9", '"latin\\udce9"'),
        ('quote"\\', '"quote\\"\\\\"'),
        ("```", '"```"'),
    ],
)
def test_a_misleading_path_is_quoted(path: str, shown: str) -> None:
    assert shown_path(path) == shown


@given(st.text(st.characters(exclude_categories=()), min_size=1))
def test_a_shown_path_is_one_printable_line_and_says_which_path_it_is(path: str) -> None:
    shown = shown_path(path)
    assert shown.isprintable()
    assert (json.loads(shown) if shown.startswith('"') else shown) == path
    shown.encode()


@given(texts)
def test_no_text_closes_its_fence_or_has_our_elision(text: str) -> None:
    mark = fence(text)
    assert set(mark) == {"`"}
    assert len(mark) >= 3
    assert mark not in text
    assert elision(text) not in text


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_written_can_be_encoded_and_keeps_to_its_line(text: str) -> None:
    encodable(text).encode()
    assert one_line(text).isprintable()
    one_line(text).encode()
