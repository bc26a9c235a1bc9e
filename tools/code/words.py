"""Words of prose and code, with identifiers split where their parts meet."""

import re
from collections.abc import Iterable
from itertools import chain

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*|[0-9]{2,}")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words(text: str) -> list[str]:
    """Lower-case words; ``parseHTTPHeader`` gives itself and ``parse``, ``http``, ``header``."""
    found = []
    for word in _WORD.findall(text):
        lower = word.lower()
        found.append(lower)
        if word.isalpha() and word == lower:
            continue  # most are; they have no parts
        parts = _PART.findall(word)
        if len(parts) > 1:
            found += [part.lower() for part in parts]
    return found


class Vocabulary(dict[str, tuple[str, ...]]):
    """:func:`words` of single tokens (ASCII letters, digits, underscores), remembered.

    The words of a text are those of its tokens, so counting a text needs no regular expression for
    a token that was met before. A token longer than any name a person reads has no words.
    """

    _MOST = 100_000
    _TOKEN_LENGTH = 120

    def __missing__(self, token: str) -> tuple[str, ...]:
        if len(self) >= self._MOST:
            self.clear()
        found = tuple(words(token)) if len(token) <= self._TOKEN_LENGTH else ()
        self[token] = found
        return found

    def of(self, tokens: Iterable[str]) -> list[str]:
        """The words of several tokens, in order."""
        return list(chain.from_iterable(map(self.__getitem__, tokens)))
