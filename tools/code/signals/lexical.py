"""The issue's words in texts: BM25.

Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), section 3.2.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from math import log
from typing import Generic, TypeVar

from tools.code.signals.survey import Matched, frequencies
from tools.code.words import words

_SATURATION = 1.2
_LENGTH_WEIGHT = 0.75

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Texts(Generic[Key]):
    """Texts, and how rare each word is among them: counted once, asked for many words."""

    matched: Mapping[Key, Matched]
    """Those that hold any word that may be asked for."""
    rarity: Mapping[str, float]
    average: float
    """Of their lengths."""

    @classmethod
    def of(cls, matched: Mapping[Key, Matched], *, total: int) -> "Texts[Key]":
        """Count these; ``total`` is how many there are, with those that hold none."""
        frequency = frequencies(matched.values())
        rarity = {
            word: log(1 + (total - count + 0.5) / (count + 0.5))
            for word, count in frequency.items()
        }
        lengths = sum(text.length for text in matched.values())
        return cls(matched, rarity, lengths / max(1, len(matched)) or 1.0)

    def scores(
        self, terms: Mapping[str, float], keys: Iterable[Key] | None = None
    ) -> dict[Key, float]:
        """Scores of these of the texts, or of all, for weighted words."""
        weights = {
            word: terms[word] * rarity for word, rarity in self.rarity.items() if word in terms
        }
        scores = {}
        for key in self.matched if keys is None else keys:
            text = self.matched.get(key)
            if text is None:
                continue
            norm = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * text.length / self.average)
            parts = (
                weights[word] * count / (count + norm)
                for word, count in text.counts.items()
                if word in weights
            )
            scores[key] = (_SATURATION + 1) * sum(parts)
        return scores


def bm25(
    terms: Mapping[str, float], texts: Mapping[Key, Matched], *, total: int
) -> dict[Key, float]:
    """Scores of texts that are asked once; the arguments are those of :class:`Texts`."""
    return Texts.of(texts, total=total).scores(terms)


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
