"""At which rank do Ochiai, D* and both together put the line that is wrong?

    python tests/benchmarks/suspicion.py --quixbugs PATH [--packages SDIST ... --bugs 20]

PATH is a checkout of QuixBugs as for ``quixbugs.py``, whose wrong lines are those that its
corrected programs have otherwise; SDISTs are packages as for ``seeded.py``, into which as many bugs
are put each. A rank is the middle one of all lines with the same score, the best of the wrong
lines counts, and bugs whose wrong line no failing test ran are left out.
"""

import argparse
import difflib
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from quixbugs import make_repository, programs
from seeded import opened
from seeding import MOST_BROKEN, unpacked

from doubles.local_box import LocalBox
from tools.checks.base import CoveredLine, Report, Request
from tools.checks.run import run_checks
from tools.checks.suspicious import dstar, ochiai

Score = Callable[[CoveredLine, int], float]

FORMULAS: dict[str, Score] = {
    "Ochiai": ochiai,
    "D*": dstar,
    "both": lambda line, failing: (ochiai(line, failing) * dstar(line, failing)) ** 0.5,
}


def changed(before: str, after: str) -> set[int]:
    """The lines of a text, from 1, that another has otherwise; beside a place of more, both."""
    matcher = difflib.SequenceMatcher(None, before.split("\n"), after.split("\n"), autojunk=False)
    found: set[int] = set()
    for kind, first, last, _, _ in matcher.get_opcodes():
        if kind != "equal":
            found.update(range(first + 1, last + 1) if last > first else (first, first + 1))
    return found


def rank(report: Report, path: str, wrong: set[int], score: Score) -> float | None:
    """The rank of the best wrong line, from 1; None when no failing test ran one."""
    failing = max([len(report.broken), *(line.failing for line in report.lines)])
    scores = {
        (line.path, line.line): score(line, failing) for line in report.lines if line.failing > 0
    }
    best = max((scores[path, line] for line in wrong if (path, line) in scores), default=None)
    if best is None:
        return None
    higher = sum(value > best + 1e-12 for value in scores.values())
    same = sum(abs(value - best) <= 1e-12 for value in scores.values())
    return higher + (same + 1) / 2


Bug = tuple[str, Report, str, set[int]]
"""Its name, a run with coverage, the file and the lines that are wrong."""


def of_quixbugs(checkout: Path, folder: Path) -> Iterator[Bug]:
    root = folder / "repository"
    root.mkdir()
    make_repository(checkout, root)
    box = LocalBox(root, folder, Path(sys.executable))
    for name in programs(checkout):
        path = f"python_programs/{name}.py"
        right = (checkout / f"correct_{path}").read_text()
        command = f"python3 -m pytest python_testcases/test_{name}.py"
        report = run_checks(box, Request(command, coverage=True, seconds_per_test=0.5))
        yield name, report, path, changed((root / path).read_text(), right)


def of_package(sdist: Path, folder: Path, count: int) -> Iterator[Bug]:
    package = opened(unpacked(sdist.resolve(), folder))
    root = package.repository
    box = LocalBox(root, folder, Path(sys.executable))
    base = run_checks(box, Request(package.command, seconds_per_test=5.0))
    before = {case.name for case in base.broken}
    for kind, path, right, text in package.seeds(Random(1)):
        if count == 0:
            return
        (root / path).write_text(text)
        asked = Request(package.command, coverage=True, seconds_per_test=5.0)
        report = run_checks(box, asked)
        (root / path).write_text(right)
        broken = [case for case in report.broken if case.name not in before]
        if 0 < len(broken) <= MOST_BROKEN and len(report.cases) == len(base.cases):
            count -= 1
            yield f"{root.name} {kind}", report, path, changed(text, right)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quixbugs", type=Path, metavar="PATH")
    parser.add_argument("--packages", type=Path, nargs="+", default=[], metavar="SDIST")
    parser.add_argument("--bugs", type=int, default=20, help="in each package (20)")
    given = parser.parse_args()
    ranks: dict[str, list[float]] = {name: [] for name in FORMULAS}
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name, str(n)) for n in range(1 + len(given.packages))]
        for folder in folders:
            folder.mkdir()
        sets = [of_quixbugs(given.quixbugs, folders[0])] if given.quixbugs else []
        pairs = zip(given.packages, folders[1:], strict=True)
        sets += [of_package(sdist, folder, given.bugs) for sdist, folder in pairs]
        for bug, report, path, wrong in (one for bugs in sets for one in bugs):
            found = [rank(report, path, wrong, score) for score in FORMULAS.values()]
            parts = {line.failing for line in report.lines if line.failing}
            print(
                f"{bug:40} {len(report.broken):3} failing, {len(parts)} counts  {found}", flush=True
            )
            for formula, place in zip(FORMULAS, found, strict=True):
                if place is not None:
                    ranks[formula].append(place)
    first = ranks["Ochiai"]
    for formula, places in ranks.items():
        better = sum(a < b for a, b in zip(places, first, strict=True))
        worse = sum(a > b for a, b in zip(places, first, strict=True))
        print(
            f"{formula:8} mean {statistics.mean(places):.2f} median {statistics.median(places):.1f}"
            f" of {len(places)}; than Ochiai's: {better} better, {worse} worse"
        )


if __name__ == "__main__":
    main()
