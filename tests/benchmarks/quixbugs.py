"""How many of the 40 Python programs of QuixBugs does `patchwright fix` repair, with proof?

    python tests/benchmarks/quixbugs.py PATH [--only NAME ...] [--json]

PATH is a checkout of https://github.com/jkoppel/QuixBugs (Lin et al., "QuixBugs: A Multi-lingual
Program Repair Benchmark Set Based on the Quixey Challenge", SPLASH 2017). Each program gets a fresh
repository with the buggy programs, their tests and test data; the corrected versions are left out.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDERS = ("python_programs", "python_testcases", "json_testcases")
ISSUE = """{name} gives wrong results

The function `{name}` in python_programs/{name}.py does not do what its documentation says.
Its tests in python_testcases/test_{name}.py fail.
"""


def programs(checkout: Path) -> list[str]:
    tests = sorted((checkout / "python_testcases").glob("test_*.py"))
    return [path.stem.removeprefix("test_") for path in tests]


def make_repository(checkout: Path, target: Path) -> None:
    for folder in FOLDERS:
        shutil.copytree(
            checkout / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(checkout / "conftest.py", target)
    for command in (
        ["init", "--quiet"],
        ["add", "--all"],
        ["-c", "user.name=b", "-c", "user.email=b@localhost", "commit", "--quiet", "-m", "buggy"],
    ):
        subprocess.run(["git", *command], cwd=target, check=True)


def repair(checkout: Path, name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        repository, runs = Path(folder, "repository"), Path(folder, "runs")
        repository.mkdir()
        make_repository(checkout, repository)
        command = [
            str(Path(sys.executable).with_name("patchwright")), "fix", str(repository),
            "--issue", ISSUE.format(name=name), "--model", "embedded",
            "--test", f"python3 -m pytest python_testcases/test_{name}.py",
            "--test-seconds", "2", "--minutes", str(arguments.minutes), "--steps", "1000",
            "--sandbox", arguments.sandbox, "--runs", str(runs), "--json",
        ]  # fmt: skip
        started = time.monotonic()
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        seconds = time.monotonic() - started
        patch = "".join(path.read_text() for path in runs.glob("*/patch.diff"))
        return {
            "program": name,
            "exit_code": done.returncode,
            "proven": done.returncode == 0,
            "seconds": round(seconds, 1),
            **told(done.stdout),
            "patch": patch if done.returncode == 0 else "",
            "error": done.stderr[-300:] if done.returncode not in (0, 1) else "",
        }


def told(output: str) -> dict[str, Any]:
    """What the run's own events say: turns, candidates tried, sandbox, reason."""
    events = [json.loads(line)["event"] for line in output.splitlines()]
    tried = sum(event["kind"] == "called" and event["name"] == "edit" for event in events)
    return {
        "turns": sum(event["kind"] == "replied" for event in events),
        "edits": tried,
        "sandbox": next((e["sandbox"] for e in events if e["kind"] == "prepared"), ""),
        "reason": next((e["reason"] for e in events if e["kind"] == "ended"), ""),
    }


def results(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for name in arguments.only or programs(arguments.checkout):
        result = repair(arguments.checkout, name, arguments)
        if arguments.json:
            print(json.dumps(result), flush=True)
        else:
            outcome = "proven" if result["proven"] else f"not proven ({result['exit_code']})"
            print(
                f"{name:32} {outcome:16} {result['seconds']:6.1f} s {result['turns']:4} turns"
                f" {result['edits']:5} edits  {result['error'] or result['reason']}",
                flush=True,
            )
        yield result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path, metavar="PATH", help="a checkout of QuixBugs")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these programs")
    parser.add_argument("--json", action="store_true", help="one JSON object a program")
    parser.add_argument("--minutes", type=float, default=1.75, help="budget of a program (1.75)")
    parser.add_argument("--sandbox", default="auto", help="as for patchwright fix")
    arguments = parser.parse_args()
    if not (arguments.checkout / "python_testcases").is_dir():
        parser.error(f"{arguments.checkout} is no checkout of QuixBugs")
    done = list(results(arguments))
    proven = [result for result in done if result["proven"]]
    if not arguments.json and done:
        seconds = statistics.median(result["seconds"] for result in done)
        print(f"\n{len(proven)} of {len(done)} proven; median {seconds:.1f} s", end="")
        print(f", longest {max(result['seconds'] for result in done):.1f} s")


if __name__ == "__main__":
    main()
