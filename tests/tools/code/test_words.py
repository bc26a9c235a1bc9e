"""Words of texts, and of tokens one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.code.words import Vocabulary, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("parseHTTPHeader", ["parsehttpheader", "parse", "http", "header"]),
        ("snake_case_name", ["snake", "case", "name"]),
        ("utf8 v2", ["utf8", "utf", "8", "v2", "v", "2"]),
        ("a 1 22 3x", ["a", "22", "x"]),
        ("__init__ SCREAMING_CASE", ["init", "screaming", "case"]),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.lists(st.text("aB1_zXY09", min_size=1, max_size=20), max_size=20))
def test_the_words_of_a_text_are_those_of_its_tokens(tokens: list[str]) -> None:
    assert Vocabulary().of(tokens) == words(" ".join(tokens))


def test_a_token_longer_than_any_name_has_no_words() -> None:
    assert Vocabulary().of(["a" * 120, "b" * 121]) == ["a" * 120]


def test_what_is_remembered_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(Vocabulary, "_MOST", 10)
    vocabulary = Vocabulary()
    tokens = [f"x{number}" for number in range(100)]
    assert vocabulary.of(tokens) == words(" ".join(tokens))
    assert len(vocabulary) <= 10
