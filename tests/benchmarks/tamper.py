"""What does a look find in real repairs, and in tricks? Nothing is run.

    python tests/benchmarks/tamper.py --instances FILE.jsonl ... --repositories DIR [--show]

Every gold patch should pass the tamper guard without being refused; how many are shown to a reader
with a flag is what its caution costs. Every trick of gate_tampers.py, applied to the bases of the
Python issues, should be refused, left out or flagged.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from gate_instances import Instance, base_tree, read_instances
from gate_tampers import TAMPERS
from gate_wrong import target_of, written

from agent.evidence.candidate import take
from agent.evidence.finding import Action, Finding
from agent.evidence.tamper import screen
from tools.git import GitError, ObjectStore

Found = tuple[str, list[Finding], bool]
"""A patch's name, what was found in it, and whether anything of it is left to be judged."""


def looked(instance: Instance, repositories: Path, *, tricks: bool) -> Iterator[Found]:
    with tempfile.TemporaryDirectory() as folder:
        store = ObjectStore(Path(folder))
        base = base_tree(store, repositories / instance.folder.lower(), instance.commit)
        tests_base = store.apply(base, instance.tests)
        patched = {"gold": store.apply(base, instance.gold)}
        target = target_of(store, base, tests_base, instance, next(iter(instance.failing), ""))
        for tamper in TAMPERS if target and tricks else ():
            if files := tamper(target):
                patched[tamper.__name__] = written(store, base, files)
        for name, tree in patched.items():
            candidate = take(
                store,
                base,
                tree,
                tests_base,
                names=instance.failing,
                test_files=instance.changed_tests,
            )
            yield name, screen(candidate), bool(candidate.files)


def sort(findings: list[Finding], judged: bool) -> str:
    actions = {finding.action for finding in findings}
    if Action.REFUSED in actions:
        return "refused"
    if not judged:
        return "left out"
    return "flagged" if Action.FLAGGED in actions else "passed in silence"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=Path, nargs="+", required=True)
    parser.add_argument("--repositories", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="tell each finding in a gold patch")
    parser.add_argument("--every", type=int, default=4, help="tricks on each N-th issue (4)")
    arguments = parser.parse_args()
    for path in arguments.instances:
        gold: Counter[str] = Counter()
        rules: Counter[str] = Counter()
        tricks: Counter[str] = Counter()
        silent: Counter[str] = Counter()
        for number, instance in enumerate(read_instances(path)):
            tried = number % arguments.every == 0
            try:
                for name, findings, judged in looked(
                    instance, arguments.repositories, tricks=tried
                ):
                    how = sort(findings, judged)
                    if name != "gold":
                        tricks[how] += 1
                        if how == "passed in silence":
                            silent[name] += 1
                            print(f"{instance.name}: {name} passed in silence", flush=True)
                        continue
                    gold[how] += 1
                    rules.update({f"{f.action} {f.rule}" for f in findings})
                    for finding in findings if arguments.show else ():
                        what = f"{finding.action} {finding.rule} {finding.place}: {finding.text}"
                        print(f"{instance.name}: {what}")
            except GitError as error:
                print(f"{instance.name}: {error}", file=sys.stderr)
        print(f"{path.name}: gold patches {dict(gold)}")
        print(f"  by rule: {dict(rules.most_common())}")
        if tricks:
            print(f"  tricks: {dict(tricks)}; in silence: {dict(+silent)}")


if __name__ == "__main__":
    main()
