"""Do our tools do what another agent's shell did? Recorded conversations, carried out again.

    python tests/benchmarks/trajectories.py --trajectories DIR --instances FILE
        --repositories DIR --environments DIR [--only ID ...] [--json]

Each conversation of mini-swe-agent (messages of an assistant with one bash block, answered with a
return code) is carried out command by command through the tool `shell`, in a bubblewrap sandbox
over the repository's base commit. Compared are the return code of every turn and the final patch.

Repositories are bare, in OWNER+NAME/repo. Environments are made by `uv` in `--environments`, one an
instance, of packages (PyPI only) as old as what was recorded with, and kept. What is not compared:
output, and turns in which that agent carried out nothing, because its own format was violated.
"""

import argparse
import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from prompts import render
from sandbox.base import GIB, Limits, SandboxError
from sandbox.bubblewrap import BubblewrapProvider
from tools.actions.base import Bench
from tools.actions.shell import SHELL, ShellArguments
from tools.git import GitError, ObjectStore
from tools.workspace import Workspace

THEIR_ROOT = "/testbed"
MADE = "made"
"""Folder of an environment with files of the repository that are made by its build."""
SECONDS = 60.0
"""What that agent gave a command."""
FORKS = {"django/django": "csirmazbendeguz/django"}
PYTHONS = {"django/django": {"3.": "3.8", "4.0": "3.8", "4.": "3.9", "5.": "3.11"},
           "pallets/flask": {"": "3.11"}}  # fmt: skip
"""By the beginning of the version; 3.9 for everything else, as SWE-bench has it."""
SOURCES = {"pallets/flask": "src", "pytest-dev/pytest": "src"}
EXTRAS: dict[str, list[str]] = {
    "django/django": ["asgiref", "jinja2", "pytz", "sqlparse", "PyYAML", "argon2-cffi", "bcrypt",
                      "docutils", "tblib"],
    "pylint-dev/pylint": ["pytest<8", "pytest-benchmark", "GitPython", "typing-extensions"],
    "pytest-dev/pytest": [],
    "sympy/sympy": ["mpmath<1.4"],
    "pallets/flask": ["pytest<8", "asgiref", "blinker", "werkzeug==2.3.7"],
}  # fmt: skip
NEWEST = {
    "pallets/flask": "2023-09-01",
    "django/django": "2023-12-31",
    "pytest-dev/pytest": "2023-06-30",
    "sympy/sympy": "2023-06-30",
}
"""Of packages, where those that were recorded with are younger than the issue."""
BLOCK = re.compile(r"```bash\s*\n(.*?)\n```", re.DOTALL)
RETURN_CODE = re.compile(r"<returncode>(-?\d+)</returncode>")


@dataclass(frozen=True)
class Turn:
    command: str
    code: int | None
    """None where the command was killed at its deadline."""


@dataclass
class Replayed:
    instance: str
    turns: int = 0
    same: int = 0
    patch_same: bool = False
    not_carried_out: int = 0
    """Turns whose reply that agent refused for its format."""
    differ: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""


def turns(messages: list[dict[str, Any]]) -> Iterator[Turn | None]:
    """What each reply had carried out, None for nothing; the last one hands the patch over."""
    for said, answer in pairwise(messages):
        if said["role"] != "assistant":
            continue
        blocks, told = BLOCK.findall(said["content"]), answer["content"]
        code = RETURN_CODE.match(told)
        if len(blocks) == 1 and code:
            yield Turn(blocks[0], int(code.group(1)))
        elif len(blocks) == 1 and "timed out and has been killed" in told:
            yield Turn(blocks[0], None)
        elif len(blocks) != 1:
            yield None


def python_of(instance: Mapping[str, Any]) -> str:
    known = PYTHONS.get(instance["repo"], {})
    found = (known[start] for start in sorted(known, reverse=True)
             if instance["version"].startswith(start))  # fmt: skip
    return next(found, "3.9")


def clone(instance: Mapping[str, Any], repositories: Path, folder: Path) -> Path:
    """A repository whose HEAD is the base commit, checked out."""
    name = FORKS.get(instance["repo"], instance["repo"]).replace("/", "+")
    git("clone", "--quiet", "--shared", "--no-checkout", repositories / name / "repo", folder)
    git("-C", folder, "checkout", "--quiet", "--detach", instance["base_commit"])
    return folder


def git(*arguments: object) -> str:
    command = ["git", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def environment(instance: Mapping[str, Any], checkout: Path, environments: Path) -> Path:
    """A virtual environment with what the repository needs; the repository itself is not in it."""
    venv = environments / instance["instance_id"]
    if (venv / "ready").exists():
        return venv
    shutil.rmtree(venv, ignore_errors=True)
    uv = shutil.which("uv") or "uv"
    run = {"check": True, "capture_output": True, "text": True, "cwd": checkout}
    subprocess.run([uv, "venv", "--quiet", "--seed", "--python", python_of(instance), venv], **run)
    extras = EXTRAS[instance["repo"]]
    newest = NEWEST.get(instance["repo"], instance["created_at"])
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", venv / "bin/python",
         "--exclude-newer", newest, "setuptools<69", ".", *extras],
        **run,
    )  # fmt: skip
    _use_the_workspace(venv, checkout, instance["repo"])
    (venv / "ready").touch()
    return venv


def _use_the_workspace(venv: Path, checkout: Path, repository: str) -> None:
    """Have the packages imported from the sandbox's repository, as an editable install would.

    Files of theirs that are made by the build, such as a version, are kept for the repository.
    """
    source = SOURCES.get(repository, "")
    site = next((venv / "lib").glob("python*/site-packages"))
    name = repository.partition("/")[2]
    tracked = set(git("-C", checkout, "ls-tree", "-r", "--name-only", "HEAD").splitlines())
    for package in (name, f"_{name}"):
        for path in (site / package).rglob("*.py"):
            relative = Path(source, path.relative_to(site))
            if str(relative) not in tracked:
                kept = venv / MADE / relative
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, kept)
        shutil.rmtree(site / package, ignore_errors=True)
    (site / "workspace.pth").write_text(f"{PurePosixPath('/workspace') / source}\n")


@contextmanager
def workspace(checkout: Path, venv: Path) -> Iterator[tuple[Workspace, ObjectStore, str]]:
    base = Path((venv / "bin/python").resolve()).parents[1]
    provider = BubblewrapProvider([venv, base])
    with tempfile.TemporaryDirectory() as folder:
        store = ObjectStore(Path(folder, "store"))
        _, tree = store.fetch(checkout)
        limits = Limits(memory_bytes=4 * GIB)
        with Workspace.open(provider.start(limits, run="trajectory"), store, tree) as opened:
            for path in (venv / MADE).rglob("*.py"):
                opened.put(PurePosixPath(path.relative_to(venv / MADE)), path.read_bytes())
            yield opened, store, tree


def replay(
    recorded: Mapping[str, Any], opened: Workspace, store: ObjectStore, tree: str
) -> Replayed:
    found = Replayed(recorded["instance_id"])
    bench = Bench(opened, "true", SECONDS, SECONDS)
    for number, turn in enumerate(turns(recorded["messages"]), 1):
        if turn is None:
            found.not_carried_out += 1
            continue
        command = turn.command.replace(THEIR_ROOT, str(opened.root))
        shown = SHELL.perform(bench, ShellArguments(command=command, timeout=SECONDS))
        code = None if shown["timed_out"] else shown["exit_code"]
        found.turns += 1
        found.same += code == turn.code
        if code != turn.code:
            text = render("observations/shell", **shown)
            found.differ.append(
                {"turn": number, "command": turn.command[-400:], "recorded": turn.code,
                 "ours": code, "output": text[-600:]}
            )  # fmt: skip
    patch = store.diff(tree, opened.snapshot()).decode(errors="replace")
    found.patch_same = comparable(patch) == comparable(recorded["submission"])
    if not found.patch_same:
        found.differ.append({"recorded patch": recorded["submission"], "ours": patch})
    return found


def comparable(patch: str) -> list[str]:
    """A patch less what depends on the git that wrote it: abbreviated ids and headings of hunks."""
    lines = [line for line in patch.strip().splitlines() if not line.startswith("index ")]
    return [re.sub(r"^(@@ [^@]* @@).*", r"\1", line) for line in lines]


def carry_out(instance: Mapping[str, Any], arguments: argparse.Namespace) -> Replayed:
    name = instance["instance_id"]
    path = arguments.trajectories / f"{name}.json.gz"
    recorded = json.loads(gzip.decompress(path.read_bytes()))
    with tempfile.TemporaryDirectory() as folder:
        try:
            checkout = clone(instance, arguments.repositories, Path(folder, "checkout"))
            venv = environment(instance, checkout, arguments.environments)
            git("-C", checkout, "checkout", "--quiet", "--force", "HEAD")
            with workspace(checkout, venv) as (opened, store, tree):
                return replay(recorded, opened, store, tree)
        except subprocess.CalledProcessError as error:
            return Replayed(name, error=f"{error.cmd[:4]}: {error.stderr[-1500:]}")
        except (SandboxError, GitError) as error:
            return Replayed(name, error=str(error))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("trajectories", "instances", "repositories", "environments"):
        parser.add_argument(f"--{name}", type=lambda text: Path(text).resolve(), required=True)
    parser.add_argument("--only", nargs="+", default=[], help="instances, by id")
    parser.add_argument("--json", action="store_true", help="one JSON object a conversation")
    arguments = parser.parse_args()
    instances = [json.loads(line) for line in arguments.instances.read_text().splitlines()]
    chosen = [i for i in instances if not arguments.only or i["instance_id"] in arguments.only]
    results = []
    for instance in sorted(chosen, key=lambda instance: instance["instance_id"]):
        results.append(carry_out(instance, arguments))
        found = results[-1]
        if arguments.json:
            print(json.dumps(asdict(found)), flush=True)
            continue
        words = "same" if found.patch_same else "differs"
        print(f"{found.instance}: {found.same} of {found.turns} return codes, patch {words}"
              f"{'; ' + found.error if found.error else ''}", flush=True)  # fmt: skip
    same, total = (sum(getattr(r, name) for r in results) for name in ("same", "turns"))
    patches = sum(result.patch_same for result in results)
    print(f"{patches} of {len(results)} patches, {same} of {total} return codes", file=sys.stderr)


if __name__ == "__main__":
    main()
