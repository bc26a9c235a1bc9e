import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.code.signals.lexical import Texts, bm25, rank_names
from tools.code.signals.survey import Matched

counted = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 50), min_size=1)


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    texts = {n: Matched({"common": 1}, 10) for n in range(8)} | {8: Matched({"rare": 1}, 10)}
    scores = bm25({"common": 1.0, "rare": 1.0}, texts, total=9)
    assert scores[8] > 2 * scores[0]


def test_a_long_text_is_worse_than_a_short_one() -> None:
    texts = {"short": Matched({"word": 2}, 10), "long": Matched({"word": 2}, 1_000)}
    scores = bm25({"word": 1.0}, texts, total=5)
    assert scores["short"] > scores["long"]


def test_the_hundredth_time_says_little_more_than_the_tenth() -> None:
    texts = {count: Matched({"word": count}, 100) for count in (1, 10, 100)}
    scores = bm25({"word": 1.0}, texts, total=9)
    assert scores[10] - scores[1] > scores[100] - scores[10] > 0


@given(st.lists(counted, max_size=8), counted)
def test_scores_are_not_negative_and_grow_with_what_a_word_weighs(texts, terms) -> None:
    found = {n: Matched(counts, sum(counts.values())) for n, counts in enumerate(texts)}
    once = bm25(terms, found, total=len(found))
    twice = bm25({word: 2 * weight for word, weight in terms.items()}, found, total=len(found))
    assert all(score >= 0 for score in once.values())
    assert twice == pytest.approx({key: 2 * score for key, score in once.items()})


@given(st.lists(counted, max_size=8), counted, st.sets(st.integers(0, 9)))
def test_some_of_the_texts_score_as_they_do_among_all(texts, terms, asked) -> None:
    found = {n: Matched(counts, sum(counts.values())) for n, counts in enumerate(texts)}
    counted_once = Texts.of(found, total=10)
    every = bm25(terms, found, total=10)
    some = counted_once.scores(terms, asked)
    assert some == {key: every[key] for key in asked & every.keys()}


def test_words_that_are_not_asked_for_count_nothing() -> None:
    texts = Texts.of({1: Matched({"cart": 2}, 5), 2: Matched({"mail": 2}, 5)}, total=4)
    scores = texts.scores({"cart": 1.0})
    assert scores[1] > 0
    assert scores[2] == 0


def test_names_by_the_words_that_they_share_with_a_text() -> None:
    names = ["test_cart_total", "test_mail", "TestCart::testEmptyCart"]
    scores = rank_names("The cart's total is wrong", names)
    assert max(scores, key=lambda name: scores[name]) == "test_cart_total"
    assert "test_mail" not in scores
