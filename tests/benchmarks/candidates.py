"""How many changes a second are tried together, and how many by a cold test run each?

    python tests/benchmarks/candidates.py PATH [--only NAME ...] [--count 100] [--cold 10]

PATH is a checkout of https://github.com/jkoppel/QuixBugs. The changes are those that the embedded
model would try first on all statements of a program; both ways run the same tests in the same box,
up to the first that fails, and where both have tried a change, their verdicts are compared.
Seconds of the clock; changes that run into the limit for a test are counted apart, as they cost
that limit either way.
"""

import argparse
import ast
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

from quixbugs import make_repository, programs

from agent.model.embedded.candidates import Candidate, candidates
from agent.model.embedded.scopes import scopes_of
from agent.model.embedded.site import Site
from agent.model.embedded.spans import Source, step
from sandbox.base import Limits
from sandbox.choose import strongest
from tools.checks.base import Report, Request
from tools.checks.run import run_checks
from tools.checks.trials import Change, passed, try_changes
from tools.git import ObjectStore
from tools.workspace import Workspace

DEFAULT = ["gcd", "bucketsort", "get_factors", "kth", "mergesort", "next_permutation"]
SECONDS_PER_TEST = 1.0


@dataclass
class Figures:
    """Of one program, or of all."""

    tried: int = 0
    seconds: float = 0.0
    """Of the calls that tried changes together, their start included."""
    alone: int = 0
    alone_seconds: float = 0.0
    slow: int = 0
    """Changes that ran into the limit, in neither figure."""
    work: float = 0.0
    """Processor seconds of the calls, where they can be told: without a sandbox."""
    alone_work: float = 0.0
    differ: int = 0

    def add(self, other: "Figures") -> None:
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def line(self) -> str:
        together = self.tried / self.seconds if self.seconds else 0.0
        alone = self.alone / self.alone_seconds if self.alone_seconds else 0.0
        ratio = together / alone if alone else 0.0
        line = (
            f"{self.tried:5} together {together:6.1f}/s  {self.alone:4} alone {alone:5.2f}/s"
            f"  {ratio:5.1f} x  {self.slow:3} slow  {self.differ} of {self.alone} verdicts differ"
        )
        if not self.work or not self.alone_work:
            return line
        works = self.work / max(1, self.tried), self.alone_work / max(1, self.alone)
        return f"{line}  processor {works[1] / works[0]:5.1f} x"


def work() -> float:
    """Processor seconds of the processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def pool(path: str, text: str) -> Iterator[Candidate]:
    source = Source(path, text)
    sites = [
        Site(source, scope, statement)
        for scope in scopes_of(source).values()
        if not isinstance(scope.holder, ast.Module)
        for statement in scope.statements
    ]
    return candidates(sites, frozenset())


def verdict(report: Report) -> tuple[bool, list[tuple[str, str]]]:
    return passed(report), [(case.name, case.outcome) for case in report.cases]


def is_slow(report: Report) -> bool:
    return report.timed_out or any("limit for one test" in c.message for c in report.broken)


def measure(box: Workspace, name: str, text: str, count: int, cold: int) -> Figures:
    path = f"python_programs/{name}.py"
    request = Request(
        f"python3 -m pytest python_testcases/test_{name}.py",
        tests=[f"python_testcases/test_{name}.py"],
        stop_early=True,
        seconds_per_test=SECONDS_PER_TEST,
    )
    found = list(islice(pool(path, text), count))
    changes = [Change(path, *step(text, candidate.text)) for candidate in found]
    started, used = time.monotonic(), work()
    together = try_changes(box, request, changes, seconds=300, each=30)
    figures = Figures(seconds=time.monotonic() - started, work=work() - used)
    if together.problem:
        sys.exit(f"{name}: {together.problem}")
    reports = [report for report in together.reports if report is not None]
    slow = [report for report in reports if is_slow(report)]
    figures.slow = len(slow)
    figures.tried = len(reports) - len(slow)
    figures.seconds -= sum(report.seconds for report in slow)
    pairs = [
        (candidate, report)
        for candidate, report in zip(found, together.reports, strict=True)
        if report is not None and not is_slow(report)
    ]
    for candidate, report in pairs[:: max(1, len(pairs) // max(1, cold))][:cold]:
        box.put(PurePosixPath(path), candidate.text.encode())
        started, used = time.monotonic(), work()
        alone = run_checks(box, replace(request, timeout=60))
        figures.alone_seconds += time.monotonic() - started
        figures.alone_work += work() - used
        figures.alone += 1
        figures.differ += verdict(report) != verdict(alone)
    box.put(PurePosixPath(path), text.encode())
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path, metavar="PATH", help="a checkout of QuixBugs")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these programs, or 'all'")
    parser.add_argument("--count", type=int, default=100, help="changes of a program (100)")
    parser.add_argument("--cold", type=int, default=10, help="of them by cold runs too (10)")
    parser.add_argument("--sandbox", default="auto", help="as for patchwright fix")
    arguments = parser.parse_args()
    names = arguments.only or DEFAULT
    names = programs(arguments.checkout) if names == ["all"] else names
    provider = strongest(
        arguments.sandbox, image="patchwright-sandbox:latest", toolchains=[Path(sys.prefix)]
    ).provider
    total = Figures()
    with tempfile.TemporaryDirectory() as folder:
        repository = Path(folder, "repository")
        repository.mkdir()
        make_repository(arguments.checkout, repository)
        store = ObjectStore(Path(folder, "store"))
        _, tree = store.fetch(repository)
        with Workspace.open(provider.start(Limits(), run="candidates"), store, tree) as box:
            for name in names:
                text = (repository / f"python_programs/{name}.py").read_text()
                figures = measure(box, name, text, arguments.count, arguments.cold)
                print(f"{name:28} {figures.line()}", flush=True)
                total.add(figures)
    print(f"\n{'all, sandbox ' + provider.name:28} {total.line()}")


if __name__ == "__main__":
    main()
