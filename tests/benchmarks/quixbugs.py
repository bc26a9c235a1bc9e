"""How many of the 40 Python programs of QuixBugs does `patchwright fix` repair, with proof?

    python tests/benchmarks/quixbugs.py PATH [--only NAME ...] [--equal [INPUTS]] [--json]

PATH is a checkout of https://github.com/jkoppel/QuixBugs (Lin et al., "QuixBugs: A Multi-lingual
Program Repair Benchmark Set Based on the Quixey Challenge", SPLASH 2017). Each program gets a fresh
repository with the buggy programs, their tests and test data; the corrected versions are left out.
With --equal each proven repair is compared afterwards, by this program alone, with the corrected
version: on 1,000 random inputs, or as many as are asked for.
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
INPUTS = str(Path(__file__).with_name("quixbugs_inputs.py"))
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
            "--sandbox", arguments.sandbox, "--runs", str(runs), "--json", "--yes",
        ]  # fmt: skip
        started = time.monotonic()
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        seconds = time.monotonic() - started
        patch = "".join(path.read_text() for path in runs.glob("*/patch.diff"))
        proven = done.returncode == 0
        return {
            "program": name,
            "exit_code": done.returncode,
            "proven": proven,
            "seconds": round(seconds, 1),
            **told(done.stdout),
            "patch": patch if proven else "",
            **(compared(checkout, repository, name, patch, arguments.equal) if proven else {}),
            "error": done.stderr[-300:] if done.returncode not in (0, 1) else "",
        }


def compared(checkout: Path, repository: Path, name: str, patch: str, count: int) -> dict[str, Any]:
    """Whether the repaired program does on random inputs what the corrected one does."""
    if not count:
        return {}
    subprocess.run(["git", "apply", "-"], cwd=repository, input=patch, text=True, check=True)
    repaired = repository / f"python_programs/{name}.py"
    reference = checkout / f"correct_python_programs/{name}.py"
    done = subprocess.run(
        [sys.executable, INPUTS, name, str(repaired), str(reference), str(count)],
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode:
        return {"equal": False, "differs": done.stderr[-300:]}
    found = json.loads(done.stdout.splitlines()[-1])
    return {"equal": found["equal"], "differs": found.get("input", "")}


def told(output: str) -> dict[str, Any]:
    """What the run's own events say: turns, candidates tried, sandbox, reason."""
    events = [json.loads(line)["event"] for line in output.splitlines()]
    calls = [event for event in events if event["kind"] == "called"]
    tried = sum(
        len(call["arguments"]["changes"]) if call["name"] == "try_changes" else 1
        for call in calls
        if call["name"] in ("edit", "try_changes")
    )
    return {
        "turns": sum(event["kind"] == "replied" for event in events),
        "changes": tried,
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
                f" {result['changes']:5} changes  {result['error'] or result['reason']}"
                f"{unlike(result)}",
                flush=True,
            )
        yield result


def unlike(result: dict[str, Any]) -> str:
    """How a repaired program differs from the corrected one, where that was looked at."""
    if "equal" not in result:
        return ""
    return "; equal" if result["equal"] else f"; differs on {result['differs']}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path, metavar="PATH", help="a checkout of QuixBugs")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these programs")
    parser.add_argument("--json", action="store_true", help="one JSON object a program")
    parser.add_argument("--minutes", type=float, default=1.75, help="budget of a program (1.75)")
    parser.add_argument("--sandbox", default="auto", help="as for patchwright fix")
    parser.add_argument(
        "--equal", type=int, nargs="?", const=1000, default=0, metavar="INPUTS",
        help="compare each repair with the corrected program on random inputs (1000)",
    )  # fmt: skip
    arguments = parser.parse_args()
    if not (arguments.checkout / "python_testcases").is_dir():
        parser.error(f"{arguments.checkout} is no checkout of QuixBugs")
    done = list(results(arguments))
    proven = [result for result in done if result["proven"]]
    if not arguments.json and done:
        seconds = statistics.median(result["seconds"] for result in done)
        print(f"\n{len(proven)} of {len(done)} proven; median {seconds:.1f} s", end="")
        print(f", longest {max(result['seconds'] for result in done):.1f} s", end="")
        equal = f"; {sum(r['equal'] for r in proven)} of them equal" if arguments.equal else ""
        print(equal)


if __name__ == "__main__":
    main()
