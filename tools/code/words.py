"""Words of prose and code, with identifiers split where their parts meet."""

import re

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*|[0-9]{2,}")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words(text: str) -> list[str]:
    """Lower-case words; ``parseHTTPHeader`` gives itself and ``parse``, ``http``, ``header``."""
    found = []
    for match in _WORD.finditer(text):
        word = match.group()
        found.append(word.lower())
        parts = _PART.findall(word)
        if len(parts) > 1:
            found.extend(part.lower() for part in parts)
    return found
