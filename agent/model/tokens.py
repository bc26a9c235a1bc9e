"""How many tokens a text or a prompt has: exactly where that can be known, else as a guess.

In this order: the server's own count, with the real template and tools; a tokenizer file's; an
estimate on the high side that learns from what the server says it was sent.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from threading import Lock
from typing import Any

from agent.model.counters import Counter, NotCounted
from agent.model.estimate import Estimate

_REMEMBERED = 4096
_SHORT = 200
"""Characters up to which a text is not worth a question to the server."""


class Tokens:
    """Counts for one model; several threads may ask at once.

    Args:
        find: Gives the exact counter, or None where there is none; asked once, when needed first.
        local: Whether the exact counter costs no question to a server.
    """

    def __init__(self, find: Callable[[], Counter | None], *, local: bool = False) -> None:
        self._find = find
        self._local = local
        self._counter: Counter | None = None
        self._looked = False
        self._estimate = Estimate()
        self._known: OrderedDict[bytes, int] = OrderedDict()
        self._lock = Lock()

    def text(self, text: str) -> int:
        """Tokens of a text; a short one's are guessed, rather too many than too few."""
        if len(text) <= _SHORT and not self._local:
            return self._estimate.text(text)
        try:
            return self._cached(text, lambda counter: counter.text(text))
        except NotCounted:
            return self._estimate.text(text)

    def prompt(
        self, messages: Sequence[Mapping[str, Any]], fields: Mapping[str, Any]
    ) -> tuple[int, bool]:
        """Tokens of a prompt in its wire form, and whether the count is exact."""
        seen = _seen(fields)
        try:
            found = self._cached([messages, seen], lambda counter: counter.prompt(messages, seen))
        except NotCounted:
            with self._lock:
                return self._estimate.prompt(messages, seen), False
        return found, True

    def learn(
        self, messages: Sequence[Mapping[str, Any]], fields: Mapping[str, Any], count: int
    ) -> None:
        """The server has counted so many tokens for this prompt."""
        with self._lock:
            self._estimate.learn(messages, _seen(fields), count)

    def _cached(self, content: Any, count: Callable[[Counter], int]) -> int:
        counter = self._exact()
        if counter is None:
            raise NotCounted("there is no exact counter")
        text = json.dumps(content, ensure_ascii=False)
        key = blake2b(text.encode(errors="replace"), digest_size=16).digest()
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = count(counter)
        with self._lock:
            self._known[key] = found
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found

    def _exact(self) -> Counter | None:
        if not self._looked:
            self._counter = self._find()
            self._looked = True
        return self._counter


def _seen(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What of a request's fields a template gets to see."""
    return {key: fields[key] for key in ("tools", "chat_template_kwargs") if key in fields}
