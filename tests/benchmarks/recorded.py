"""Does the gate tell the right from the wrong patches of a real agent?

    python tests/benchmarks/recorded.py --instances FILE.jsonl --trajectories DIR
        --repositories DIR --environments DIR [--pythons DIR] [--uv PROGRAM] [--only NAME ...]

FILE holds issues whose ``recorded_patch_resolved`` says whether the patch that an agent submitted,
in DIR/ID.json.gz, solved the issue by the official tests. The tests that fail with the issue's test
patch, and pass with its gold patch, are the reproduction.
"""

import argparse
import gzip
import json
import tempfile
from collections import Counter
from pathlib import Path

from gate import checker
from gate_instances import Environments, Instance, base_tree, read_instances

from agent.evidence.baseline import measure
from agent.evidence.gate import Verdict
from agent.evidence.trial import Trial
from tools.git import GitError, ObjectStore


def judged(
    instance: Instance, recorded: bytes, arguments: argparse.Namespace, store: ObjectStore
) -> Verdict | str:
    """The verdict on a recorded patch, or why the issue cannot be used here."""
    repository = arguments.repositories / FORKS.get(instance.folder, instance.folder)
    base = base_tree(store, repository, instance.commit)
    environments = Environments(arguments.environments, arguments.pythons, arguments.uv)
    check = checker(instance, environments.of(instance, store, base), store, base)
    tests_base = store.apply(base, instance.tests)
    baseline = measure(lambda tests: check(tests_base, tests))
    gold = check(store.apply(store.apply(base, instance.gold), instance.tests))
    repaired = {case.name for case in gold.passed}
    tests = [case.name for case in baseline.failing if case.name in repaired]
    if not tests:
        return f"no test fails and is repaired by the gold patch: {gold.output[-200:]}"
    try:
        patched = store.apply(base, recorded)
    except GitError as error:
        return f"the recorded patch does not apply: {error}"
    trial = Trial(
        store,
        check,
        base=tests_base,
        tests=tests,
        test_files=instance.test_files,
        baseline=baseline,
    )
    return trial.judge(base, patched)


FORKS = {"django__django": "csirmazbendeguz__django"}
"""Repositories that hold every base commit where the original's snapshot does not."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=Path, required=True)
    parser.add_argument("--trajectories", type=Path, required=True)
    parser.add_argument("--repositories", type=Path, required=True)
    parser.add_argument("--environments", type=Path, required=True)
    parser.add_argument("--pythons", type=Path, default=Path.home() / ".pyenv" / "versions")
    parser.add_argument("--uv", default="uv")
    parser.add_argument("--only", nargs="+", default=[])
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.instances.read_text().splitlines() if line]
    right = {row["instance_id"]: row["recorded_patch_resolved"] for row in rows}
    said: Counter[str] = Counter()
    for instance in read_instances(arguments.instances):
        if arguments.only and not instance.name.startswith(tuple(arguments.only)):
            continue
        path = arguments.trajectories / f"{instance.name}.json.gz"
        recorded = json.loads(gzip.decompress(path.read_bytes()))["submission"].encode()
        with tempfile.TemporaryDirectory() as folder:
            try:
                verdict = judged(instance, recorded, arguments, ObjectStore(Path(folder)))
            except Exception as error:  # noqa: BLE001 - one bad environment shall not end it all
                verdict = f"{type(error).__name__}: {getattr(error, 'stderr', '') or error}"[-300:]
        kind = "right" if right[instance.name] else "wrong"
        if isinstance(verdict, str):
            outcome, why = "left out", verdict
        else:
            outcome = "proven" if verdict.proven else "not proven"
            why = "; ".join([*verdict.objections[:2], *(flag.text for flag in verdict.flags)])
        said[f"{kind} patches {outcome}"] += 1
        print(f"{instance.name}: {kind}, {outcome}: {' '.join(why.split())[:300]}", flush=True)
    print(dict(said))


if __name__ == "__main__":
    main()
