"""Reads TeamCity's service messages, as PHPUnit writes them while it runs.

https://www.jetbrains.com/help/teamcity/service-messages.html#Reporting+Tests
"""

import re
from collections.abc import Callable, Iterator

from tools.checks.base import Case, Outcome
from tools.checks.cases import Cases

_MESSAGE = re.compile(r"##teamcity\[(?P<kind>\w+) (?P<attributes>.*)\]")
_ATTRIBUTE = re.compile(r"(\w+)='((?:[^'|]|\|.)*)'")
_ESCAPED = re.compile(r"\|(0x[0-9a-fA-F]{4}|.)")
_MEANT = {"n": "\n", "r": "\r", "0": ""}
_MOST_LINES = 1_000_000
_LONGEST_LINE = 100_000

NameOf = Callable[[str, str], str]
"""The name of a case, from its own and from its location."""


def read_teamcity(text: str, name_of: NameOf) -> list[Case]:
    """The cases of a report; a test that began and never ended has failed."""
    cases = Cases()
    location = failure = ignored = None
    for kind, attributes in _messages(text):
        name = attributes.get("name", "")
        if kind == "testStarted":
            location, failure, ignored = attributes.get("locationHint", ""), None, None
            cases.start(name_of(name, location))
        elif kind == "testFailed":
            failure = "\n".join((attributes.get("message", ""), attributes.get("details", "")))
        elif kind == "testIgnored":
            ignored = attributes.get("message", "")
        elif kind == "testFinished" and location is not None:
            outcome = Outcome.PASSED if ignored is None else Outcome.SKIPPED
            outcome = outcome if failure is None else Outcome.FAILED
            seconds = _milliseconds(attributes.get("duration", "")) / 1000
            cases.end(name_of(name, location), outcome, seconds, (failure or ignored or "").strip())
    return cases.ended()


def _messages(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]:
        found = _MESSAGE.fullmatch(line[:_LONGEST_LINE].strip())
        if found:
            pairs = _ATTRIBUTE.findall(found["attributes"])
            yield found["kind"], {name: _unescaped(value) for name, value in pairs}


def _unescaped(value: str) -> str:
    def meant(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code, 16)) if code.startswith("0x") else _MEANT.get(code, code)

    return _ESCAPED.sub(meant, value)


def _milliseconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0.0
