"""Patches that are no repair of an issue: none of them should pass the gate."""

from collections.abc import Sequence

from gate_bench import Bench
from gate_instances import EMPTY, Instance
from gate_tampers import TAMPERS, Files, Target

from agent.evidence.baseline import measure
from agent.evidence.candidate import take
from agent.evidence.finding import Action
from agent.evidence.gate import Verdict
from agent.evidence.tamper import screen
from agent.evidence.trial import Trial
from tools.checks.base import Outcome
from tools.checks.suite_files import is_test_path
from tools.git import GitError, ObjectStore
from tools.patch import chosen, parse, places

MOST_HUNKS = 3
MOST_OTHERS = 2


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
        files = tamper(target)
        if not files:
            continue
        patched = written(bench.store, bench.base, files)
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
