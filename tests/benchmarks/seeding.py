"""The frame of measures that seed bugs into packages and have the embedded model repair them.

Bugs that fail no test, many tests or whole files are drawn anew, and so is one that was drawn
before. The repository that is repaired has one commit, so its history tells nothing of this bug or
of others. A repair that is proven and leaves the package as it was before, but for how it is
written, is told apart from one that is proven and different; of these it is said whether they do
the same as the package before on inputs near to those of its tests. One that does not has
overfitted.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from agent.model.embedded.spans import step
from sandbox.base import Limits, Provider
from sandbox.choose import strongest
from tools.checks.base import Report, Request
from tools.checks.compare import compare_changes
from tools.checks.run import run_checks
from tools.checks.trials import Change
from tools.git import ObjectStore
from tools.workspace import Workspace

SECONDS_PER_TEST = 10.0
COMPARED_SECONDS = 5.0
MOST_BROKEN = 12
DRAWS = 60

Seed = tuple[str, str, str, str]
"""What made the bug, the file's path, its text before and with the bug."""


class SuiteError(Exception):
    """A package whose tests do not run here, and what they printed."""


@dataclass(frozen=True)
class Package:
    """A package in a repository of its own, and how bugs are put into it."""

    repository: Path
    command: str
    seeds: Callable[[Random], Iterator[Seed]]
    form: Callable[[str, str], object]
    """What two texts of a file share that mean the same, by path and text."""


def unpacked(source: Path, folder: Path) -> Path:
    """A package, packed or in a folder, as a folder of its own under git."""
    target = folder / source.name
    if source.is_dir():
        ignored = shutil.ignore_patterns(".git", "__pycache__")
        shutil.copytree(source, target, symlinks=True, ignore=ignored)
    else:
        target.mkdir()
        with tarfile.open(source) as archive:
            archive.extractall(target, filter="data")
        inner = list(target.iterdir())
        target = inner[0] if len(inner) == 1 and inner[0].is_dir() else target
    git(target, "init", "--quiet")
    git(target, "commit", "--quiet", "--allow-empty", "--message", "as released")
    commit(target)
    return target


def git(repository: Path, *arguments: str) -> None:
    who = ["-c", "user.name=b", "-c", "user.email=b@localhost"]
    subprocess.run(["git", *who, *arguments], cwd=repository, check=True, capture_output=True)


def commit(repository: Path) -> None:
    """Make what is there the only commit: a history of bugs would tell how to repair them."""
    git(repository, "add", "--all", "--force")
    git(repository, "commit", "--quiet", "--allow-empty", "--amend", "--no-edit")


class Bench:
    """One package, its suite, and the bugs that are seeded into it."""

    def __init__(self, package: Package, provider: Provider, folder: Path, given: Any) -> None:
        self._package = package
        self._provider = provider
        self._folder = folder
        self._given = given
        self._base = self._tested()
        if not self._base.passed:
            raise SuiteError(f"{package.repository.name}: no test passes:\n{self._base.output}")
        self._broken_before = {case.name for case in self._base.broken}

    def bugs(self, count: int, after: int) -> Iterator[dict[str, Any]]:
        """Seed bugs one after the other and have each repaired; ``after`` so many draws."""
        name = self._package.repository.name
        made = 0
        drawn_before: set[tuple[str, str]] = set()
        for drawn, seed in enumerate(self._package.seeds(Random(f"{self._given.seed} {name}")), 1):
            if made == count or drawn > DRAWS * (count + after):
                return
            kind, path, before, text = seed
            again = (path, text) in drawn_before
            drawn_before.add((path, text))
            if drawn <= after or again:
                continue
            file = self._package.repository / path
            file.write_text(text, encoding="utf-8")
            commit(self._package.repository)
            broken = self._broken()
            if broken:
                made += 1
                told = {"package": name, "drawn": drawn, "path": path, "kind": kind}
                yield {**told, "bug": first_change(before, text), **self._repaired(seed, broken)}
            git(self._package.repository, "checkout", "--quiet", "--", ".")
            file.write_text(before, encoding="utf-8")
            commit(self._package.repository)

    def _tested(self) -> Report:
        """The suite as the repository is committed, in a box."""
        with self._box() as workspace:
            return run_checks(workspace, self._request())

    def _box(self) -> Workspace:
        store = ObjectStore(self._folder / "store")
        _, tree = store.fetch(self._package.repository)
        box = self._provider.start(Limits(), run="seeding")
        return Workspace.open(box, store, tree, tracked=False)

    def _request(self) -> Request:
        return Request(self._package.command, seconds_per_test=SECONDS_PER_TEST)

    def _broken(self) -> list[str]:
        """The tests that a bug breaks, if they are such as are wanted."""
        report = self._tested()
        broken = [case.name for case in report.broken if case.name not in self._broken_before]
        fit = len(broken) <= MOST_BROKEN and len(report.cases) == len(self._base.cases)
        return broken if fit else []

    def _repaired(self, seed: Seed, broken: list[str]) -> dict[str, Any]:
        _, path, before, text = seed
        runs = self._folder / "runs"
        shutil.rmtree(runs, ignore_errors=True)
        code, seconds, reason = self._repair(broken, runs)
        patch = "".join(file.read_text() for file in runs.glob("*/patch.diff"))
        told: dict[str, Any] = {
            "broken": len(broken), "proven": code == 0, "exit_code": code, "reason": reason,
            "seconds": round(seconds, 1), "same": False, "inputs": 0, "differs": "",
            "patch": patch if code == 0 else "",
        }  # fmt: skip
        if code == 0:
            root = self._package.repository
            subprocess.run(["git", "apply", "-"], cwd=root, input=patch, text=True, check=True)
            repaired = (root / path).read_text(encoding="utf-8")
            told["same"] = self._package.form(path, repaired) == self._package.form(path, before)
            if not told["same"]:
                told |= self._differs(path, text, before, repaired, broken)
        return told

    def _repair(self, broken: list[str], runs: Path) -> tuple[int, float, str]:
        """The exit code, the seconds it took and why it ended."""
        given = self._given
        command = [
            str(Path(sys.executable).with_name("patchwright")), "fix",
            str(self._package.repository), "--issue", "These tests fail:\n" + "\n".join(broken),
            "--model", "embedded", "--test", self._package.command, "--steps", "1000",
            "--test-seconds", str(SECONDS_PER_TEST), "--minutes", str(given.minutes),
            "--sandbox", given.sandbox, "--runs", str(runs), "--json",
            *(["--yes"] if given.sandbox == "none" else []),
        ]  # fmt: skip
        started = time.monotonic()
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        seconds = time.monotonic() - started
        events = [json.loads(line)["event"] for line in done.stdout.splitlines()]
        reasons = [event["reason"] for event in events if event["kind"] == "ended"]
        return done.returncode, seconds, reasons[-1] if reasons else done.stderr[-300:]

    def _differs(
        self, path: str, text: str, before: str, repaired: str, broken: list[str]
    ) -> dict[str, Any]:
        """On how many inputs a repair was compared with what was before, and where it differs."""
        steps = [step(text, after) for after in (before, repaired)]
        changes = [Change(path, *found) for found in steps if found is not None]
        with self._box() as workspace:
            found = compare_changes(
                workspace, self._request(), changes, broken, seconds=COMPARED_SECONDS
            )
        told = [f"{one.call}: {one.one_does}, not {one.other_does}" for one in found.differences]
        return {"inputs": found.inputs, "differs": " ".join(told)}


def first_change(before: str, after: str) -> str:
    """The first line that a bug changed, in a word."""
    old, new = before.split("\n"), after.split("\n")
    place = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), -1)
    return f"{place + 1}: {old[place].strip()} -> {new[place].strip()}"


def main(words: str, opened: Callable[[Path], Package]) -> None:
    """Seed and repair, as the command line asks, in packages that ``opened`` makes of folders."""
    parser = argparse.ArgumentParser(description=words.splitlines()[0])
    parser.add_argument("packages", type=Path, nargs="+", metavar="PACKAGE")
    parser.add_argument("--bugs", type=int, default=200, help="in all packages together (200)")
    parser.add_argument("--seed", type=int, default=1, help="of the random choices (1)")
    parser.add_argument("--minutes", type=float, default=2.0, help="budget of a bug (2)")
    parser.add_argument("--sandbox", default="auto", help="as for patchwright fix")
    parser.add_argument("--out", type=Path, help="one JSON line a bug; what is there is not redone")
    given = parser.parse_args()
    provider = strongest(
        given.sandbox, image="patchwright-sandbox:latest", toolchains=[Path(sys.prefix)]
    ).provider
    done = known(given.out)
    share = -(-given.bugs // len(given.packages))
    for package in given.packages:
        with tempfile.TemporaryDirectory() as name:
            repository = unpacked(package.resolve(), Path(name))
            mine = [bug for bug in done if bug["package"] == repository.name]
            wanted = min(share - len(mine), given.bugs - len(done))
            if wanted <= 0:
                continue
            folder = Path(name, "work")
            folder.mkdir()
            try:
                bench = Bench(opened(repository), provider, folder, given)
            except SuiteError as error:
                parser.error(str(error))
            for bug in bench.bugs(wanted, max((bug["drawn"] for bug in mine), default=0)):
                done.append(bug)
                told(bug, given.out)
    summary(done)


def known(out: Path | None) -> list[dict[str, Any]]:
    """The bugs that an earlier call has written down."""
    if out is None or not out.exists():
        return []
    return [json.loads(line) for line in out.read_text().splitlines()]


def told(bug: dict[str, Any], out: Path | None) -> None:
    """Show a bug without its patch, and write it down with it."""
    shown = {name: value for name, value in bug.items() if name != "patch"}
    print(json.dumps(shown), flush=True)
    if out is not None:
        with out.open("a") as file:
            file.write(json.dumps(bug) + "\n")


def summary(done: list[dict[str, Any]]) -> None:
    """How many were repaired, how, and how long it took."""
    if not done:
        return
    proven = [bug for bug in done if bug["proven"]]
    other = [bug for bug in proven if not bug["same"]]
    alike = sum(bug["inputs"] > 0 and not bug["differs"] for bug in other)
    overfit = sum(bool(bug["differs"]) for bug in other)
    print(
        f"\n{len(proven)} of {len(done)} proven: {len(proven) - len(other)} as before the bug,"
        f" {alike} written otherwise and equal on all inputs tried, {overfit} that differ on some,"
        f" {len(other) - alike - overfit} that could not be compared;"
        f" median {statistics.median(bug['seconds'] for bug in done):.1f} s"
    )
    every = Counter(bug["package"] for bug in done)
    mended = Counter(bug["package"] for bug in proven)
    print("by package:", {name: f"{mended[name]} of {count}" for name, count in every.items()})
    missed = Counter(bug["kind"] for bug in done if not bug["proven"])
    print("not repaired, by what made the bug:", dict(missed.most_common()))
