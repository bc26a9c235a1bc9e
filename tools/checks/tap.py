"""Reads TAP, the Test Anything Protocol.

https://testanything.org/tap-version-14-specification.html
A test's name is its description, or its number where it has none.
"""

import re
from collections.abc import Iterator

from tools.checks.base import Case, Outcome
from tools.checks.cases import Cases

_LINE = re.compile(r"(?P<indent> *)(?P<not>not )?ok\b(?: +(?P<number>\d+))?(?P<rest>.*)")
_DIRECTIVE = re.compile(r"(?<!\\)#\s*(?P<word>skip|todo)\S*(?P<why>.*)$", re.IGNORECASE)
_PLAN = re.compile(r"1\.\.(\d+)(?:\s*#\s*(?P<why>skip.*))?\s*$", re.IGNORECASE)
_BAIL = re.compile(r"Bail out!\s*(.*)")
_LONGEST_LINE = 10_000
_MOST_LINES = 500_000
_DETAIL_LINES = 60


def looks_like_tap(text: str) -> bool:
    """Whether a text is TAP: it names its version, or it has a plan and a result."""
    lines = text.split("\n", 5000)[:5000]
    if any(line.startswith("TAP version ") for line in lines):
        return True
    return any(_PLAN.match(line) for line in lines) and any(_is_result(line) for line in lines)


def read_tap(text: str, prefix: str = "") -> list[Case]:
    """The cases of a stream, subtests before the test that they are of.

    Tests that were planned and never told of make one failed case, named for the stream.

    Args:
        text: The stream; lines that are none of TAP's are passed over.
        prefix: Stands before each name, the file's for example.
    """
    reader = _Reader(prefix)
    for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]:
        reader.line(line[:_LONGEST_LINE])
    return reader.ended()


class _Reader:
    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._cases = Cases()
        self._pending: tuple[str, Outcome, str] | None = None
        self._details: list[str] = []
        self._told = 0
        self._planned: int | None = None
        self._outer: list[str] = []

    def line(self, line: str) -> None:
        found = _LINE.match(line)
        if found:
            self._conclude()
            self._begin(found)
        elif self._is_of_the_stream(line):
            self._conclude()
        elif self._pending is not None and len(self._details) < _DETAIL_LINES:
            self._details.append(line)

    def ended(self) -> list[Case]:
        self._conclude()
        if self._planned is not None and self._told < self._planned:
            message = f"{self._planned} tests were planned, and {self._told} were told of"
            self._cases.end(self._prefix or "plan", Outcome.FAILED, 0.0, message)
        return self._cases.ended()

    def _begin(self, found: re.Match[str]) -> None:
        rest = found["rest"]
        directive = _DIRECTIVE.search(rest)
        description = rest[: directive.start()] if directive else rest
        name = description.strip().removeprefix("-").strip().replace("\\#", "#")
        name = name or f"test {found['number'] or self._told + 1}"
        outcome = Outcome.FAILED if found["not"] else Outcome.PASSED
        why = ""
        if directive:
            # A test that is still to do may fail without harm; one that was skipped never ran.
            outcome, why = Outcome.SKIPPED, directive["why"].strip()
        if not found["indent"]:
            self._told += 1
        self._pending = (self._path(found["indent"], name), outcome, why)

    def _path(self, indent: str, name: str) -> str:
        """The name, behind that of the test that it is a part of where it was announced."""
        depth = len(indent) // 4
        return " > ".join([*self._outer[:depth], name])

    def _is_of_the_stream(self, line: str) -> bool:
        plan, bail = _PLAN.match(line.lstrip()), _BAIL.match(line)
        if plan and line.startswith(" "):
            return True
        if plan:
            self._planned = int(plan[1]) if len(plan[1]) < 10 else None
            if plan["why"] and self._planned == 0:
                self._cases.end(self._prefix or "plan", Outcome.SKIPPED, 0.0, plan["why"])
        elif bail:
            self._conclude()
            self._cases.end(self._prefix or "Bail out!", Outcome.ERROR, 0.0, bail[1])
        elif line.lstrip().startswith("# Subtest"):
            depth = (len(line) - len(line.lstrip())) // 4
            self._outer = [*self._outer[:depth], line.partition(":")[2].strip()]
        else:
            return line.startswith("TAP version ")
        return True

    def _conclude(self) -> None:
        if self._pending is None:
            return
        name, outcome, why = self._pending
        message = why
        if outcome is Outcome.FAILED:
            message = "\n".join(_unindented(self._details)).strip()
        self._pending, self._details = None, []
        self._cases.end(f"{self._prefix}::{name}" if self._prefix else name, outcome, 0.0, message)


def _unindented(lines: list[str]) -> Iterator[str]:
    """The lines of a YAML block or of comments, without their marks."""
    for line in lines:
        text = line.strip()
        if text not in ("---", "..."):
            yield text.removeprefix("#").strip() if text.startswith("#") else line


def _is_result(line: str) -> bool:
    return _LINE.fullmatch(line) is not None and not line.startswith(" ")
