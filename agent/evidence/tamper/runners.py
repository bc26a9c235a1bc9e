"""Files that stand where a runner, a module or a report is looked for."""

import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from agent.evidence.candidate import Candidate, ChangedFile
from agent.evidence.finding import Action, Finding
from agent.evidence.tamper.reading import found

_RUNNER_MODULES = frozenset(
    ("pytest", "_pytest", "pluggy", "iniconfig", "nose", "nose2", "tox", "coverage", "xdist")
)
_PROGRAMS = re.compile(
    r"(python[\d.]*|py\.?test[\d.]*|tox|nox|uv|node|npm|npx|yarn|pnpm|jest|vitest|mocha|go|cargo|"
    r"rustc|java|javac|mvn|gradle|ruby|rspec|rake|bundle|php|phpunit|composer|prove|perl|make|"
    r"cmake|ctest|gcc|cc|g\+\+|sh|bash|env|git|time|timeout)(\.exe|\.cmd|\.bat)?"
)
_WRAPPERS = ("gradlew*", "mvnw*", ".mvn/*", "gradle/wrapper/*", "bin/test", "bin/rspec")
_INSTALLED = ("node_modules/*", "*/node_modules/*", "vendor/bin/*", ".venv/*", "venv/*")
_START_UP = ("*.pth", "*.egg-info/*", "*.dist-info/*", "*/sitecustomize.py", "*/usercustomize.py")
_COMPILED = frozenset(
    (
        *(".pyc", ".pyo", ".pyd", ".so", ".dll", ".dylib", ".class", ".jar", ".war", ".node"),
        *(".wasm", ".o", ".a", ".lib", ".exe", ".beam", ".phar", ".gem", ".whl", ".egg"),
    )
)
_IMPORT_ROOTS = ("", "src", "lib", "python")


def stubbed_runner(candidate: Candidate) -> Iterator[Finding]:
    """Files that would be run or imported in place of the runner."""
    for file in candidate.files:
        if not file.is_gone and (text := _stands_for(file, candidate)):
            yield found("stubbed_runner", file, 0, Action.REFUSED, text)


def _stands_for(file: ChangedFile, candidate: Candidate) -> str:
    path = PurePosixPath(file.path)
    if _fits(file.path, _WRAPPERS):
        return "is a program that the tests are started by"
    if _fits(file.path, _INSTALLED):
        return "would be an installed program or module"
    if _fits(file.path, _START_UP):
        return "is read by every Python that starts"
    if file.is_new and path.suffix in ("", ".exe", ".cmd", ".bat", ".sh"):
        executable = file.change.new_mode == "100755" or str(path.parent).endswith("bin")
        if executable and _PROGRAMS.fullmatch(path.name):
            return "has the name of a program that tests are run with"
    return _shadowed_module(file, path, candidate)


def _shadowed_module(file: ChangedFile, path: PurePosixPath, candidate: Candidate) -> str:
    if not file.is_new or path.suffix not in (".py", ".pyi"):
        return ""
    for root in _IMPORT_ROOTS:
        if not file.path.startswith(f"{root}/" if root else ""):
            continue
        name = path.relative_to(root or ".").parts[0].removesuffix(".py")
        folder = f"{root}/{name}/" if root else f"{name}/"
        # A package of that name which the project has is the project's own business.
        if any(known.startswith(folder) for known in candidate.known):
            continue
        if name in _RUNNER_MODULES or name in sys.stdlib_module_names:
            return f"would be imported in place of `{name}`"
    return ""


def compiled_files(candidate: Candidate) -> Iterator[Finding]:
    """Files that run and that nobody can read, and other binary ones."""
    for file in candidate.files:
        if file.is_gone:
            continue
        if file.suffix in _COMPILED:
            text = "is compiled code, which cannot be read"
            yield found("compiled_files", file, 0, Action.REFUSED, text)
        elif file.after is None:
            text = "is binary or too long to be read"
            yield found("compiled_files", file, 0, Action.FLAGGED, text)


def _fits(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)
