"""How many tokens a text has, as a guess on the high side that learns from what servers count."""

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

_LETTERS = bytes(range(65, 91)) + bytes(range(97, 123))
_DIGITS = b"0123456789"
_SPACE = b" \t\r\n"
_PER_LETTER, _PER_DIGIT, _PER_SPACE, _PER_SIGN, _PER_BYTE = 1 / 3, 1.0, 1 / 3, 0.8, 1 / 1.8
"""Tokens: words of code have three letters and more a token; many tokenizers split every digit;
runs of spaces are one token, signs mostly one each; other scripts have about two bytes a token."""
_PER_MESSAGE = 12
"""Tokens that a template puts around a message."""
_MARGIN = 1.05
_FIRST_FACTOR = 1.15
_REMEMBERED = 512


def weigh(text: str) -> float:
    """The tokens of a text as the kinds of its characters let expect, before any learning."""
    data = text.encode(errors="replace")
    letters = len(data) - len(data.translate(None, _LETTERS))
    digits = len(data) - len(data.translate(None, _DIGITS))
    space = len(data) - len(data.translate(None, _SPACE))
    foreign = sum(len(char.encode(errors="replace")) for char in text if char > "\x7f")
    signs = len(data) - letters - digits - space - foreign
    return (
        letters * _PER_LETTER
        + digits * _PER_DIGIT
        + space * _PER_SPACE
        + signs * _PER_SIGN
        + foreign * _PER_BYTE
    )


class Estimate:
    """Guesses; what a server has counted for a prompt is remembered and built upon.

    A conversation is mostly an old prompt with something at its end. So the count of the old
    prompt is taken as it is, and only the rest is guessed.
    """

    def __init__(self) -> None:
        self._factor = _FIRST_FACTOR
        self._learned = False
        self._counted: OrderedDict[str, int] = OrderedDict()

    def text(self, text: str) -> int:
        """Tokens of a text, rather too many than too few."""
        return -int(-weigh(text) * self._factor // 1)

    def prompt(self, messages: Sequence[Mapping[str, Any]], fields: Mapping[str, Any]) -> int:
        """Tokens of a prompt in its wire form."""
        keys = _keys(messages, fields)
        for end in range(len(keys), 0, -1):
            if keys[end - 1] in self._counted:
                rest = sum(_weigh_message(message) for message in messages[end:])
                return self._counted[keys[end - 1]] + -int(-rest * self._factor // 1)
        return -int(-_weigh_prompt(messages, fields) * self._factor // 1)

    def learn(
        self, messages: Sequence[Mapping[str, Any]], fields: Mapping[str, Any], count: int
    ) -> None:
        """A server has counted so many tokens for this prompt.

        Some servers count only what was not in their cache; a count that is less than that of the
        prompt's own beginning is none.
        """
        guessed = _weigh_prompt(messages, fields)
        keys = _keys(messages, fields)
        known = [self._counted[key] for key in keys if key in self._counted]
        if count <= 0 or not keys or (known and count < max(known)) or count < guessed / 5:
            return
        self._counted[keys[-1]] = count
        while len(self._counted) > _REMEMBERED:
            self._counted.popitem(last=False)
        observed = count / guessed * _MARGIN
        # The first count replaces the guess; later ones only make it more careful.
        self._factor = max(self._factor, observed) if self._learned else observed
        self._learned = True


def _keys(messages: Sequence[Mapping[str, Any]], fields: Mapping[str, Any]) -> list[str]:
    """For each message a name of the prompt up to and with it."""
    running = blake2b(_json({key: fields[key] for key in sorted(fields)}), digest_size=16)
    keys = []
    for message in messages:
        running.update(_json(message))
        keys.append(running.hexdigest())
    return keys


def _weigh_prompt(messages: Sequence[Mapping[str, Any]], fields: Mapping[str, Any]) -> float:
    tools = fields.get("tools")
    around = weigh(json.dumps(tools, ensure_ascii=False)) if tools else 0.0
    return around + sum(_weigh_message(message) for message in messages)


def _weigh_message(message: Mapping[str, Any]) -> float:
    calls = message.get("tool_calls")
    called = weigh(json.dumps(calls, ensure_ascii=False)) if calls else 0.0
    return _PER_MESSAGE + weigh(message.get("content") or "") + called


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(errors="replace")
