"""What does the gate make of patches that are known to be right, and of ones known to be wrong?

    python tests/benchmarks/gate.py --instances FILE.jsonl --repositories DIR --environments DIR
        [--pythons DIR] [--uv PROGRAM] [--only NAME ...] [--repository OWNER/NAME ...]
        [--limit N] [--skip N] [--gold-only | --tricks-only] [--tricks none|look|run]
        [--results FILE]

FILE holds issues with their patch and their tests (the format of SWE-bench, Jimenez et al., ICLR
2024); DIR/OWNER__NAME is a git repository of each. An environment is made once for each version of
a project and kept. For every issue whose tests behave under the plain runner (those listed fail on
the base and pass with the patch), these go through the gate, the issue's tests as reproduction:

- the gold patch, which should be proven;
- nothing, the gold patch reversed, gold patches of other issues that apply, and the gold patch
  less one hunk: none of them should be proven, unless the plain runner says that the tests do not
  need the hunk;
- every trick of gate_tampers.py on the base: none should be proven in silence, without a flag.
  Those that a look finds already are counted as found and not run.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from gate_instances import EMPTY, Environments, Instance, base_tree, read_instances
from gate_tampers import TAMPERS, Files, Target

from agent.evidence.baseline import measure
from agent.evidence.candidate import take
from agent.evidence.checker import Checker
from agent.evidence.finding import Action
from agent.evidence.gate import Verdict, outcome_of
from agent.evidence.tamper import screen
from agent.evidence.trial import Trial
from sandbox.base import GIB, Limits
from sandbox.boxes import Boxes
from sandbox.bubblewrap import BubblewrapProvider
from tools.checks.base import Outcome, Report
from tools.checks.suite_files import is_test_path
from tools.git import GitError, ObjectStore
from tools.patch import chosen, parse, places

BROKEN = (Outcome.FAILED, Outcome.ERROR)
USED = (
    *("marshmallow-code/marshmallow", "pydicom/pydicom"),
    *("pylint-dev/astroid", "sqlfluff/sqlfluff"),
)
MOST_HUNKS = 3
MOST_OTHERS = 2


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


def wrong_patches(bench: Bench, others: Sequence[Instance]) -> None:
    """Patches that are no repair, through the gate."""
    bench.judged("empty", "nothing", bench.base)
    reverse(bench)
    files = parse(bench.store.diff(bench.base, bench.gold))
    hunks = [place for place in places(files) if not is_test_path(files[place[0]].path)]
    for dropped in hunks[:MOST_HUNKS] if len(hunks) > 1 else ():
        less_one(bench, chosen(files, [hunk for hunk in hunks if hunk != dropped]), str(dropped))
    used = 0
    for other in others:
        try:
            patched = bench.store.apply(bench.base, other.gold)
        except GitError:
            continue
        bench.judged("other", other.name, patched)
        used += 1
        if used == MOST_OTHERS:
            break


def reverse(bench: Bench) -> None:
    """The gold patch taken back, on the base that has it."""
    base = bench.store.apply(bench.gold, bench.instance.tests)
    trial = Trial(
        bench.store,
        bench.check,
        base=base,
        tests=bench.tests,
        test_files=bench.instance.test_files,
        baseline=measure(lambda _tests: bench.gold_report),
    )
    bench.note("reversed", "gold", trial.judge(bench.gold, bench.base))


def less_one(bench: Bench, diff: bytes, name: str) -> None:
    patched = bench.store.apply(bench.base, diff)
    judged = bench.judged("hunk dropped", name, patched)
    needed = True
    if judged.proven:
        report = bench.check(bench.store.apply(patched, bench.instance.tests))
        outcomes = {case.name: case.outcome for case in report.cases}
        needed = any(
            outcomes.get(case.name) is not Outcome.PASSED for case in bench.gold_report.passed
        )
    bench.results[-1]["needed"] = needed


def tampered(bench: Bench, *, running: bool) -> None:
    """Every trick: looked at, and run where a look finds nothing."""
    target = target_of(bench.store, bench.base, bench.tests_base, bench.instance, bench.tests[0])
    if target is None:
        return
    for tamper in TAMPERS:
        patched = written(bench.store, bench.base, tamper(target))
        candidate = take(
            bench.store,
            bench.base,
            patched,
            bench.tests_base,
            names=bench.tests,
            test_files=bench.instance.test_files,
        )
        findings = screen(candidate)
        refused = any(f.action is Action.REFUSED for f in findings) or not candidate.files
        flagged = [f"{f.rule}: {f.text}" for f in findings if f.action is Action.FLAGGED]
        if refused or flagged or not running:
            verdict = Verdict(proven=False, tree=candidate.tree, findings=findings)
            taken = "refused" if candidate.files else "left out"
            how = taken if refused else "flagged" if flagged else "nothing found"
        else:
            verdict = bench.trial.judge(bench.base, patched)
            how = "proven in silence" if verdict.proven else "failed when run"
        bench.note("tampered", tamper.__name__, verdict, how=how)


def target_of(
    store: ObjectStore, base: str, tests_base: str, instance: Instance, test: str
) -> Target | None:
    """What tricks are applied to; None where the repair is not of Python."""
    blobs = {entry.path: entry.blob for entry in store.entries(base) if entry.regular}
    tests = {entry.path: entry.blob for entry in store.entries(tests_base)}
    for file in parse(instance.gold) if instance.test_files else ():
        if file.path in blobs and file.path.endswith(".py") and not is_test_path(file.path):
            test_file = instance.test_files[0]
            return Target(
                product=file.path,
                text=store.get(blobs[file.path]).decode(),
                line=file.hunks[0].old_start + 3,
                test_file=test_file,
                test_text=store.get(tests[test_file]).decode(),
                test=test,
                known=frozenset(blobs),
            )
    return None


def written(store: ObjectStore, tree: str, files: Files) -> str:
    for path, text in files.items():
        if text is None:
            tree = store.overlay(tree, EMPTY, [path])
        elif text.startswith("link:"):
            tree = store.with_file(tree, path, text.removeprefix("link:").encode(), mode="120000")
        else:
            mode = "100755" if text.startswith("#!") else "100644"
            tree = store.with_file(tree, path, text.encode(), mode=mode)
    return tree


def measured(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    everything = [i for i in read_instances(arguments.instances) if i.repository in USED]
    for number, instance in enumerate(wanted(everything, arguments)):
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            store = ObjectStore(Path(folder))
            try:
                bench = ready(instance, arguments, store, stack)
            except Exception as error:  # noqa: BLE001 - one bad environment shall not end it all
                bench = f"{type(error).__name__}: {getattr(error, 'stderr', '') or error}"[-300:]
            if isinstance(bench, str):
                yield {"instance": instance.name, "kind": "left out", "why": bench}
                continue
            if not arguments.tricks_only:
                bench.judged("gold", "gold", bench.gold)
            if not (arguments.gold_only or arguments.tricks_only):
                others = [o for o in everything if o.repository == instance.repository]
                index = others.index(instance)
                wrong_patches(bench, [*others[index + 1 :], *others[:index]])
            if arguments.tricks != "none" and not arguments.gold_only:
                tampered(bench, running=arguments.tricks == "run")
            yield from bench.results
        seconds = time.monotonic() - started
        print(f"{number + 1}: {instance.name} in {seconds:.0f} s", file=sys.stderr, flush=True)


def wanted(everything: Sequence[Instance], arguments: argparse.Namespace) -> list[Instance]:
    """The instances that are asked for, the repositories by turns so that a limit takes of all."""
    queues: dict[str, list[Instance]] = {}
    for instance in everything:
        if arguments.only and instance.name not in arguments.only:
            continue
        if arguments.repository and instance.repository not in arguments.repository:
            continue
        queues.setdefault(instance.repository, []).append(instance)
    taken: list[Instance] = []
    while any(queues.values()):
        taken += [queue.pop(0) for queue in queues.values() if queue]
    return taken[arguments.skip :][: arguments.limit]


def summary(results: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for result in results:
        by_kind.setdefault(result["kind"], []).append(result)
    left_out = by_kind.pop("left out", [])
    used = {result["instance"] for rows in by_kind.values() for result in rows}
    repositories = {name.rpartition("-")[0] for name in used}
    yield f"{len(used)} issues of {len(repositories)} repositories; {len(left_out)} left out"
    tampered = by_kind.pop("tampered", [])
    for kind, rows in by_kind.items():
        proven = [row for row in rows if row["proven"]]
        yield f"{kind:14} {len(rows):4}  proven {len(proven):4}" + needless(proven)
    if tampered:
        ways = Counter(row["how"] for row in tampered)
        yield f"{'tampered':14} {len(tampered):4}  " + ", ".join(
            f"{w} {n}" for w, n in ways.items()
        )
    gold = by_kind.get("gold", [])
    if gold:
        flagged = [row for row in gold if row["flags"]]
        own = statistics.median(row["own_seconds"] for row in gold)
        yield f"gold patches with a flag: {len(flagged)} of {len(gold)}"
        yield f"the gate's own time, boxes included, median: {own:.1f} s a gold patch"


def needless(proven: Sequence[Mapping[str, Any]]) -> str:
    """How many were proven although the tests need what they lack."""
    rows = [row for row in proven if "needed" in row]
    wrong = sum(row["needed"] for row in rows)
    return f", {wrong} of them wrong by the plain runner" if rows else ""


def parser(summary: str) -> argparse.ArgumentParser:
    """The options by which issues are chosen and found."""
    options = argparse.ArgumentParser(description=summary)
    options.add_argument("--instances", type=Path, required=True)
    options.add_argument("--repositories", type=Path, required=True)
    options.add_argument("--environments", type=Path, required=True)
    options.add_argument("--pythons", type=Path, default=Path.home() / ".pyenv" / "versions")
    options.add_argument("--uv", default="uv")
    options.add_argument("--only", nargs="+", default=[])
    options.add_argument("--repository", nargs="+", default=[])
    options.add_argument("--limit", type=int)
    options.add_argument("--skip", type=int, default=0)
    return options


def main() -> None:
    options = parser(__doc__.splitlines()[0])
    options.add_argument("--gold-only", action="store_true")
    options.add_argument("--tricks-only", action="store_true")
    options.add_argument(
        "--tricks", choices=["run", "look", "none"], default="run", help="what is done with tricks"
    )
    options.add_argument("--results", type=Path, help="every result, one JSON object a line")
    arguments = options.parse_args()
    results = []
    for result in measured(arguments):
        results.append(result)
        if arguments.results:
            with arguments.results.open("a") as file:
                file.write(json.dumps(result) + "\n")
    print("\n".join(summary(results)))


if __name__ == "__main__":
    main()
