"""How near do several candidates side by side come to what the processors can do?

    python tests/benchmarks/fan_out.py [--candidates 8] [--parallel 2] [--seconds 2]
        [--sandbox docker] [--right 8]

A whole run with a scripted model in real boxes: each candidate changes a function and hands its
work over, and each is judged, also when one is proven. The suite keeps a processor busy for some
seconds. The candidates are carried out one after the other first, which is the sum of the work, and
then side by side. The ideal is that sum divided by how many go at once; told is the ratio to it.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agent.config import load
from agent.events import Entered, Judged, Started
from agent.graph import run
from agent.journal import Entry, read_journal
from agent.model.base import Model
from agent.runs import RunFolder
from agent.wiring import open_kit
from doubles.repositories import RIGHT, WRONG, make_repository
from doubles.scripted_model import ScriptedModel, calls, submit
from sandbox.base import Provider
from sandbox.choose import NAMES, strongest

PRODUCT = f"def mean(values):\n{WRONG}"
SUITE = """\
import time

from calculator import mean


def test_mean():
    assert mean([1, 2, 3]) == 2


def test_long():
    ends = time.process_time() + {seconds}
    while time.process_time() < ends:
        pass
"""


class Watch:
    """When the candidates began and when all of them had ended."""

    def __init__(self) -> None:
        self._first = self._last = 0.0

    def __call__(self, entry: Entry) -> None:
        match entry.event:
            case Entered(step="attempt"):
                self._first = self._first or time.monotonic()
            case Entered(step="select"):
                self._last = time.monotonic()

    @property
    def seconds(self) -> float:
        """Between the two."""
        return self._last - self._first


def another(right: int, number: int) -> Model:
    """The model of one candidate: what it says is the right change for one of them only."""
    text = RIGHT if number == right else f"    return sum(values) / {number + 3}\n"
    change = {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": text}
    lines = [calls(("edit", change)), submit(f"candidate {number}")]
    return ScriptedModel([*lines, submit("no more", solved=False)])


def carried_out(arguments: argparse.Namespace, provider: Provider, parallel: int) -> float:
    """Seconds that all candidates took, so many of them at once.

    Raises:
        SystemExit: The proven one was not found.
    """
    with tempfile.TemporaryDirectory(prefix="fan-out-") as folder:
        suite = SUITE.format(seconds=arguments.seconds)
        files = {"calculator.py": PRODUCT, "test_calculator.py": suite}
        repository = make_repository(Path(folder) / "repository", files)
        settings = load(
            {
                "test": "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 python3 -m pytest",
                "candidates": arguments.candidates,
                "parallel": parallel,
                "every_candidate": True,
                "minimise": False,
            },
            environment={"HOME": folder},
        )
        started = Started(
            version="0",
            repository=str(repository),
            issue="The mean is one too large",
            from_dirty=False,
            settings={},
        )
        run_folder = RunFolder(Path(folder) / "runs" / "run")
        run_folder.path.mkdir(parents=True)
        watch = Watch()
        with open_kit(
            started, settings, run_folder, provider, ScriptedModel([]),
            another=lambda number: another(arguments.right, number), observers=(watch,),
        ) as kit:  # fmt: skip
            run(kit)
        events = [entry.event for entry in read_journal(run_folder.journal)]
        verdicts = {e.candidate: e.verdict.proven for e in events if isinstance(e, Judged)}
        wanted = {number: number == arguments.right for number in range(1, len(verdicts) + 1)}
        if verdicts != wanted or len(verdicts) != arguments.candidates:
            raise SystemExit(f"the verdicts are not those that should be: {verdicts}")
        return watch.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--candidates", type=int, default=8)
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2.0, help="that the suite keeps busy")
    parser.add_argument("--sandbox", choices=NAMES, default="auto")
    parser.add_argument("--right", type=int, default=8, help="which candidate's change is right")
    arguments = parser.parse_args()
    provider = strongest(arguments.sandbox).provider
    alone = carried_out(arguments, provider, 1)
    beside = carried_out(arguments, provider, arguments.parallel)
    ideal = alone / arguments.parallel
    print(
        f"{provider.name}: {arguments.candidates} candidates one after the other {alone:.1f} s,"
        f" {arguments.parallel} at once {beside:.1f} s: {beside / ideal:.2f} x the ideal"
    )


if __name__ == "__main__":
    main()
