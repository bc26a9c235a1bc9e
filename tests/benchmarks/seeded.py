"""How many bugs seeded into well-tested packages does the embedded model repair, and how?

    pip download --no-deps --no-binary :all: boltons more-itertools inflection toolz tabulate
    python tests/benchmarks/seeded.py SDIST ... [--bugs 200] [--seed 1] [--json]

SDIST is a source distribution with its tests, or a folder that one was unpacked into. A bug is one
change of a template chosen at random, at a random statement outside the tests: the templates come
in pairs that undo each other (an operand dropped, one added; a statement deleted, one inserted), so
this is the inverse of some template. Bugs that fail no test, most tests or whole files are drawn
anew. A repair that is proven and leaves the package as it was before, but for how it is written, is
told apart from one that is proven and different: that is an upper bound of those that overfit.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from agent.model.embedded.localise import is_test_file
from agent.model.embedded.normal import Parts, normal_form
from agent.model.embedded.scopes import scopes_of
from agent.model.embedded.site import Site
from agent.model.embedded.spans import Source, apply
from agent.model.embedded.templates.table import TEMPLATES
from sandbox.base import Limits, Provider
from sandbox.choose import strongest
from tools.checks.base import Report, Request
from tools.checks.run import run_checks
from tools.git import ObjectStore
from tools.workspace import Workspace

COMMAND = "python3 -m pytest"
SECONDS_PER_TEST = 10.0
MOST_BROKEN = 12
DRAWS = 60


def unpacked(source: Path, folder: Path) -> Path:
    """The package as a folder of its own, under git."""
    target = folder / source.name
    if source.is_dir():
        ignored = shutil.ignore_patterns(".git", "__pycache__")
        shutil.copytree(source, target, symlinks=True, ignore=ignored)
    else:
        target.mkdir()
        with tarfile.open(source) as archive:
            archive.extractall(target, filter="data")
        inner = list(target.iterdir())
        target = inner[0] if len(inner) == 1 and inner[0].is_dir() else target
    git(target, "init", "--quiet")
    commit(target, "as released")
    return target


def git(repository: Path, *arguments: str) -> None:
    who = ["-c", "user.name=b", "-c", "user.email=b@localhost"]
    subprocess.run(["git", *who, *arguments], cwd=repository, check=True, capture_output=True)


def commit(repository: Path, message: str) -> None:
    git(repository, "add", "--all", "--force")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", message)


def tested(repository: Path, provider: Provider, folder: Path, command: str) -> Report:
    """The suite of a repository as it is committed, in a box."""
    store = ObjectStore(folder / "store")
    _, tree = store.fetch(repository)
    box = provider.start(Limits(), run="seeded")
    with Workspace.open(box, store, tree, tracked=False) as workspace:
        return run_checks(workspace, Request(command, seconds_per_test=SECONDS_PER_TEST))


def sources(repository: Path) -> list[Source]:
    found = []
    for path in sorted(repository.rglob("*.py")):
        name = str(path.relative_to(repository))
        if is_test_file(name) or name.startswith(("docs", "setup.py", "examples")):
            continue
        try:
            found.append(Source(name, path.read_text(encoding="utf-8")))
        except (SyntaxError, ValueError):
            continue
    return found


def seeds(files: list[Source], draw: Random) -> Iterator[tuple[str, Source, str]]:
    """Random changes: the template's name, the file, the file's text with the bug."""
    places = [
        Site(source, scope, statement)
        for source in files
        for scope in scopes_of(source).values()
        if scope.name
        for statement in scope.statements
    ]
    while True:
        template, site = draw.choice(TEMPLATES), draw.choice(places)
        proposals = [edits for edits, closeness in template.propose(site) if closeness > 0]
        if proposals:
            edits = draw.choice(proposals)
            if Parts(site.source).key(edits) is not None:
                yield template.name, site.source, apply(site.source.text, edits)


def repair(
    repository: Path, broken: list[str], runs: Path, arguments: Any, test: str = COMMAND
) -> tuple[int, float]:
    issue = "These tests fail:\n" + "\n".join(broken)
    command = [
        str(Path(sys.executable).with_name("patchwright")), "fix", str(repository),
        "--issue", issue, "--model", "embedded", "--test", test, "--steps", "1000",
        "--test-seconds", str(SECONDS_PER_TEST), "--minutes", str(arguments.minutes),
        "--sandbox", arguments.sandbox, "--runs", str(runs), "--json",
    ]  # fmt: skip
    started = time.monotonic()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.returncode, time.monotonic() - started


def bugs(repository: Path, count: int, provider: Provider, arguments: Any) -> Iterator[dict]:
    """Seed bugs one after the other, and have each repaired."""
    draw = Random(f"{arguments.seed} {repository.name}")
    files = sources(repository)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = tested(repository, provider, folder, COMMAND)
        before = {case.name for case in base.broken}
        made = 0
        for drawn, (template, source, text) in enumerate(seeds(files, draw)):
            if made == count or drawn == DRAWS * count or not base.passed:
                return
            path = repository / source.path
            path.write_text(text, encoding="utf-8")
            commit(repository, "a bug")
            report = tested(repository, provider, folder, COMMAND)
            broken = [case.name for case in report.broken if case.name not in before]
            if 0 < len(broken) <= MOST_BROKEN and len(report.cases) == len(base.cases):
                made += 1
                runs = folder / f"runs-{made}"
                code, seconds = repair(repository, broken, runs, arguments)
                patch = "".join(file.read_text() for file in runs.glob("*/patch.diff"))
                same = False
                if code == 0:
                    subprocess.run(
                        ["git", "apply", "-"], cwd=repository, input=patch, text=True, check=True
                    )
                    same = all(
                        normal_form((repository / one.path).read_text(encoding="utf-8"))
                        == normal_form(one.text)
                        for one in files
                    )
                yield {
                    "package": repository.name, "path": source.path, "template": template,
                    "broken": len(broken), "proven": code == 0, "same": same, "exit_code": code,
                    "seconds": round(seconds, 1), "patch": patch if code == 0 else "",
                }  # fmt: skip
            git(repository, "checkout", "--quiet", "--", ".")
            path.write_text(source.text, encoding="utf-8")
            commit(repository, "as released")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sdists", type=Path, nargs="+", metavar="SDIST")
    parser.add_argument("--bugs", type=int, default=200, help="in all packages together (200)")
    parser.add_argument("--seed", type=int, default=1, help="of the random choices (1)")
    parser.add_argument("--minutes", type=float, default=2.0, help="budget of a bug (2)")
    parser.add_argument("--sandbox", default="auto", help="as for patchwright fix")
    parser.add_argument("--json", action="store_true", help="one JSON object a bug")
    arguments = parser.parse_args()
    provider = strongest(
        arguments.sandbox, image="patchwright-sandbox:latest", toolchains=[Path(sys.prefix)]
    ).provider
    done: list[dict[str, Any]] = []
    share = -(-arguments.bugs // len(arguments.sdists))
    with tempfile.TemporaryDirectory() as folder:
        for source in arguments.sdists:
            repository = unpacked(source.resolve(), Path(folder))
            for bug in bugs(
                repository, min(share, arguments.bugs - len(done)), provider, arguments
            ):
                done.append(bug)
                shown = {name: value for name, value in bug.items() if name != "patch"}
                print(json.dumps(bug if arguments.json else shown), flush=True)
    proven = [bug for bug in done if bug["proven"]]
    if done and not arguments.json:
        same = sum(bug["same"] for bug in proven)
        seconds = statistics.median(bug["seconds"] for bug in done)
        print(
            f"\n{len(proven)} of {len(done)} proven, {same} as before the bug,"
            f" {len(proven) - same} otherwise; median {seconds:.1f} s"
        )
        missed = Counter(bug["template"] for bug in done if not bug["proven"])
        print("not repaired, by what made the bug:", dict(missed.most_common()))


if __name__ == "__main__":
    main()
