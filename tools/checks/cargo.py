"""Rust's ``cargo test``.

A test's name is that of its target and its own: ``halves::tests::even``, where the first stands for
``cargo test --lib`` and the rest is what the test binary takes; of the documentation, the file and
the item, ``src/lib.rs - half``, without the line, which changes with what stands above it.

libtest's JSON is not stable. Results are read from the log that each test binary writes beside its
output, and messages from its output; the documentation's tests have no log.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Outcome, Outputs, Request, Suite
from tools.checks.cases import Cases
from tools.checks.finding import Repository, in_folder
from tools.checks.hooks import helper_files
from tools.checks.shell_line import Words, any_command, program

_LOGGED = re.compile(r"(?P<outcome>ok|failed|ignored)(?:(?::| \().*)? (?P<name>\S+)")
_PRINTED = re.compile(
    r"test (?P<name>.+?)(?: - should panic)? \.\.\. (?P<outcome>ok|FAILED|ignored)(?P<why>,.*)?"
)
_SECTION = re.compile(r"^---- (?P<name>.+) (?:stdout|stderr) ----$", re.MULTILINE)
_SUMMARY = re.compile(r"^failures:$", re.MULTILINE)
_LINE_NUMBER = re.compile(r" \(line \d+\)")
_FILE = re.compile(r"cargo-test-(?P<target>.+)-\d+\.(?P<kind>log|out|code)")
_OUTCOMES = {"ok": Outcome.PASSED, "failed": Outcome.FAILED, "ignored": Outcome.SKIPPED}
_MOST_LINES = 1_000_000
_TAIL = 2000


class _Cargo:
    """The framework."""

    name = "cargo test"

    def find(self, repository: Repository) -> Suite | None:
        """``cargo test`` in the folder of the package or workspace nearest to the root."""
        for manifest in repository.named("Cargo.toml"):
            folder = manifest.removesuffix("Cargo.toml").rstrip("/")
            words = "cargo test"
            if "workspace" in repository.toml(manifest):
                words += " --workspace"
            return Suite(self.name, in_folder(folder, words), "Rust", manifest, folder)
        return None

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is ``cargo test``."""
        return any_command(command, _runs_cargo_test)

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:  # noqa: ARG002
        """The command as it is, with a program before ``cargo`` that has it report."""
        return Invocation(
            command=request.command,
            environment={"CARGO_TERM_COLOR": "never"},
            files=_helpers() | _choice(request),
        )

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases of all test binaries and of the documentation."""
        cases = Cases()
        for stem, files in _binaries(outputs).items():
            _read_binary(stem[0], files, cases)
        for text in outputs.named("cargo-documentation-*.out"):
            for name, outcome, message in _printed(text):
                cases.end(_LINE_NUMBER.sub("", name), outcome, 0.0, message)
        return cases.ended(), []


CARGO = _Cargo()


@cache
def _helpers() -> dict[str, str]:
    return helper_files("bin/find-program", "bin/cargo", "rust")


def _runs_cargo_test(words: Words) -> bool:
    rest = [word for word in words[1:] if not word.startswith(("-", "+"))]
    return program(words[0]) == "cargo" and rest[:1] in (["test"], ["t"])


def _choice(request: Request) -> dict[str, str]:
    files = {"rust/tests": "\n".join(request.tests)}
    if request.stop_early:
        files["rust/stop-early"] = ""
    if request.tests and not any(".rs" in name for name in request.tests):
        files["rust/no-documentation"] = ""
    return files


def _binaries(outputs: Outputs) -> dict[tuple[str, str], dict[str, str]]:
    """What each run of a test binary has left: by its target and run, its files by their kind."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for path in sorted(outputs.files):
        file = PurePosixPath(path)
        match = _FILE.fullmatch(file.name)
        if match:
            found.setdefault((match["target"], file.stem), {})[match["kind"]] = outputs.files[path]
    return found


def _read_binary(target: str, files: dict[str, str], cases: Cases) -> None:
    """The log's results with the output's messages; the output's own where there is no log."""
    output = files.get("out", "")
    printed = {name: (outcome, message) for name, outcome, message in _printed(output)}
    messages = _messages(output)
    logged = dict(_logged(files["log"])) if "log" in files else {}
    results = logged or {name: outcome for name, (outcome, _) in printed.items()}
    for name, outcome in results.items():
        message = messages.get(name) or printed.get(name, (outcome, ""))[1]
        told = "" if outcome is Outcome.PASSED else message
        cases.end(f"{target}::{name}", outcome, 0.0, told)
    if "code" not in files:
        cases.start(target)
    elif files["code"].strip() != "0" and Outcome.FAILED not in results.values():
        cases.end(target, Outcome.ERROR, 0.0, output[-_TAIL:])


def _logged(text: str) -> Iterator[tuple[str, Outcome]]:
    for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]:
        found = _LOGGED.fullmatch(line)
        if found:
            yield found["name"], _OUTCOMES[found["outcome"]]


def _printed(text: str) -> Iterator[tuple[str, Outcome, str]]:
    messages = _messages(text)
    for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]:
        found = _PRINTED.fullmatch(line)
        if found:
            outcome = _OUTCOMES[found["outcome"].lower()]
            why = (found["why"] or "").lstrip(", ")
            yield found["name"], outcome, messages.get(found["name"], "") or why


def _messages(text: str) -> dict[str, str]:
    """What each failed test has printed: the part below its heading."""
    headings = list(_SECTION.finditer(text))
    found: dict[str, str] = {}
    ends = [*(heading.start() for heading in headings[1:]), len(text)]
    for heading, end in zip(headings, ends, strict=False):
        part = text[heading.end() : end]
        summary = _SUMMARY.search(part)
        found[heading["name"]] = part[: summary.start() if summary else len(part)].strip()
    return found
