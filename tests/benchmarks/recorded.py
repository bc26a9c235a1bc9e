"""Does the gate tell the right from the wrong patches of a real agent?

    python tests/benchmarks/recorded.py --instances FILE.jsonl --trajectories DIR
        --repositories DIR --environments DIR [--pythons DIR] [--uv PROGRAM] [--only NAME ...]
        [--reproduction official|own] [--minutes N] [--results FILE.jsonl]

FILE holds issues whose ``recorded_patch_resolved`` says whether the patch that an agent submitted,
in DIR/ID.json.gz, solved the issue by the official tests. The suite is the files that the issue's
test patch is about. The reproduction is

- ``official``: the tests that fail with the issue's test patch, and pass with its gold patch;
- ``own``: the scripts that the agent wrote to see the bug, as it left them last; each is run by its
  exit code, and counts where the gate accepts it: it fails on the base, and not by its own mistake.

What is in the results already is not done again, so a run can be continued.
"""

import argparse
import gzip
import json
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gate_bench import checker
from gate_instances import Environments, Instance, built_tree, read_instances

from agent.evidence.baseline import Baseline, measure
from agent.evidence.checker import Checker
from agent.evidence.gate import Verdict, outcome_of
from agent.evidence.reproduction import accept
from agent.evidence.trial import Trial
from tools.checks.base import Outcome, Report
from tools.git import GitError, ObjectStore

FORKS = {"django__django": "csirmazbendeguz__django"}
"""Repositories that hold every base commit where the original's snapshot does not."""

_WRITTEN = re.compile(
    r"^cat\s*(?:<<-?\s*['\"]?(?P<end>\w+)['\"]?\s*>\s*(?P<path>\S+)|"
    r">\s*(?P<path2>\S+)\s*<<-?\s*['\"]?(?P<end2>\w+)['\"]?)[^\n]*\n"
    r"(?P<text>.*?)\n(?:(?P=end)|(?P=end2))$",
    re.MULTILINE | re.DOTALL,
)
_SHOWS_THE_BUG = re.compile(r"^(test_)?repro\w*\.py$")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What an agent did on an issue."""

    patch: bytes
    scripts: dict[str, str]
    """Those by which it wanted to see the bug, as it left them: name to text."""


def read(path: Path) -> Recorded:
    """A recorded conversation."""
    record = json.loads(gzip.decompress(path.read_bytes()))
    scripts: dict[str, str] = {}
    for message in record["messages"]:
        if message["role"] != "assistant":
            continue
        for match in _WRITTEN.finditer(message["content"]):
            name = (match["path"] or match["path2"]).strip("'\"")
            if _SHOWS_THE_BUG.match(name):
                scripts[name] = match["text"] + "\n"
    return Recorded(record["submission"].encode(), scripts)


@dataclass(frozen=True, slots=True)
class Case:
    """One issue with an agent's patch, ready to be judged."""

    instance: Instance
    recorded: Recorded
    store: ObjectStore
    check: Checker
    base: str
    patched: str

    def by_official_tests(self) -> Verdict | str:
        """The verdict with the official tests as reproduction, or why there is none."""
        base = self.store.apply(self.base, self.instance.tests)
        baseline = measure(lambda tests: self.check(base, tests))
        gold = self.check(
            self.store.apply(self.store.apply(self.base, self.instance.gold), self.instance.tests)
        )
        tests = [
            case.name
            for case in gold.passed
            if case.name not in baseline.unstable
            and outcome_of(baseline.report, case.name) in (Outcome.FAILED, Outcome.ERROR)
        ]
        if not tests:
            return f"no test fails and is repaired by the gold patch: {gold.output[-200:]}"
        trial = Trial(
            self.store,
            self.check,
            base=base,
            tests=tests,
            test_files=self.instance.test_files,
            baseline=baseline,
        )
        return trial.judge(self.base, self.patched)

    def by_own_scripts(self) -> Verdict | str:
        """The verdict with the agent's own scripts as reproduction, or why there is none."""
        base = self.base
        for name, text in self.recorded.scripts.items():
            base = self.store.with_file(base, name, text.encode())
        suite = Suite(self.check, tuple(self.recorded.scripts))
        runs = [suite(base, list(suite.commands)) for _ in range(2)]
        acceptance = accept(runs, (), self.instance.issue, {})
        tests = [case.name for case in acceptance.accepted]
        if not tests:
            passed = [case.name for case in runs[0].passed]
            mute = [f"{len(passed)} of {len(suite.commands)} scripts do not fail on the base"]
            return "; ".join([*mute, *acceptance.reasons])
        trial = Trial(
            self.store,
            Suite(self.check, tuple(tests)),
            base=base,
            tests=tests,
            test_files=[],
            baseline=self._baseline_of(base),
        )
        return trial.judge(self.base, self.patched)

    def _baseline_of(self, base: str) -> Baseline:
        return measure(lambda tests: self.check(base, tests))


class Suite:
    """The tests of a repository and, beside them, scripts that pass when they exit with 0."""

    def __init__(self, check: Checker, scripts: Sequence[str]) -> None:
        self._check = check
        prefix = check.command.partition(" python ")[0]
        names = [script.rpartition(" ")[2] for script in scripts]
        self.commands = {f"{prefix} python {name}": name for name in names}

    def __call__(self, tree: str, tests: Sequence[str]) -> Report:
        """The report of some scripts and tests, or of all."""
        reports = [
            replace(self._check, command=command)(tree)
            for command in self.commands
            if not tests or command in tests
        ]
        others = [test for test in tests if test not in self.commands]
        if others or not tests:
            reports.append(self._check(tree, others))
        return reports[-1].model_copy(
            update={
                "cases": [case for report in reports for case in report.cases],
                "seconds": sum(report.seconds for report in reports),
                "timed_out": any(report.timed_out for report in reports),
            }
        )


def judged(instance: Instance, recorded: Recorded, arguments: argparse.Namespace) -> Verdict | str:
    """The verdict on a recorded patch, or why there is none."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        store = ObjectStore(Path(folder))
        repository = arguments.repositories / FORKS.get(instance.folder, instance.folder)
        base = built_tree(store, repository, instance)
        environments = Environments(arguments.environments, arguments.pythons, arguments.uv)
        environment = environments.of(instance, store, base)
        own = arguments.reproduction == "own"
        if own:
            there = {entry.path for entry in store.entries(base)}
            instance = replace(instance, tests=_about(instance, there))
        check = replace(checker(instance, environment, store, base), timeout=arguments.minutes * 60)
        stack.enter_context(check.boxes)
        stack.enter_context(check.boxes.hurrying())
        try:
            patched = store.apply(base, recorded.patch)
        except GitError as error:
            return f"the recorded patch does not apply: {error}"
        case = Case(instance, recorded, store, check, base, patched)
        if not own:
            return case.by_official_tests()
        return case.by_own_scripts() if recorded.scripts else "it wrote no script to see the bug"


def _about(instance: Instance, there: set[str]) -> bytes:
    """Which files the tests are in, as the heads of a diff, without those that are new."""
    files = [path for path in instance.changed_tests if path in there]
    return "".join(f"diff --git a/{path} b/{path}\n" for path in files).encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=Path, required=True)
    parser.add_argument("--trajectories", type=Path, required=True)
    parser.add_argument("--repositories", type=Path, required=True)
    parser.add_argument("--environments", type=Path, required=True)
    parser.add_argument("--pythons", type=Path, default=Path.home() / ".pyenv" / "versions")
    parser.add_argument("--uv", default="uv")
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--reproduction", choices=["official", "own"], default="official")
    parser.add_argument("--minutes", type=float, default=5.0, help="until a test command is ended")
    parser.add_argument("--results", type=Path, help="one JSON object a line; what is there stays")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.instances.read_text().splitlines() if line]
    right = {row["instance_id"]: row["recorded_patch_resolved"] for row in rows}
    results = _known(arguments)
    for instance in read_instances(arguments.instances):
        if arguments.only and not instance.name.startswith(tuple(arguments.only)):
            continue
        if instance.name not in results:
            recorded = read(arguments.trajectories / f"{instance.name}.json.gz")
            try:
                verdict = judged(instance, recorded, arguments)
            except Exception as error:  # noqa: BLE001 - one bad environment shall not end it all
                verdict = f"{type(error).__name__}: {getattr(error, 'stderr', '') or error}"[-900:]
            results[instance.name] = _result(instance.name, right[instance.name], verdict)
            _keep(arguments, results[instance.name])
        print(_line(results[instance.name]), flush=True)
    said = Counter(f"{row['kind']} patches {row['outcome']}" for row in results.values())
    print(dict(said))


def _result(name: str, right: bool, verdict: Verdict | str) -> dict[str, Any]:
    if isinstance(verdict, str):
        outcome, why, flags = "left out", [verdict], []
    else:
        outcome = "proven" if verdict.proven else "not proven"
        why = verdict.objections[:3]
        flags = [flag.text for flag in verdict.flags]
    kind = "right" if right else "wrong"
    return {"instance": name, "kind": kind, "outcome": outcome, "why": why, "flags": flags}


def _line(row: dict[str, Any]) -> str:
    words = " ".join("; ".join([*row["why"], *row["flags"]]).split())
    return f"{row['instance']}: {row['kind']}, {row['outcome']}: {words[:300]}"


def _known(arguments: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Results of this reproduction that were kept before."""
    if arguments.results is None or not arguments.results.exists():
        return {}
    rows = [json.loads(line) for line in arguments.results.read_text().splitlines() if line]
    return {r["instance"]: r for r in rows if r["reproduction"] == arguments.reproduction}


def _keep(arguments: argparse.Namespace, row: dict[str, Any]) -> None:
    if arguments.results is not None:
        with arguments.results.open("a") as file:
            file.write(json.dumps({**row, "reproduction": arguments.reproduction}) + "\n")


if __name__ == "__main__":
    main()
