"""One real issue made ready for the gate: its environment, its base, and what its tests show."""

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from gate_instances import Environments, Instance, base_tree

from agent.evidence.baseline import measure
from agent.evidence.checker import Checker
from agent.evidence.gate import Verdict, outcome_of
from agent.evidence.trial import Trial
from sandbox.base import GIB, Limits
from sandbox.boxes import Boxes
from sandbox.bubblewrap import BubblewrapProvider
from tools.checks.base import Outcome, Report
from tools.git import GitError, ObjectStore

BROKEN = (Outcome.FAILED, Outcome.ERROR)


@dataclass(slots=True)
class Bench:
    """One issue, ready to be judged."""

    instance: Instance
    store: ObjectStore
    check: Checker
    base: str
    tests_base: str
    gold: str
    trial: Trial
    gold_report: Report
    tests: list[str]
    results: list[dict[str, Any]] = field(default_factory=list)

    def judged(self, kind: str, name: str, patched: str, **more: Any) -> Verdict:
        verdict = self.trial.judge(self.base, patched)
        self.note(kind, name, verdict, **more)
        return verdict

    def note(self, kind: str, name: str, verdict: Verdict, **more: Any) -> None:
        self.results.append(
            {
                "instance": self.instance.name,
                "kind": kind,
                "name": name,
                "proven": verdict.proven,
                "flags": [f"{flag.rule}: {flag.text}" for flag in verdict.flags],
                "objections": verdict.objections[:3],
                "flaky": verdict.flaky,
                "decoy": verdict.decoy,
                "seconds": round(verdict.seconds, 2),
                "own_seconds": round(verdict.seconds - verdict.seconds_testing, 2),
                **more,
            }
        )


def ready(
    instance: Instance, arguments: argparse.Namespace, store: ObjectStore, stack: ExitStack
) -> Bench | str:
    """The issue with its base measured, or why it cannot be used; the stack closes its boxes."""
    base = base_tree(store, arguments.repositories / instance.folder, instance.commit)
    environments = Environments(arguments.environments, arguments.pythons, arguments.uv)
    environment = environments.of(instance, store, base)
    check = checker(instance, environment, store, base)
    stack.enter_context(check.boxes)
    stack.enter_context(check.boxes.hurrying())
    try:
        tests_base = store.apply(base, instance.tests)
        gold = store.apply(base, instance.gold)
        gold_tests = store.apply(gold, instance.tests)
    except GitError as error:
        return f"a patch does not apply: {error}"
    baseline = measure(lambda tests: check(tests_base, tests))
    gold_report = check(gold_tests)
    tests = [
        n for name in instance.failing for n in whole_names(name, baseline.report, gold_report)
    ]
    if why := misbehaving(tests, baseline.report, gold_report):
        return why
    trial = Trial(
        store,
        check,
        base=tests_base,
        tests=tests,
        test_files=instance.test_files,
        baseline=baseline,
    )
    return Bench(instance, store, check, base, tests_base, gold, trial, gold_report, tests)


def checker(instance: Instance, environment: Path, store: ObjectStore, base: str) -> Checker:
    python = (environment / "bin" / "python").resolve()
    sources = "src" if any(e.path.startswith("src/") for e in store.entries(base)) else "."
    provider = BubblewrapProvider((environment, python.parent.parent))
    limits = Limits(memory_bytes=4 * GIB, workspace_bytes=2 * GIB)
    return Checker(
        store,
        Boxes(partial(provider.start, limits, run="benchmark")),
        f'PYTHONPATH="$PWD/{sources}" {command(instance)}',
        timeout=900,
    )


def command(instance: Instance) -> str:
    """What runs the files of the instance's tests, with the project's own runner."""
    files = instance.test_files
    if instance.repository == "django/django":
        names = [file.removeprefix("tests/").removesuffix(".py") for file in files]
        labels = sorted({name.replace("/", ".") for name in names if "/" in name})
        return f"python tests/runtests.py --settings=test_sqlite --parallel 1 {' '.join(labels)}"
    if instance.repository == "sympy/sympy":
        return f"python bin/test -C --verbose {' '.join(files)}"
    return f"python -m pytest -p no:cacheprovider {' '.join(files)}"


def whole_names(name: str, before: Report, after: Report) -> list[str]:
    """The tests that a listed name means; some lists cut names off within a parameter."""
    seen = {case.name for case in after.cases}
    if name in seen or "[" not in name:
        return [name]
    meant = sorted(other for other in seen if other.startswith(name))
    return [one for one in meant if not misbehaving([one], before, after)] or [name]


def misbehaving(tests: Sequence[str], before: Report, after: Report) -> str:
    """Why the tests do not show, under the plain runner, that the gold patch is right."""
    passing = [test for test in tests if outcome_of(before, test) not in BROKEN]
    failing = [test for test in tests if outcome_of(after, test) is not Outcome.PASSED]
    if passing:
        return f"does not fail on the base: {passing[0]} ({said(passing[0], before)})"
    if failing:
        return f"does not pass with the gold patch: {failing[0]} ({said(failing[0], after)})"
    return ""


def said(test: str, report: Report) -> str:
    """How a test ended, for people."""
    case = next((case for case in report.cases if case.name == test), None)
    end = case.message.strip().splitlines()[-1:] if case else []
    return f"{case.outcome if case else 'not run'} {' '.join(end)}".strip()
