"""Go's own test runner, ``go test``.

A test's name is that of its package and its own: ``example.com/halves/text::TestHalf/even``, which
is what ``go test example.com/halves/text -run '^TestHalf$/^even$'`` runs. A package that cannot be
built, or ends before its tests do, is a case of its own.

Test binaries can only print their results, and what a test prints to standard output lies among
them: from Go 1.20 on they are marked so that this does no harm; before, a line can be forged.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from tools.checks.base import Case, CoveredLine, Invocation, Outcome, Outputs, Request, Suite
from tools.checks.cases import Cases
from tools.checks.finding import Repository, in_folder
from tools.checks.hooks import helper_files
from tools.checks.shell_line import any_command, program

_OUTCOMES = {"pass": Outcome.PASSED, "fail": Outcome.FAILED, "skip": Outcome.SKIPPED}
_NOISE = re.compile(r"^\s*(=== (RUN|PAUSE|CONT|NAME)\b|--- (FAIL|PASS|SKIP):|(FAIL|PASS)$)")
_NOT_BUILT = re.compile(r"^FAIL\s+(\S+) \[(?:build|setup) failed\]", re.MULTILINE)
_MOST_LINES = 1_000_000
_LONGEST_OUTPUT = 20_000


class _Go:
    """The framework."""

    name = "go test"

    def find(self, repository: Repository) -> Suite | None:
        """``go test ./...`` in the folder of the module nearest to the root that has tests."""
        for manifest in repository.named("go.mod"):
            folder = manifest.removesuffix("go.mod").rstrip("/")
            if any(_is_in(path, folder) for path in repository.named("*_test.go")):
                return Suite(self.name, in_folder(folder, "go test ./..."), "Go", manifest, folder)
        return None

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is ``go test``."""
        return any_command(
            command, lambda words: [program(words[0]), *words[1:2]] == ["go", "test"]
        )

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:  # noqa: ARG002
        """The command as it is, with a program before ``go`` that has it report."""
        return Invocation(command=request.command, files=_helpers() | _choice(request))

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases of all the runs of ``go test``; a test that never ended has failed."""
        complaints = "\n".join(outputs.named("go-test-*.err"))
        events = _Events(complaints)
        for text in outputs.named("go-test-*.json"):
            events.read(text)
        return events.ended(), []


GO = _Go()


@cache
def _helpers() -> dict[str, str]:
    return helper_files("bin/find-program", "bin/go")


def _choice(request: Request) -> dict[str, str]:
    files = {"go/stop-early": ""} if request.stop_early else {}
    if not request.tests:
        return files
    packages = dict.fromkeys(name.partition("::")[0] for name in request.tests)
    tests = [name.partition("::")[2] for name in request.tests]
    # Only whole tests can be told apart: with subtests of two in one pattern, any would match.
    tops = dict.fromkeys(re.escape(test.partition("/")[0]) for test in tests)
    pattern = "" if "" in tests else f"^({'|'.join(tops)})$"
    return files | {"go/packages": "\n".join(packages), "go/pattern": pattern}


def _is_in(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


class _Events:
    """What runs of ``go test -json`` have told."""

    def __init__(self, complaints: str) -> None:
        self._cases = Cases()
        self._complaints = complaints
        self._printed: dict[tuple[str, str], str] = {}
        self._failed: set[str] = set()
        self._broken: dict[str, str] = {}

    def read(self, text: str) -> None:
        for event in _parsed(text.split("\n", _MOST_LINES)[:_MOST_LINES]):
            if isinstance(event, str):
                self._read_plain(event)
            else:
                self._read_event(event)

    def ended(self) -> list[Case]:
        for package, message in self._broken.items():
            if package not in self._failed:
                self._cases.end(package, Outcome.ERROR, 0.0, message)
        return self._cases.ended()

    def _read_plain(self, line: str) -> None:
        """Older ones tell of a package that cannot be built in a line as it is printed."""
        found = _NOT_BUILT.match(line)
        if found:
            self._broken[found[1]] = f"{found[0]}\n{_about(found[1], self._complaints)}"

    def _read_event(self, event: dict[str, Any]) -> None:
        action, package, test = (str(event.get(k) or "") for k in ("Action", "Package", "Test"))
        elapsed = event.get("Elapsed")
        seconds = elapsed if isinstance(elapsed, int | float) else 0.0
        if action in ("output", "build-output"):
            key = (package or str(event.get("ImportPath") or "").partition(" ")[0], test)
            known = self._printed.get(key, "")
            if len(known) < _LONGEST_OUTPUT:
                self._printed[key] = known + str(event.get("Output") or "")
        elif action == "run" and test:
            self._cases.start(f"{package}::{test}")
        elif action in _OUTCOMES and test:
            self._end(package, test, _OUTCOMES[action], seconds)
        elif action == "fail" and package:
            self._broken[package] = self._message(package, "") + _about(package, self._complaints)

    def _end(self, package: str, test: str, outcome: Outcome, seconds: float) -> None:
        message = ""
        if outcome is not Outcome.PASSED:
            message = self._message(package, test) or "a part of it failed"
        if outcome is Outcome.FAILED:
            self._failed.add(package)
        self._cases.end(f"{package}::{test}", outcome, seconds, message)

    def _message(self, package: str, test: str) -> str:
        lines = self._printed.get((package, test), "").splitlines()
        return "\n".join(line for line in lines if not _NOISE.match(line)).strip()


def _parsed(lines: Iterable[str]) -> Iterator[dict[str, Any] | str]:
    for line in lines:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            yield line
            continue
        if isinstance(event, dict):
            yield event


def _about(package: str, complaints: str) -> str:
    """What the compiler had to say about a package: the lines below ``# package``."""
    found = re.search(
        rf"^# {re.escape(package)}(?: .*)?\n((?:(?!# ).*\n?)*)", complaints, re.MULTILINE
    )
    return "\n" + found[1].strip() if found else ""
