"""What a box costs beside plain ``docker run`` and ``docker exec``, in the same minutes.

    python tests/benchmarks/sandboxes.py [--rounds 20] [--json]

Medians in milliseconds of starting a box (probe included), of a command, of ending what a command
left behind, of a fresh box with a repository in it, and of removing one; and the memory by which
this process grows while a command prints 1 GB. Needs Docker with the sandbox's image; bubblewrap is
measured where it is there.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from doubles.repositories import CALCULATOR, make_repository
from sandbox.base import Limits, Provider, SandboxUnavailable
from sandbox.choose import strongest
from sandbox.docker import IMAGE
from tools.git import ObjectStore
from tools.workspace import Workspace

LIMITS = Limits()
FLOOD = 1 << 30


def timed(action: Callable[[], object]) -> float:
    """Milliseconds that it takes."""
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


def measure(provider: Provider, rounds: int, store: ObjectStore, tree: str) -> dict[str, float]:
    """Medians of one kind of sandbox."""
    start, verify, remove = [], [], []
    for _ in range(rounds):
        began = time.perf_counter()
        box = provider.start(LIMITS, run="benchmark")
        start.append((time.perf_counter() - began) * 1000)
        remove.append(timed(box.close))
        began = time.perf_counter()
        workspace = Workspace.open(
            provider.start(LIMITS, run="benchmark"), store, tree, tracked=False
        )
        verify.append((time.perf_counter() - began) * 1000)
        workspace.close()
    with provider.start(LIMITS, run="benchmark") as box:
        run = [timed(lambda: box.run(["true"], timeout=30)) for _ in range(rounds)]
        left = ["sh", "-c", "setsid sleep 1000 & sleep 1000 &"]
        reap = [timed(lambda: box.run(left, timeout=30)) for _ in range(rounds)]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        box.run(["head", "-c", str(FLOOD), "/dev/zero"], timeout=300)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    medians = {"start": start, "run": run, "run and reap": reap, "verify box": verify}
    return {
        **{name: statistics.median(times) for name, times in medians.items()},
        "remove": statistics.median(remove),
        "MB more at 1 GB of output": grown / 1024,
    }


def measure_plain(rounds: int) -> dict[str, float]:
    """Medians of the ``docker`` command with nothing of ours."""

    def docker(*words: str) -> str:
        command = ["docker", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    container = docker("run", "--detach", "--rm", IMAGE, "sleep", "3600")
    try:
        run = [timed(lambda: docker("exec", container, "true")) for _ in range(rounds)]
    finally:
        remove = timed(lambda: docker("rm", "--force", container))
    start = [timed(lambda: docker("run", "--rm", IMAGE, "true")) for _ in range(rounds)]
    return {"start": statistics.median(start), "run": statistics.median(run), "remove": remove}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        repository = make_repository(Path(folder) / "repository", CALCULATOR)
        store = ObjectStore(Path(folder) / "store")
        _, tree = store.fetch(repository)
        for kind in ("docker", "bubblewrap"):
            try:
                provider = strongest(kind).provider
            except SandboxUnavailable as error:
                print(error, file=sys.stderr)
            else:
                results[kind] = measure(provider, options.rounds, store, tree)
    results["docker run, docker exec"] = measure_plain(options.rounds)
    if options.json:
        print(json.dumps(results))
        return
    for kind, figures in results.items():
        print(kind, *(f"{name} {figure:.0f}" for name, figure in figures.items()), sep=" · ")


if __name__ == "__main__":
    main()
