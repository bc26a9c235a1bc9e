"""How many small real bugs of BugsInPy does the embedded model repair, with proof?

    python tests/benchmarks/bugsinpy.py PATH --repositories DIR --environments DIR
        [--only PROJECT[/NUMBER] ...] [--minutes 2] [--pythons DIR] [--uv PROGRAM] [--json]

PATH is a checkout of https://github.com/soarsmu/BugsInPy (Widyasari et al., "BugsInPy: A Database
of Existing Bugs in Python Programs to Enable Controlled Testing and Debugging Studies", ESEC/FSE
2020); DIR/PROJECT is a git repository of each project. Bugs that were mended by one or two lines
are taken. Each gets a repository of the commit that has the bug, with the tests that came with its
mending; those tests are the test command. What fails there, and passes with the developers' change,
is told as the issue. A bug of which no test behaves so here is left out, and said.

A proven patch is compared with the developers' by normalised syntax tree. One that differs passes
all tests of the file that came with the mending, for that is what it was proven by; whether it is
right beyond them is not known.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bugsinpy_bugs import PROJECTS, Bug, environment, git, make_repository, small_bugs
from quixbugs import told

from agent.model.embedded.normal import normal_form
from agent.variables import toolchains
from sandbox.base import Limits
from sandbox.choose import strongest
from tools.checks.base import Outcome, Report, Request
from tools.checks.run import run_checks
from tools.git import ObjectStore
from tools.workspace import Workspace

SECONDS_PER_TEST = 10.0
CHECK_SECONDS = 300.0
MOST_NAMED = 12


def chosen(arguments: argparse.Namespace) -> Iterator[Bug]:
    """The bugs asked for, in the order of the set."""
    for project in PROJECTS:
        for bug in small_bugs(arguments.checkout, project):
            if not arguments.only or {project, f"{project}/{bug.number}"} & set(arguments.only):
                yield bug


def attempt(bug: Bug, arguments: argparse.Namespace) -> dict[str, Any]:
    """One bug: whether its tests show it here, and what becomes of its repair."""
    try:
        python = environment(arguments.environments, bug.project, arguments.pythons, arguments.uv)
        with tempfile.TemporaryDirectory() as folder:
            return {"bug": bug.name, **_attempt(bug, python, Path(folder), arguments)}
    except subprocess.CalledProcessError as error:
        return {"bug": bug.name, "unusable": f"{error.cmd[:2]}: {error.stderr[-300:]}"}


def _attempt(bug: Bug, python: Path, folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    repository = folder / bug.project
    repository.mkdir()
    make_repository(bug, arguments.repositories / bug.project, repository)
    variables = {**os.environ, "VIRTUAL_ENV": str(python)}
    before = tested(repository, bug.command, variables, arguments.sandbox)
    git(repository, "checkout", "--quiet", bug.fixed, "--", *bug.files)
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "Mended")
    after = tested(repository, bug.command, variables, arguments.sandbox)
    mended = {path: _form(repository / path) for path in bug.files}
    git(repository, "reset", "--quiet", "--hard", "HEAD~1")
    passing = {case.name for case in after.cases if case.outcome is Outcome.PASSED}
    failing = [case.name for case in before.broken if case.name in passing]
    if not failing:
        return {"unusable": _reason(before, after)}
    result = repair(bug, repository, failing, folder / "runs", variables, arguments)
    if result["proven"]:
        git(repository, "apply", "-", given=result["patch"])
        result["equal"] = mended == {path: _form(repository / path) for path in bug.files}
    return result


def _form(path: Path) -> str | None:
    return normal_form(path.read_text(encoding="utf-8"))


def tested(repository: Path, command: str, variables: dict[str, str], sandbox: str) -> Report:
    """What the tests of a repository's last commit show, in a box with the environment's Python."""
    provider = strongest(sandbox, toolchains=toolchains(variables)).provider
    with tempfile.TemporaryDirectory() as folder:
        store = ObjectStore(Path(folder))
        _, tree = store.fetch(repository)
        box = provider.start(Limits(), run="bugsinpy")
        with Workspace.open(box, store, tree, tracked=False) as workspace:
            asked = Request(command, timeout=CHECK_SECONDS, seconds_per_test=SECONDS_PER_TEST)
            return run_checks(workspace, asked)


def _reason(before: Report, after: Report) -> str:
    if not before.cases:
        return f"no test runs: {before.output.strip()[-200:]}"
    if not before.broken:
        return "nothing fails"
    lasting = {case.name: case for case in after.broken}
    case = next((lasting[c.name] for c in before.broken if c.name in lasting), before.broken[0])
    return f"still fails when mended: {case.name}: {case.message.strip()[-200:]}"


def repair(
    bug: Bug,
    repository: Path,
    failing: list[str],
    runs: Path,
    variables: dict[str, str],
    arguments: argparse.Namespace,
) -> dict[str, Any]:
    """One run of `patchwright fix`, and what it told."""
    command = [
        str(Path(sys.executable).with_name("patchwright")), "fix", str(repository),
        "--issue", "These tests fail:\n" + "\n".join(failing[:MOST_NAMED]),
        "--model", "embedded", "--test", bug.command, "--steps", "1000",
        "--test-seconds", str(SECONDS_PER_TEST), "--minutes", str(arguments.minutes),
        "--sandbox", arguments.sandbox, "--runs", str(runs), "--json", "--yes",
    ]  # fmt: skip
    started = time.monotonic()
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=variables)
    seconds = time.monotonic() - started
    proven = done.returncode == 0
    return {
        "proven": proven,
        "equal": False,
        "seconds": round(seconds, 1),
        "failing": len(failing),
        "exit_code": done.returncode,
        **told(done.stdout),
        "patch": "".join(path.read_text() for path in runs.glob("*/patch.diff")) if proven else "",
        "error": done.stderr[-300:] if done.returncode not in (0, 1) else "",
    }


def shown(result: dict[str, Any]) -> str:
    """A line of the table."""
    if "unusable" in result:
        return f"{result['bug']:16} left out: {' '.join(result['unusable'].split())[:150]}"
    outcome = "not proven"
    if result["proven"]:
        outcome = "as developers" if result["equal"] else "otherwise"
    told_why = result["error"] or ("" if result["proven"] else result["reason"])
    return (
        f"{result['bug']:16} {outcome:14} {result['seconds']:6.1f} s {result['turns']:4} turns"
        f" {result['changes']:5} changes  {' '.join(told_why.split())[:90]}"
    ).rstrip()


def sums(results: list[dict[str, Any]]) -> str:
    """The last line."""
    used = [result for result in results if "unusable" not in result]
    proven = [result for result in used if result["proven"]]
    equal = sum(result["equal"] for result in proven)
    line = f"{len(proven)} of {len(used)} proven, {equal} of them as the developers'"
    if proven:
        seconds = [result["seconds"] for result in proven]
        line += f"; proven in {statistics.median(seconds):.1f} s (median), {max(seconds):.1f} s"
    projects = {result["bug"].split()[0] for result in used}
    return f"{line}; {len(projects)} projects, {len(results) - len(used)} bugs left out"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path, metavar="PATH", help="a checkout of BugsInPy")
    parser.add_argument("--repositories", type=Path, required=True, help="holds PROJECT/")
    parser.add_argument("--environments", type=Path, required=True, help="kept from run to run")
    parser.add_argument(
        "--pythons", type=Path, default=Path.home() / ".pyenv" / "versions",
        help="a folder for each Python, named by its version (pyenv's)",
    )  # fmt: skip
    parser.add_argument("--uv", default="uv", help="the program that makes environments")
    parser.add_argument("--only", nargs="+", metavar="PROJECT[/NUMBER]", help="only these")
    parser.add_argument("--minutes", type=float, default=2.0, help="budget of a bug (2)")
    parser.add_argument(
        "--sandbox", choices=("bubblewrap", "none"), default="bubblewrap",
        help="what contains the tests; an image would lack the environments (bubblewrap)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object a bug")
    arguments = parser.parse_args()
    if not (arguments.checkout / "projects").is_dir():
        parser.error(f"{arguments.checkout} is no checkout of BugsInPy")
    results = []
    for bug in chosen(arguments):
        results.append(attempt(bug, arguments))
        print(json.dumps(results[-1]) if arguments.json else shown(results[-1]), flush=True)
    if results and not arguments.json:
        print(f"\n{sums(results)}")


if __name__ == "__main__":
    main()
