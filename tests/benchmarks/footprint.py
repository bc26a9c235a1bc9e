"""What does the core install cost: packages, megabytes, CPU time of `patchwright --help`?

    python tests/benchmarks/footprint.py [--json]

Installs the project, without extras, into a new environment; needs the package index.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
REPEATS = 7


def folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def help_seconds(program: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, "--help"], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        programs = Path(folder, "bin")
        packages = Path(folder, "lib", f"python3.{sys.version_info.minor}", "site-packages")
        empty, present = folder_bytes(packages), len(list(packages.glob("*.dist-info")))
        pip = [str(programs / "pip"), "--disable-pip-version-check", "--quiet"]
        subprocess.run([*pip, "install", str(ROOT)], check=True)
        help_seconds(programs / "patchwright")
        seconds = [help_seconds(programs / "patchwright") for _ in range(REPEATS)]
        figures = {
            "packages": len(list(packages.glob("*.dist-info"))) - present,
            "megabytes": round((folder_bytes(packages) - empty) / 1e6, 1),
            "help_cpu_seconds_median": round(statistics.median(seconds), 3),
        }
    if arguments.json:
        print(json.dumps(figures))
    else:
        print("{packages} packages, {megabytes} MB with bytecode".format(**figures), end="")
        print(", --help {help_cpu_seconds_median} s of CPU time (median)".format(**figures))


if __name__ == "__main__":
    main()
