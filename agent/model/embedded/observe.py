"""What the tools answered, read back from their texts."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.model.embedded.templates import table

_COUNTS = re.compile(
    r"^(\d+) passed, (\d+) failed, (\d+) errors, (\d+) skipped in ([\d.]+) s", re.MULTILINE
)
_BROKEN = re.compile(r"^(FAILED|ERROR) (.*?)(?: \(([\d.]+) s\))?$")
_RANKED = re.compile(r"^([\d.]+) (.+):(\d+) failing=(\d+) passing=(\d+)$")
_READ = re.compile(r"^(.+), lines (\d+) to (\d+) of (\d+)$")
_LINE = re.compile(r"^ *(\d+)\|(.*)$", re.DOTALL)
_FRAME = re.compile(r"(?:File \")?([\w./-]+\.py)(?:\", line |:)(\d+)")
_COMPARED = re.compile(r"^\s*E?\s*(?:AssertionError: )?assert (.+) == (.+)$", re.MULTILINE)
_UNEQUAL = re.compile(r"^\s*E?\s*AssertionError: (.+) != (.+?)(?: : .*)?$", re.MULTILINE)
_TRIED = re.compile(r"^Tried in ([\d.]+) s\.$")
_ATTEMPT = re.compile(
    r"^(unchanged|\d+): (\d+) passed, (\d+) broken(, ended at its deadline)?(?:; (.*))?$"
)
_ACCUSED = re.compile(
    r"(?<!NoneType' object )has no attribute '(\w+)'"
    r"|(?:name|variable) '(\w+)' (?:is not defined|referenced before|where it is not)"
    r"|unexpected keyword argument '(\w+)'"
)
"""Nothing has no attributes: there the value is at fault, not the name."""
_MISSING = re.compile(
    r"missing \d+ required (?:positional|keyword-only) arguments?: "
    r"('\w+'(?:(?:,| and|, and) '\w+')*)"
)
_SLOW = re.compile(
    r"time ?out|timed out|longer than|deadline|RecursionError|MemoryError", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Broken:
    """A test that did not pass."""

    name: str
    seconds: float = 0.0
    message: str = ""

    @property
    def endless(self) -> bool:
        """Whether it seems to have been stopped rather than to have failed."""
        return bool(_SLOW.search(self.message))


@dataclass(frozen=True, slots=True)
class Suspect:
    """A line that failing tests ran."""

    score: float
    path: str
    line: int


@dataclass(slots=True)
class TestRun:
    """One answer of ``run_tests``; ``counted`` is False when the text was none."""

    __test__ = False

    counted: bool = False
    passed: int = 0
    seconds: float = 0.0
    broken: list[Broken] = field(default_factory=list)
    suspects: list[Suspect] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether tests ran and all of them passed."""
        return self.counted and self.passed > 0 and not self.broken

    @property
    def names(self) -> frozenset[str]:
        """The ids of the tests that did not pass."""
        return frozenset(test.name for test in self.broken)


def test_run(text: str) -> TestRun:
    """Read an answer of ``run_tests``."""
    counts = _COUNTS.search(text)
    if counts is None:
        return TestRun()
    run = TestRun(True, int(counts[1]), float(counts[5]))
    message: list[str] = []
    heads: list[tuple[str, float, list[str]]] = []
    for line in text[counts.end() :].split("\n"):
        if broken := _BROKEN.match(line):
            message = []
            heads.append((broken[2], float(broken[3] or 0), message))
        elif ranked := _RANKED.match(line):
            run.suspects.append(Suspect(float(ranked[1]), ranked[2], int(ranked[3])))
        else:
            message.append(line)
    run.broken = [Broken(name, seconds, "\n".join(lines)) for name, seconds, lines in heads]
    return run


test_run.__test__ = False  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines of a file."""

    lines: tuple[str, ...]
    last: int
    total: int


def passage(text: str) -> Passage | None:
    """Read an answer of ``read``; None when it shows no lines."""
    head, _, rest = text.partition("\n")
    place = _READ.match(head)
    if place is None:
        return None
    found = [numbered[2] for line in rest.split("\n") if (numbered := _LINE.match(line))]
    last = int(place[2]) + len(found) - 1
    return Passage(tuple(found), last, int(place[4]))


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one change that was tried."""

    passed: int
    broken: int
    why: str = ""
    """The error of its first broken test, in a line."""
    cut: bool = False
    """It was ended at its deadline, before all of its tests had."""

    @property
    def good(self) -> bool:
        """Whether tests ran and all of them passed."""
        return self.passed > 0 and not self.broken and not self.cut

    @property
    def stopped(self) -> bool:
        """Whether it may only have been too slow."""
        return self.cut or "longer than" in self.why


@dataclass(frozen=True, slots=True)
class Attempts:
    """One answer of ``try_changes``."""

    problem: str = ""
    """Why nothing was tried."""
    seconds: float = 0.0
    unchanged: Attempt | None = None
    changes: Mapping[int, Attempt] = field(default_factory=dict)
    """By number, from 1; those there was no time for are left out."""


def attempts(text: str) -> Attempts:
    """Read an answer of ``try_changes``; a text that is none says itself why."""
    head, _, rest = text.partition("\n")
    tried = _TRIED.match(head)
    if tried is None:
        return Attempts(head.removeprefix("Not tried: ").removesuffix(".") or "no answer came")
    found: dict[str, Attempt] = {}
    for line in rest.split("\n"):
        if result := _ATTEMPT.match(line):
            name, passed, broken, cut, why = result.groups()
            found[name] = Attempt(int(passed), int(broken), why or "", cut is not None)
    unchanged = found.pop("unchanged", None)
    changes = {int(name): attempt for name, attempt in found.items()}
    return Attempts("", float(tried[1]), unchanged, changes)


def edited(text: str) -> bool:
    """Whether an answer of ``edit`` says that the file was changed."""
    return text.startswith("Edited ")


def frames(message: str) -> list[tuple[str, int]]:
    """The places that a failure's text names, outermost first, as the traceback has them."""
    return [(path, int(line)) for path, line in _FRAME.findall(message)]


def symptoms(message: str) -> set[str]:
    """In which of the ways that matter to the templates a test failed."""
    found = set()
    if _SLOW.search(message):
        found.add(table.ENDLESS)
    if re.search(r"IndexError|KeyError|StopIteration|out of range", message):
        found.add(table.INDEX)
    if "NoneType" in message:
        found.add(table.NOTHING)
    if re.search(r"TypeError|AttributeError|ValueError", message):
        found.add(table.TYPE)
    for left, right in _COMPARED.findall(message):
        found |= _compared(left, right)
    if re.search(r"^\s*E?\s*assert (not |False|True)", message, re.MULTILINE):
        found.add(table.TRUTH)
    return found


def accused(message: str) -> set[str]:
    """The names that a failure's own error says cannot be used as they are."""
    return {name for names in _ACCUSED.findall(message) for name in names if name}


def missing(message: str) -> list[str]:
    """The parameters that a failure's own error says a call gives nothing for."""
    return [name for names in _MISSING.findall(message) for name in re.findall(r"'(\w+)'", names)]


def differences(message: str) -> list[tuple[str | int, str | int]]:
    """The texts and numbers that a failure's text says should be equal and are not."""
    found: list[tuple[str | int, str | int]] = []
    for left, right in [*_COMPARED.findall(message), *_UNEQUAL.findall(message)]:
        try:
            one, other = ast.literal_eval(left), ast.literal_eval(right)
        except (ValueError, SyntaxError):
            continue
        alike = type(one) is type(other) and isinstance(one, str | int)
        if alike and not isinstance(one, bool) and one != other:
            found.append((one, other))
    return list(dict.fromkeys(found))


def _compared(left: str, right: str) -> set[str]:
    try:
        got, wanted = ast.literal_eval(left), ast.literal_eval(right)
    except (ValueError, SyntaxError):
        return set()
    if isinstance(got, bool) or isinstance(wanted, bool):
        return {table.TRUTH}
    if isinstance(got, int) and isinstance(wanted, int) and abs(got - wanted) == 1:
        return {table.ONE_OFF}
    if isinstance(got, list | str | tuple) and isinstance(wanted, list | str | tuple):
        return {table.LENGTH} if len(got) != len(wanted) else set()
    return set()
