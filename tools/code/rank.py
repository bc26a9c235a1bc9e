"""Which named texts, such as files, an issue is about: BM25 over words, those of names first.

BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), section 3.2.
"""

from collections import Counter
from collections.abc import Mapping
from math import log

from tools.code.words import words

_SATURATION = 1.2
_LENGTH_WEIGHT = 0.75
_NAME_WEIGHT = 5
"""How many times a word counts that is in a name."""


def rank_texts(query: str, texts: Mapping[str, str]) -> list[tuple[str, float]]:
    """Names of ``texts`` with their scores, best first; those that share no word are left out."""
    if not texts:
        return []
    counts = {name: _count(name, text) for name, text in texts.items()}
    lengths = {name: sum(count.values()) for name, count in counts.items()}
    average = sum(lengths.values()) / len(lengths) or 1.0
    terms = set(words(query))
    frequency = {term: sum(term in count for count in counts.values()) for term in terms}
    scores = []
    for name, count in counts.items():
        norm = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * lengths[name] / average)
        score = sum(
            _rarity(len(texts), frequency[term]) * count[term] * (_SATURATION + 1)
            / (count[term] + norm)
            for term in sorted(terms)
            if count[term]
        )  # fmt: skip
        if score > 0:
            scores.append((name, score))
    return sorted(scores, key=lambda pair: (-pair[1], pair[0]))


def _count(name: str, text: str) -> Counter[str]:
    count = Counter(words(text))
    for word in words(name):
        count[word] += _NAME_WEIGHT
    return count


def _rarity(total: int, containing: int) -> float:
    return log(1 + (total - containing + 0.5) / (containing + 0.5))
