"""What the test runners for JavaScript and TypeScript have in common.

A test's name is that of its file and the titles that lead to it, as in
``test/half.test.js::half > even``. Every node that starts is given a hook, which adds our reporter
where it starts a runner: so it works alike for ``npx jest``, for ``npm test`` and for a script that
calls a script.
"""

import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from tools.checks.base import Invocation, Request, Suite
from tools.checks.finding import Repository, in_folder, section
from tools.checks.hooks import helper_files, prepend, settings
from tools.checks.shell_line import program, runs_program, simple_commands

LANGUAGE = "JavaScript"

_SUFFIXES = ("", ".js", ".mjs", ".cjs")
_SCRIPTS = ("test", "test:unit", "unit", "test:node", "tests")
_DEPTH = 8
_PLACEHOLDER = "no test specified"
_RUN = ("run", "run-script")
_RUN_ALL = ("run-s", "run-p", "npm-run-all", "npm-run-all2")
_ORCHESTRATORS = frozenset(("turbo", "lerna", "nx", "wsrun", "ultra", "moon"))
"""Programs that run the test scripts of the packages of a workspace."""
_RECURSIVE = frozenset(("-r", "--recursive", "-ws", "--workspaces", "workspaces"))
_WORKSPACE = "workspace"
_PACKAGES = 200
_MANAGERS = ("npm", "yarn", "pnpm", "bun")
_NOT_TESTS = frozenset(
    (
        *("eslint", "standard", "xo", "prettier", "tslint", "jshint", "stylelint", "biome"),
        *("karma", "cypress", "playwright", "wdio", "testcafe", "dtslint", "tsd", "flow"),
        *("bundlesize", "size-limit", "bundlewatch", "codecov", "coveralls", "commitlint"),
    )
)
"""Programs in a test script that are no tests or want what a box has not: a browser, the network.
A script that calls one is not run as a whole."""


@dataclass(frozen=True, slots=True)
class Script:
    """A package's test script, followed to the runner that it starts."""

    runner: str
    command: str


def listen(request: Request, folder: PurePosixPath) -> Invocation:
    """The command as it is, with the hook for every node that it starts."""
    return Invocation(
        command=request.command,
        # Runners watch for changes, ask questions and write snapshots where this is not set.
        setup=[
            'export CI="${CI:-1}"',
            prepend("NODE_OPTIONS", f"--require {folder}/node/hook.cjs", " "),
        ],
        files={**_helpers(), **_choice(request), **settings(request, folder)},
    )


def find(repository: Repository, runner: str, *words: str) -> Suite | None:
    """How a package's tests are run, where it is this runner that runs them.

    Args:
        repository: Where to look for ``package.json``.
        runner: Name of the runner, one of :data:`RUNNERS`.
        words: Names of dependencies that show the runner to be at home, though no script calls it.
    """
    for manifest in repository.named("package.json"):
        package = repository.json(manifest)
        folder = posixpath.dirname(manifest)
        script = _script(package)
        if script is not None and (
            script.runner == runner
            or (script.runner == _WORKSPACE and _is_within(repository, folder, runner))
        ):
            return Suite(runner, in_folder(folder, script.command), LANGUAGE, manifest, folder)
        known = section(package, "devDependencies") | section(package, "dependencies")
        if script is None and any(word in known for word in words):
            command = in_folder(folder, f"npx --no-install {words[0]}")
            return Suite(runner, command, LANGUAGE, manifest, folder, certain=False)
    return None


def runner_of(words: list[str]) -> str | None:
    """The runner that a simple command starts, if it starts one."""
    for runner, programs in RUNNERS.items():
        if runs_program(words, *(f"{name}{suffix}" for name in programs for suffix in _SUFFIXES)):
            return runner
    starts_node = "--test" in words and runs_program(words, "node", "tsx", "ts-node")
    return "node:test" if starts_node else None


RUNNERS = {
    "Vitest": frozenset(("vitest",)),
    "Jest": frozenset(("jest", "react-scripts", "kcd-scripts", "tsdx")),
    "Mocha": frozenset(("mocha", "_mocha", "ts-mocha", "electron-mocha")),
}
"""The programs that start each runner."""


@cache
def _helpers() -> dict[str, str]:
    return helper_files("node", "bin/find-program", "bin/node")


def _choice(request: Request) -> dict[str, str]:
    """What the program in front of node needs to know, a line for each thing."""
    files = dict.fromkeys(name.partition("::")[0] for name in request.tests)
    titles = [name.partition("::")[2] for name in request.tests]
    patterns = [] if "" in titles else list(dict.fromkeys(p for t in titles for p in _patterns(t)))
    milliseconds = request.seconds_per_test and round(request.seconds_per_test * 1000)
    return {
        "node/files": "\n".join(files),
        "node/name-patterns": "\n".join(patterns),
        "node/milliseconds": str(milliseconds or ""),
    }


def _patterns(titles: str) -> Iterator[str]:
    """A pattern for each title on the way to a test, as node wants a test's parents named too.

    A title may hold the mark that stands between titles, so neighbours count as one besides.
    """
    parts = titles.split(" > ")
    for first in range(len(parts)):
        for end in range(first + 1, len(parts) + 1):
            title = re.escape(" > ".join(parts[first:end])).replace("/", r"\/")
            yield f"/^{title}$/".replace("\n", r"\n").replace("\r", r"\r")


def _is_within(repository: Repository, folder: str, runner: str) -> bool:
    """Whether the test script of a package of this workspace starts the runner."""
    manifests = [path for path in repository.named("package.json") if path.startswith(folder)]
    scripts = [_script(repository.json(path)) for path in manifests[:_PACKAGES]]
    return any(script is not None and script.runner == runner for script in scripts)


def _script(package: dict[str, Any]) -> Script | None:
    scripts = {k: v for k, v in section(package, "scripts").items() if isinstance(v, str)}
    for name in _SCRIPTS:
        if name not in scripts or _PLACEHOLDER in scripts[name]:
            continue
        found = list(_followed(name, scripts))
        if any(_is_for_all_packages(words) for words, _ in found):
            return Script(_WORKSPACE, _whole(name))
        runners = [(runner_of(words), text) for words, text in found]
        first = next(((runner, text) for runner, text in runners if runner), None)
        if first is None or first[0] is None:
            continue
        alone = not any(_NOT_TESTS & {program(word) for word in words} for words, _ in found)
        return Script(first[0], _whole(name) if alone else f"npx --no-install {first[1]}")
    return None


def _whole(script: str) -> str:
    return "npm test" if script == "test" else f"npm run {script}"


def _is_for_all_packages(words: list[str]) -> bool:
    recursive = words[0] in _MANAGERS and not _RECURSIVE.isdisjoint(words)
    return recursive or runs_program(words, *_ORCHESTRATORS)


def _followed(
    name: str, scripts: dict[str, str], depth: int = 0
) -> Iterator[tuple[list[str], str]]:
    """The simple commands of a script, those of the scripts that it calls in their place."""
    for words in simple_commands(scripts[name]):
        called = [] if _is_for_all_packages(words) else _called(words, scripts)
        for script in called if depth < _DEPTH else ():
            yield from _followed(script, scripts, depth + 1)
        if not called:
            yield words, shlex.join(words)


def _called(words: list[str], scripts: dict[str, str]) -> list[str]:
    """The scripts that ``npm run lint``, ``yarn lint`` or ``run-s lint test:*`` calls."""
    rest = [word for word in words[1:] if not word.startswith("-") and word not in _RUN]
    if words[0] in _MANAGERS:
        return rest[:1] if rest and rest[0] in scripts else []
    if words[0] in _RUN_ALL:
        return [name for word in rest for name in scripts if fnmatchcase(name, word)]
    return []
