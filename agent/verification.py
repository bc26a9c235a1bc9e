"""The gate alone, on anybody's patch: no model, no conversation, no run on disk."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from agent.environment import suggested
from agent.evidence.baseline import Baseline, last_line, measure
from agent.evidence.dossier import Dossier
from agent.evidence.gate import Verdict
from agent.evidence.probe import Check
from agent.evidence.relevance import relevant
from agent.evidence.trial import Trial
from sandbox.base import Provider
from tools.checks.base import Report
from tools.checks.files import files_of
from tools.checks.suite_files import is_suite_configuration, is_test_path
from tools.git import GitError, ObjectStore


class Unverifiable(Exception):
    """Nothing can be said of the patch; the message tells the user why, and what to do."""


@dataclass(frozen=True, slots=True)
class Question:
    """A patch, and what it is to be judged by."""

    base: str
    """The tree that the patch is made for."""
    patch: bytes
    issue: str = ""
    test_patch: bytes = b""
    """Tests that show the bug, as a diff of the base; they are laid onto it as they are."""
    tests: Sequence[str] = ()
    """The tests that show the bug; found among those that fail where none are named."""
    own_tests: bool = False
    """Whether the patch's own changes of tests are taken for the tests that show the bug."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict, and what was known before it."""

    verdict: Verdict
    baseline: Baseline
    base: str
    """The base with the tests that show the bug."""
    diff: bytes
    """From the base to what was judged."""


def verify(store: ObjectStore, check: Check, question: Question) -> Answer:
    """Judge a patch.

    Raises:
        Unverifiable: A patch does not apply, or no test can be run on the base.
        SandboxError: A box failed.
    """
    patched = applied(store, question.base, question.patch, "the patch")
    base = _with_tests(store, question, patched)
    baseline = measure(lambda tests: check(base, tests), lambda: _nearest(store, base, patched))
    _usable(store, base, baseline.report)
    tests = list(question.tests) or _found(store, check, question, base, baseline)
    paths = [entry.path for entry in store.entries(base)]
    trial = Trial(
        store,
        check,
        base=base,
        tests=tests,
        test_files=files_of(tests, paths),
        baseline=baseline,
    )
    verdict = trial.judge(question.base, patched)
    return Answer(verdict, baseline, base, store.diff(question.base, verdict.tree))


def applied(store: ObjectStore, tree: str, diff: bytes, what: str) -> str:
    """The tree that a diff makes of another; Unverifiable when it does not fit."""
    try:
        return store.apply(tree, diff)
    except GitError as error:
        raise Unverifiable(f"{what} does not apply to the base: {error}") from error


def _nearest(store: ObjectStore, base: str, patched: str) -> list[str]:
    """Every test file, those first whose paths are like those of the changed files."""
    changed = [PurePosixPath(change.path) for change in store.changes(base, patched)]
    tests = [PurePosixPath(e.path) for e in store.entries(base) if is_test_path(e.path)]
    tests = [test for test in tests if test.suffix in {path.suffix for path in changed}]
    return [str(test) for test in sorted(tests, key=lambda test: _distance(test, changed))]


def _distance(test: PurePosixPath, changed: Sequence[PurePosixPath]) -> int:
    """Less the more words of its path a test shares with the path of a changed file."""
    words = set(re.findall(r"[a-z]+", str(test).lower()))
    return -max(
        (len(words.intersection(re.findall(r"[a-z]+", str(path).lower()))) for path in changed),
        default=0,
    )


def _with_tests(store: ObjectStore, question: Question, patched: str) -> str:
    if question.test_patch:
        return applied(store, question.base, question.test_patch, "the test patch")
    if not question.own_tests:
        return question.base
    changes = store.changes(question.base, patched)
    paths = [c.path for c in changes if is_test_path(c.path)]
    own = [path for path in paths if not is_suite_configuration(path)]
    if not own:
        raise Unverifiable("the patch changes no test, so it brings none that shows the bug")
    return store.overlay(question.base, patched, own)


def _found(
    store: ObjectStore, check: Check, question: Question, base: str, baseline: Baseline
) -> list[str]:
    """The tests that show the bug, of those that fail on the base.

    Where tests were brought along: those that fail in their files, and do not fail there without.
    Else those that the issue is about.
    """
    if base == question.base:
        return relevant(baseline, question.issue) if baseline.failing else []
    brought = [change.path for change in store.changes(question.base, base)]
    without = check(question.base, brought)
    if not without.cases:
        # Not every framework can be asked for files.
        without = check(question.base, ())
    known = {case.name for case in without.broken}
    paths = [entry.path for entry in store.entries(base)]
    failing = [case.name for case in baseline.failing if case.name not in known]
    return [name for name in failing if set(files_of([name], paths)).issubset(brought)]


def _usable(store: ObjectStore, base: str, report: Report) -> None:
    if report.timed_out:
        raise Unverifiable(
            f"the test command `{report.command}` did not end in time on the base;"
            " name a faster one with --test-command, or allow more with --test-minutes"
        )
    if not report.cases:
        raise Unverifiable(
            f"the test command `{report.command}` ran no test on the base"
            f" (exit code {report.exit_code}): {last_line(report.output)}; if something is missing"
            f" there, install it with --setup{suggested(store, base)}"
        )


def dossier_of(
    store: ObjectStore,
    answer: Answer,
    question: Question,
    command: str,
    commit: str,
    provider: Provider,
) -> Dossier:
    """What a report on an answer is made from."""
    brought = [change.path for change in store.changes(question.base, answer.base)]
    return Dossier(
        name="Patch",
        issue=question.issue,
        diff=answer.diff.decode(errors="replace"),
        verdict=answer.verdict,
        baseline=answer.baseline,
        command=command,
        base_commit=commit,
        sandbox=f"{provider.name}: {provider.bounds}",
        test_files=brought,
    )
