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
from pathlib import Path
from typing import Any

from gate_bench import ready
from gate_instances import Instance, read_instances
from gate_wrong import tampered, wrong_patches

from tools.git import ObjectStore

USED = (
    *("marshmallow-code/marshmallow", "pydicom/pydicom"),
    *("pylint-dev/astroid", "sqlfluff/sqlfluff"),
)


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
