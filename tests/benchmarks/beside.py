"""Three questions to our Docker box and to mini-swe-agent's Docker environment, on the same image.

    pip install mini-swe-agent                # into an environment of its own
    python tests/benchmarks/beside.py --python PYTHON-OF-THAT-ENVIRONMENT

How many of the probe's 16 checks hold; what is left of a command that was ended at its deadline;
and what becomes of a file whose first line is the phrase by which that agent ends.
"""

import argparse
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath

from sandbox.base import Completed, Limits, Output, Sandbox, SandboxUnavailable
from sandbox.choose import strongest
from sandbox.docker import IMAGE, _checks
from sandbox.probe import probe

PHRASE = "COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"
THEIRS = """
import sys
from minisweagent.environments.docker import DockerEnvironment
environment = DockerEnvironment(image=sys.argv[1], timeout=2)
print("==", environment.container_id, flush=True)
environment.execute({"command": "setsid sleep 4003 & sleep 4003"})
try:
    words = "printf '%s\\\\nanything at all\\\\n' " + sys.argv[2]
    environment.execute({"command": words})
    print("== is only output", flush=True)
except BaseException as ended:
    print("== ends the run as", type(ended).__name__, flush=True)
sys.stdin.read()
"""


class Container:
    """Commands in a container that another program has started, as that program runs them."""

    workspace = PurePosixPath("/")
    scratch = PurePosixPath("/tmp")

    def __init__(self, container: str) -> None:
        self._container = container

    def run(
        self, arguments: Sequence[str], *, stdin: bytes = b"", timeout: float, **_: object
    ) -> Completed:
        """One ``docker exec``."""
        command = ["docker", "exec", "--interactive", self._container, *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=timeout)
        return Completed(done.returncode, Output(done.stdout), Output(done.stderr), 0.0)


def held(box: "Sandbox | Container") -> tuple[int, list[str]]:
    """How many checks hold in a box, and what the others say."""
    missed = []
    checks = _checks(Limits(), podman=False)
    for check in checks:
        try:
            probe(box, [check])  # type: ignore[arg-type]
        except SandboxUnavailable as error:
            missed.append(str(error).partition(": ")[2].partition(". Nothing")[0])
    return len(checks) - len(missed), missed


def sleepers(run: Callable[[Sequence[str]], Completed]) -> int:
    """Processes that are left of the command that was ended."""
    look = "grep -alz '[4]003' /proc/[0-9]*/cmdline 2>/dev/null | wc -l"
    return int(run(["sh", "-c", look]).stdout.data)


@contextmanager
def theirs(python: str) -> Iterator[tuple[Container, str]]:
    """The other environment, after the command and the file; and what became of the file."""
    process = subprocess.Popen(
        [python, "-c", THEIRS, IMAGE, PHRASE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    # Its log comes over the same pipe.
    told = (line.removeprefix("== ").strip() for line in process.stdout if line.startswith("== "))
    container, file = next(told), next(told)
    try:
        yield Container(container), file
    finally:
        process.kill()
        process.wait()
        subprocess.run(["docker", "rm", "--force", container], capture_output=True)


def told(name: str, checks: tuple[int, list[str]], left: int, file: str) -> None:
    """One paragraph on one of the two."""
    print(f"{name}: {checks[0]} of {checks[0] + len(checks[1])} checks hold;", end=" ")
    print(f"{left} processes left after the deadline; a file with the phrase {file}")
    for line in checks[1]:
        print(f"    {line}")


def main() -> None:
    """Ask both, and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", required=True, help="an interpreter that has mini-swe-agent")
    options = parser.parse_args()
    with strongest("docker").provider.start(Limits(), run="beside") as box:
        box.run(["sh", "-c", "setsid sleep 4003 & sleep 4003"], timeout=2)
        left = sleepers(lambda words: box.run(words, timeout=20))
        said = box.run(["printf", "%s\\nanything at all\\n", PHRASE], timeout=20)
        file = "is only output" if said.stdout.data.decode().startswith(PHRASE) else "is lost"
        told("patchwright", held(box), left, file)
    with theirs(options.python) as (container, file):
        time.sleep(1)
        left = sleepers(lambda words: container.run(words, timeout=20))
        told("mini-swe-agent", held(container), left, file)


if __name__ == "__main__":
    main()
