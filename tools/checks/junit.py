"""Reads JUnit's XML, as many a framework writes it, perhaps cut off, perhaps forged.

There is no standard for it; https://github.com/testmoapp/junitxml collects what is usual. It is
read as a stream, so that a report that was cut off yields what it holds. A document that declares
types or entities is refused: no report needs them, and they are how XML is made to grow without
bound.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from xml.parsers import expat

from tools.checks.base import Case, Outcome
from tools.checks.cases import Cases

_BROKEN = {"failure": Outcome.FAILED, "error": Outcome.ERROR, "skipped": Outcome.SKIPPED}
_PRINTED = ("system-out", "system-err")
_LONGEST = 16_000
_DEEPEST = 100

NameOf = Callable[[Mapping[str, str]], str]
"""The name of a case, from the attributes of its element and, as ``suite``, its suite's name."""


class _Refused(Exception):
    """The document is of a kind that no honest report is of."""


def class_and_name(attributes: Mapping[str, str]) -> str:
    """``package.Class::name``, or what there is of it."""
    name, group = attributes.get("name", ""), attributes.get("classname", "")
    return f"{group}::{name}" if group and name else name or group or attributes["suite"]


def read_junit(text: str, name_of: NameOf = class_and_name) -> list[Case]:
    """The cases of a report, in its order."""
    reader = _Reader(name_of)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    # What was read before an error is what there is.
    with suppress(expat.ExpatError, _Refused):
        parser.Parse(text.lstrip("\ufeff \t\r\n").encode("utf-8", "replace"), True)
    return reader.cases.ended()


@dataclass(slots=True)
class _Reader:
    name_of: NameOf
    cases: Cases = field(default_factory=Cases)
    suites: list[str] = field(default_factory=list)
    case: dict[str, str] | None = None
    outcome: Outcome = Outcome.PASSED
    message: str = ""
    printed: str = ""
    within: str = ""
    depth: int = 0

    def refuse(self, *_: object) -> None:
        raise _Refused

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _Refused
        if tag == "testsuite":
            self.suites.append(attributes.get("name", ""))
        elif tag == "testcase":
            self.case = {**attributes, "suite": self.suites[-1] if self.suites else ""}
            self.outcome, self.message, self.printed = Outcome.PASSED, "", ""
            # CTest says so, beside an element or instead of one.
            if attributes.get("status") in ("notrun", "disabled"):
                self.outcome = Outcome.SKIPPED
        elif self.case is not None and tag in _BROKEN:
            self.within = tag
            self.outcome = _BROKEN[tag]
            self.message = attributes.get("message", "")
        elif self.case is not None and tag in _PRINTED:
            self.within = tag

    def text(self, data: str) -> None:
        if self.within in _PRINTED:
            self.printed = (self.printed + data)[-_LONGEST:]
        elif self.within and len(self.message) < _LONGEST:
            self.message += (
                "\n" if self.message and not self.message.endswith("\n") else ""
            ) + data

    def end(self, tag: str) -> None:
        self.depth -= 1
        if tag == "testsuite" and self.suites:
            self.suites.pop()
        elif tag == "testcase" and self.case is not None:
            self._conclude(self.case)
            self.case = None
        elif tag == self.within:
            self.within = ""

    def _conclude(self, attributes: Mapping[str, str]) -> None:
        message = self.message.strip()
        if self.outcome in (Outcome.FAILED, Outcome.ERROR) and self.printed.strip():
            message = f"{message}\n{self.printed.strip()}".strip()
        name = self.name_of(attributes)
        if name:
            seconds = _number(attributes.get("time", ""))
            told = "" if self.outcome is Outcome.PASSED else message
            self.cases.end(name, self.outcome, seconds, told)


def _number(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return 0.0
