"""How near do several candidates side by side come to what the processors can do?

    python tests/benchmarks/fan_out.py [--candidates 8] [--parallel 2] [--seconds 2]
        [--sandbox docker] [--right 8]

A whole run with a scripted model in real boxes: each candidate changes a function and hands its
work over, and each is judged, also when one is proven. The suite keeps a processor busy for some
seconds; only the right change gets as far as to be tried on all of it. The candidates are carried
out one after the other first and then side by side. Told are two ratios:

- to the time of one after the other, divided by how many go at once. Boxes start and end beside the
  tests there too, so more than one processor is already at work, and not all of that time can be
  divided.
- to the processor seconds that everything in the run side by side took (this program, git, the
  engine, the boxes), divided by how many go at once, or by the processors where these are fewer:
  nothing that does this work can take less time. What the accounting misses, and what the kernel
  does on its own account, makes this bound lower than it is.

Both want a machine that does nothing else.
"""

import argparse
import os
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from processor_time import ProcessorTime

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
    """What went by between the beginning of the first candidate and the end of the last."""

    def __init__(self) -> None:
        self.took = ProcessorTime()
        # Taken by the first of several that begin at once, and kept.
        self._begun = threading.Lock()

    def __call__(self, entry: Entry) -> None:
        match entry.event:
            case Entered(step="attempt") if self._begun.acquire(blocking=False):
                self.took.__enter__()
            case Entered(step="select"):
                self.took.__exit__()


def another(right: int, number: int) -> Model:
    """The model of one candidate: what it says is the right change for one of them only."""
    text = RIGHT if number == right else f"    return sum(values) / {number + 3}\n"
    change = {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": text}
    lines = [calls(("edit", change)), submit(f"candidate {number}")]
    return ScriptedModel([*lines, submit("no more", solved=False)])


def carried_out(arguments: argparse.Namespace, provider: Provider, parallel: int) -> ProcessorTime:
    """What all candidates took, so many of them at once.

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
        return watch.took


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
    half = alone.elapsed / arguments.parallel
    bound = beside.seconds / min(arguments.parallel, os.cpu_count() or 1)
    print(f"{provider.name}: {arguments.candidates} candidates")
    for how, took in (("one after the other", alone), (f"{arguments.parallel} at once", beside)):
        print(f"{how}: {took.elapsed:.1f} s, {took.seconds:.1f} s of processors")
    print(f"{beside.elapsed / half:.2f} x one after the other by {arguments.parallel}")
    print(f"{beside.elapsed / bound:.2f} x what the processors need at least")


if __name__ == "__main__":
    main()
