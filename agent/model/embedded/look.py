"""The first turns: which tests fail, how long a test takes, which statements could be at fault."""

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from agent.model.embedded import say
from agent.model.embedded.language import Place, Text
from agent.model.embedded.languages import (
    at_import,
    files_of,
    imported,
    language_of,
    parsed,
    places_of,
)
from agent.model.embedded.observe import Broken, Suspect, TestRun, passage, test_run
from agent.model.embedded.turns import Bounds, Turn

_PROBES = 6
_ISSUE = "\n# The issue\n"
_HEADING = re.compile(r"^## (.+) \(.*\)$", re.MULTILINE)
"""Above a file that was chosen for the issue."""
_EARLY = 0.5
"""What lines keep of their score that were run at import: most is declared there, and right."""
_RANK, _RANKS = 0.03, 4
"""What each place further down in the order of files costs, and after how many no more."""
_AT_ONCE, _QUICK, _TIMES, _QUICKEST = 0.1, 0.3, 5.0, 0.15
_TOLD = re.compile(r"the test ran longer than ([\d.]+) s, the limit for one test")
_TOLD_ENOUGH = 1.0
_BRIEF = 0.3
"""Seconds per test where the task tells that failing tests were stopped, and after how long."""


@dataclass(slots=True)
class Findings:
    """What the first turns have found out."""

    base: TestRun
    targets: list[Broken]
    """The failing tests that the task names, or all."""
    seconds: float
    """Seconds per test while changes are tried."""
    probe_seconds: float = 1.0
    """What a run of the failing tests takes, as far as is known."""
    texts: dict[str, str] = field(default_factory=dict)
    """The files that could be at fault."""
    sites: list[Place] = field(default_factory=list)
    """Their suspicious statements, most suspicious first."""

    @property
    def quick_seconds(self) -> float:
        """Seconds per test that tell most endless changes, where tests end at once or never."""
        ending = [test.seconds for test in self.targets if not test.endless]
        if not ending:
            return min(self.seconds, _QUICKEST)
        enough = max(_QUICK, _TIMES * max(ending))
        return min(self.seconds, enough) if max(ending) < _AT_ONCE else self.seconds

    @property
    def probes(self) -> list[str]:
        """Up to six failing tests, those that end by themselves first, spread over all."""
        ordered = sorted(self.targets, key=lambda test: (test.endless, test.seconds > 1.0))
        return [test.name for test in ordered[:: max(1, len(ordered) // _PROBES)][:_PROBES]]


def look(task: str, bounds: Bounds) -> Generator[Turn, list[str], Findings | str]:
    """What the first runs show, or why there is nothing to search for."""
    told = _told(task)
    seconds = min(bounds.first_seconds, _BRIEF) if told else bounds.first_seconds
    base = yield from run(say.HELLO, {"coverage": True, "seconds_per_test": seconds})
    stopped = [t for t in base.broken if t.endless and t.seconds >= 0.8 * seconds]
    limit = _limit(base)
    if stopped and not {test.name for test in stopped} <= told:
        asked = min(stopped, key=lambda test: test.name in task)
        needed = yield from _needed(asked.name, bounds)
        limit = max(limit, 3 * needed.seconds) if needed.ends else limit
        if needed.passes:
            again = {"coverage": True, "seconds_per_test": 3 * bounds.patience}
            base = yield from run(say.AGAIN, again)
    if not base.counted:
        return say.NO_TESTS
    if not base.broken:
        return say.NOTHING_FAILS
    targets = _named(base.broken, task)
    return Findings(base, targets, round(min(limit, 15.0), 1), probe_seconds=base.seconds)


def _told(task: str) -> set[str]:
    """The failing tests of the task where it tells of one that even much time did not help."""
    limits = [float(limit) for limit in _TOLD.findall(task)]
    if not limits or max(limits) < _TOLD_ENOUGH:
        return set()
    return {line.strip() for line in task.split("\n")}


def run(text: str, arguments: dict[str, Any]) -> Generator[Turn, list[str], TestRun]:
    """One run of tests, in a turn of its own."""
    answers = yield Turn(text, (("run_tests", arguments),))
    return test_run(answers[0])


@dataclass(frozen=True, slots=True)
class _Needed:
    """What came of giving a test more time."""

    passes: bool
    ends: bool
    seconds: float


def _needed(name: str, bounds: Bounds) -> Generator[Turn, list[str], _Needed]:
    asked = {"tests": [name], "seconds_per_test": bounds.patience}
    again = yield from run(say.SLOW, asked)
    took = sum(test.seconds for test in again.broken) or again.seconds
    ends = again.counted and not any(test.endless for test in again.broken)
    return _Needed(again.good, ends, took)


def _named(broken: Sequence[Broken], task: str) -> list[Broken]:
    """The tests that the task names, with the other cases of the same functions; else all."""
    lines = {line.strip() for line in task.split("\n")}
    named = {_function(test.name) for test in broken if test.name in lines}
    return [test for test in broken if not named or _function(test.name) in named]


def _function(name: str) -> str:
    return name.partition("[")[0]


def _limit(base: TestRun) -> float:
    """Seconds per test: no passing test took longer than what the failing ones left over."""
    rest = base.seconds - sum(test.seconds for test in base.broken)
    told = all(test.seconds for test in base.broken)
    return min(10.0 if told else 1.5, max(1.0, rest))


def read(found: Findings, task: str, bounds: Bounds) -> Generator[Turn, list[str], None]:
    """Read the suspicious files and list their suspicious statements."""
    paths = files_of(found.base.suspects, found.targets)[: bounds.files]
    if paths:
        texts = yield from texts_of(say.reading(paths), paths)
    else:
        texts = yield from _imported(found, bounds)
    sources = parsed(texts)
    found.texts = {source.path: source.text for source in sources}
    code, issue = _parts(task)
    words = frozenset(re.findall(r"\w+", issue))
    suspects = [*found.base.suspects, *_before_tests(sources, found.base)]
    places = places_of(sources, suspects, found.targets, words)
    _by_rank(places, code)
    found.sites = places[: bounds.sites]


def _before_tests(sources: Sequence[Text], base: TestRun) -> list[Suspect]:
    """The lines of files at fault that were run at import, and in no test, with their scores.

    All tests, failing and passing, go by them; Ochiai and D* give such a line the same.
    """
    if not base.suspects:
        return []
    failing = len(base.broken)
    score = _EARLY * sqrt(failing / (failing + base.passed))
    known = {(suspect.path, suspect.line) for suspect in base.suspects}
    return [
        Suspect(score, source.path, line)
        for source in sources
        for line in sorted(at_import(source))
        if (source.path, line) not in known
    ]


def _imported(found: Findings, bounds: Bounds) -> Generator[Turn, list[str], dict[str, str]]:
    """The files that failing tests import, where no run has shown what they ran."""
    tests = list(dict.fromkeys(test.name.partition("::")[0] for test in found.targets))
    known = [path for path in tests if language_of(path) is not None][: bounds.files]
    if not known:
        return {}
    texts = yield from texts_of(say.TESTS, known)
    wanted = imported(texts)
    return (yield from texts_of(say.importing(wanted), wanted)) if wanted else {}


def _parts(task: str) -> tuple[str, str]:
    """The code that was chosen for the issue, best first, and what is said of the bug."""
    code, heading, said = task.partition(_ISSUE)
    return (code, said) if heading else ("", task)


def _by_rank(places: list[Place], code: str) -> None:
    """Where the lines that were run do not decide, the order does in which the code was chosen.

    It is by the issue's words, names that lead from file to file, and what changed lately.
    """
    paths = {place.source.path for place in places}
    ranked = [path for path in dict.fromkeys(_HEADING.findall(code)) if path in paths]
    ranks = {path: min(rank, _RANKS) for rank, path in enumerate(ranked)}
    for place in places if ranked else ():
        place.suspicion *= 1 - _RANK * ranks.get(place.source.path, _RANKS)
    places.sort(key=lambda place: -place.suspicion)


def texts_of(text: str, paths: Sequence[str]) -> Generator[Turn, list[str], dict[str, str]]:
    """The whole texts of files, read in as many turns as it takes; unreadable ones are left out."""
    lines: dict[str, list[str]] = {path: [] for path in paths}
    wanted = list(paths)
    while wanted:
        calls = tuple(("read", _from(path, len(lines[path]))) for path in wanted)
        answers = yield Turn(text, calls)
        more = []
        for path, answer in zip(wanted, answers, strict=True):
            part = passage(answer)
            if part is None or not part.lines:
                lines.pop(path)
                continue
            lines[path].extend(part.lines)
            if part.last < part.total:
                more.append(path)
        wanted = more
    return {path: "\n".join(found) for path, found in lines.items()}


def _from(path: str, known: int) -> dict[str, Any]:
    return {"path": path, "first": known + 1} if known else {"path": path}
