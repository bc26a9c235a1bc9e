"""Does a suite with tests that fail at random lead the gate astray?

    python tests/benchmarks/flaky.py [--runs N] [--shaky N] [--sandbox KIND]

Each run measures the base anew and judges a right patch, one that leaves the bug, and one that
breaks another test, in real boxes. Besides the tests that speak for these, the suite has some that
fail one time in five, by the kernel's random numbers. Reported are right patches that were refused
and wrong ones that were proven.
"""

import argparse
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from agent.evidence.baseline import measure
from agent.evidence.checker import Checker
from agent.evidence.trial import Trial
from sandbox.base import Limits
from sandbox.boxes import Boxes
from sandbox.choose import strongest
from tools.git import ObjectStore

EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
PRODUCT = "half() { echo $(($1 / 3)); }\ndouble() { echo $(($1 * 2)); }\n"
PATCHES = {
    "right": PRODUCT.replace("/ 3", "/ 2"),
    "leaves the bug": PRODUCT.replace("/ 3", "/ 4"),
    "breaks another": PRODUCT.replace("/ 3", "/ 2").replace("* 2", "* 5"),
}
SUITE = """\
. ./product.sh
number=0
check() {
    number=$((number + 1))
    if "$@"; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}
is() { [ "$2" = "$3" ]; }
shaky() { [ "$(od -An -N1 -tu1 /dev/urandom)" -ge 51 ]; }
echo TAP version 13
check is half "$(half 4)" 2
check is double "$(double 4)" 8
for each in $(seq {shaky}); do check shaky "shaky-$each"; done
echo "1..$number"
"""


def judged(sandbox: str, shaky: int) -> Counter[str]:
    """One run: what was wrongly said, and how often a test was called flaky."""
    said: Counter[str] = Counter()
    suite = SUITE.replace("{shaky}", str(shaky))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        store = ObjectStore(Path(folder))
        store.put(b"")
        base = store.with_file(EMPTY, "product.sh", PRODUCT.encode())
        base = store.with_file(base, "tests/suite.sh", suite.encode())
        boxes = stack.enter_context(
            Boxes(partial(strongest(sandbox).provider.start, Limits(), run="flaky"))
        )
        check = Checker(store, boxes, "sh tests/suite.sh")
        baseline = measure(lambda tests: check(base, tests))
        trial = Trial(
            store,
            check,
            base=base,
            tests=["half"],
            test_files=["tests/suite.sh"],
            baseline=baseline,
        )
        for name, text in PATCHES.items():
            verdict = trial.judge(base, store.with_file(base, "product.sh", text.encode()))
            said["flaky named"] += len(verdict.flaky)
            if name == "right" and not verdict.proven:
                said["right refused"] += 1
                print(verdict.objections, flush=True)
            said["wrong proven"] += name != "right" and verdict.proven
        said["unstable on the base"] += len(baseline.unstable)
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--shaky", type=int, default=3, help="tests that fail one time in five")
    parser.add_argument("--sandbox", default="auto", help="as for patchwright fix")
    arguments = parser.parse_args()
    total: Counter[str] = Counter()
    for run in range(1, arguments.runs + 1):
        total += judged(arguments.sandbox, arguments.shaky)
        if run % 10 == 0:
            print(f"{run} runs: {dict(total)}", file=sys.stderr, flush=True)
    print(
        f"{arguments.runs} runs: {total['right refused']} right patches refused,"
        f" {total['wrong proven']} of {2 * arguments.runs} wrong ones proven;"
        f" {total['unstable on the base']} times a test was told unstable on the base,"
        f" {total['flaky named']} times on a patch"
    )


if __name__ == "__main__":
    main()
