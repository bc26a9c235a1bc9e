"""Runs every test framework that is installed here over its sample, and says what it cost.

    python tests/benchmarks/frameworks.py [--record] [NAME ...]

For each: the tests told of, whether all were told of as they ended, the seconds of a run with our
reporter and of the same command without. ``--record`` also keeps the real reports, with the paths
of this machine taken out, for the tests that run everywhere.
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS.parent), str(TESTS)]

from doubles.local_box import LocalBox  # noqa: E402
from samples.checks.shape import SAMPLES_FOLDER, Sample  # noqa: E402
from samples.checks.table import SAMPLES  # noqa: E402
from tools.checks import run  # noqa: E402
from tools.checks.base import Outputs, Report, Request  # noqa: E402

RECORDED = SAMPLES_FOLDER / "recorded"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--record", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    print(f"{'framework':<12} {'tests':>5}  {'as expected':<11} {'reported':>9} {'plain':>7}")
    for sample in SAMPLES:
        if arguments.names and sample.framework not in arguments.names:
            continue
        absent = sample.missing()
        if absent:
            print(f"{sample.framework:<12} {absent}")
        else:
            measure(sample, record=arguments.record)


def measure(sample: Sample, *, record: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        box = make_box(sample, Path(folder))
        plain = seconds_of(box, sample)
        report, outputs = observed(box, sample)
        told = {case.name: case.outcome.value for case in report.cases}
        right = told == {name: outcome for name, (outcome, _) in sample.expected.items()}
        print(
            f"{sample.framework:<12} {len(told):>5}  {'yes' if right else 'NO':<11}"
            f" {report.seconds:>8.2f}s {plain:>6.2f}s"
        )
        if record:
            keep(sample, outputs, box)


def make_box(sample: Sample, folder: Path) -> LocalBox:
    root = folder / "repository"
    shutil.copytree(SAMPLES_FOLDER / sample.folder, root)
    sample.prepare(root)
    (folder / "scratch").mkdir()
    box = LocalBox(root, folder / "scratch", Path(sys.executable))
    box.environment = {**box.environment, **sample.environment(folder)}
    return box


def seconds_of(box: LocalBox, sample: Sample) -> float:
    """The second of two runs: the first may compile."""
    for _ in range(2):
        started = time.monotonic()
        box.shell(f"exec 2>&1\n{sample.line}", timeout=600)
        taken = time.monotonic() - started
    return taken


def observed(box: LocalBox, sample: Sample) -> tuple[Report, Outputs]:
    """A run's report, and the files that it was read from."""
    kept: list[Outputs] = []
    collected = run.collected

    def keeping(data: bytes, boundary: str, printed: str) -> Outputs:
        kept.append(collected(data, boundary, printed))
        return kept[-1]

    run.collected = keeping
    try:
        return run.run_checks(box, Request(sample.line)), kept[-1]
    finally:
        run.collected = collected


def keep(sample: Sample, outputs: Outputs, box: LocalBox) -> None:
    def portable(text: str) -> str:
        text = text.replace(str(box.root), "/workspace").replace(str(box.scratch), "/scratch")
        for folder in (TESTS.parent, Path(sys.base_prefix), Path.home()):
            text = text.replace(str(folder), "/opt")
        # Surefire's tell all about the machine.
        text = re.sub(r"<properties>.*?</properties>", "", text, flags=re.DOTALL)
        return re.sub(r'hostname="[^"]*"', 'hostname=""', text)

    RECORDED.mkdir(exist_ok=True)
    values = {
        "root": "/workspace",
        "printed": "",
        "files": {portable(path): portable(text) for path, text in outputs.files.items()},
    }
    file = RECORDED / f"{sample.folder}.json"
    file.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
