"""The issue's words in texts: BM25.

Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), section 3.2.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from math import log
from typing import TypeVar

from tools.code.signals.survey import Matched, frequencies
from tools.code.words import words

_SATURATION = 1.2
_LENGTH_WEIGHT = 0.75

Key = TypeVar("Key", bound=Hashable)


def bm25(
    terms: Mapping[str, float],
    texts: Mapping[Key, Matched],
    *,
    total: int,
    length_weight: float = _LENGTH_WEIGHT,
) -> dict[Key, float]:
    """Scores of texts for weighted words.

    Args:
        terms: The words asked for, with how much each counts.
        texts: Those that hold any of them.
        total: How many texts there are, with those that hold none.
        length_weight: From 0, a long text is no worse than a short one, to 1.
    """
    if not texts:
        return {}
    frequency = frequencies(texts.values())
    rarity = {
        word: terms.get(word, 0.0) * log(1 + (total - count + 0.5) / (count + 0.5))
        for word, count in frequency.items()
    }
    average = sum(text.length for text in texts.values()) / len(texts) or 1.0
    scores = {}
    for key, text in texts.items():
        norm = _SATURATION * (1 - length_weight + length_weight * text.length / average)
        parts = (rarity[word] * count / (count + norm) for word, count in text.counts.items())
        scores[key] = (_SATURATION + 1) * sum(parts)
    return scores


def rank_names(query: str, names: Iterable[str]) -> dict[str, float]:
    """Names, such as those of tests, by the words they share with a text; others are left out."""
    terms = dict.fromkeys(words(query), 1.0)
    counted = {name: Counter(words(name)) for name in names}
    shared = {name: sorted(counts.keys() & terms) for name, counts in counted.items()}
    texts = {
        name: Matched({word: counted[name][word] for word in found}, counted[name].total())
        for name, found in shared.items()
        if found
    }
    return bm25(terms, texts, total=len(counted))
