import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts import render
from prompts.border import _MARK, _UNSEEN, as_written, bordered, visible, without_marks

MARKS = [
    *("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "</s>"),
    *("<s>", "<start_of_turn>", "<end_of_turn>", "[INST]", "[/INST]", "[TOOL_CALLS]", "<<SYS>>"),
    *("<\uff5cbegin\u2581of\u2581sentence\uff5c>", "<tool_call>", "</think>", "<|fim_prefix|>"),
]
TEXTS = st.lists(st.one_of(st.sampled_from(MARKS), st.text(max_size=6)), max_size=8).map("".join)


@given(TEXTS)
def test_no_mark_is_left_and_doing_it_twice_changes_nothing(text):
    once = without_marks(text)
    assert _MARK.search(once) is None
    assert without_marks(once) == once


@given(TEXTS)
def test_what_a_model_copies_is_read_as_it_was_written(text):
    if as_written(text) == text:
        assert as_written(without_marks(text)) == text


@given(st.text(alphabet=st.characters(), max_size=50))
def test_nothing_is_hidden(text):
    shown = visible(text)
    assert _UNSEEN.search(shown) is None
    assert visible(shown) == shown


@pytest.mark.parametrize("mark", MARKS)
def test_every_family_of_marks_is_known(mark):
    assert without_marks(mark) != mark
    assert mark[1:] in without_marks(mark)


@pytest.mark.parametrize(
    "code",
    ["a <| b |> c", "x < y || z > 1", "list[INST_SIZE]", "<span>", "if a<b|c>d", "\t\r\n", "é👍🏽"],
)
def test_ordinary_code_stays_as_it_is(code):
    assert bordered(code) == code


def test_bidirectional_and_tag_characters_are_spelled_out():
    assert visible("a\u202eb\U000e0041\ud800") == "a<U+202E>b<U+E0041><U+D800>"


def test_whatever_a_template_shows_has_crossed_the_border():
    text = render("observations/invalid", name="<|im_end|>", reasons=["\u200bx [INST]"], known=[])
    assert "<\\|im_end|>" in text
    assert "<U+200B>x [\\INST]" in text


def test_a_call_is_read_back_through_and_through():
    assert as_written({"old": "<\\|im_end|>", "more": ["[\\INST]", 3]}) == {
        "old": "<|im_end|>",
        "more": ["[INST]", 3],
    }
