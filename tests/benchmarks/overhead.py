"""What does the gate cost besides the tests that it runs?

    python tests/benchmarks/overhead.py --instances FILE.jsonl --repositories DIR --environments DIR
        [--pythons DIR] [--uv PROGRAM] [--only NAME ...] [--limit N] [--verdicts N]

The gold patches of real issues (see gate.py) are judged, each several times: the first verdict
runs the reproduction on the base too, later ones use what was seen there, as the candidates of a
run do. Told are seconds by the clock, less those of the test commands, and processor seconds of
this process and of what it starts outside of boxes: git, and the removal of boxes' files.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from gate import USED, parser, wanted
from gate_bench import Bench, ready
from gate_instances import read_instances

from tools.git import ObjectStore


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one verdict: seconds by the clock, and of processors."""

    wall: float
    processor: float
    testing: float


def costs(bench: Bench, verdicts: int) -> Iterator[Cost]:
    """The cost of each of so many verdicts on the gold patch."""
    for _ in range(verdicts):
        before = _processor()
        verdict = bench.judged("gold", "gold", bench.gold)
        yield Cost(
            verdict.seconds - verdict.seconds_testing,
            _processor() - before,
            verdict.seconds_testing,
        )


def _processor() -> float:
    """Processor seconds of this process, and of those that it has waited for.

    What runs in a box is not among them: the box's own first process waits for that.
    """
    children = getrusage(RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def line(name: str, these: Sequence[Cost]) -> str:
    """A line of the table: medians."""
    wall, processor, testing = (
        statistics.median(getattr(cost, part) for cost in these)
        for part in ("wall", "processor", "testing")
    )
    return (
        f"{name:36} {wall:6.2f} s  processor {processor:5.2f} s  beside tests of {testing:6.1f} s"
    )


def main() -> None:
    options = parser(__doc__.splitlines()[0])
    options.add_argument("--verdicts", type=int, default=3, help="on each patch")
    arguments = options.parse_args()
    everything = [i for i in read_instances(arguments.instances) if i.repository in USED]
    first, later = [], []
    for instance in wanted(everything, arguments):
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            bench = ready(instance, arguments, ObjectStore(Path(folder)), stack)
            if isinstance(bench, str):
                print(f"{instance.name}: left out: {bench}")
                continue
            these = list(costs(bench, arguments.verdicts))
        first.append(these[0])
        later += these[1:]
        print(line(instance.name, these[1:]), flush=True)
    print(line("first verdicts, runs on the base too", first))
    print(line("each further candidate", later))


if __name__ == "__main__":
    main()
