"""Set-up commands as a repository's own files tell them. Pure; nothing is run here.

Lock files go before manifests, as they say exactly what was meant.
"""

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tools.checks.finding import Repository, section
from tools.environment import devcontainer

_EXTRAS = ("test", "tests", "testing", "dev", "develop")
_REQUIREMENTS = (
    *("requirements-test.txt", "requirements_test.txt", "test-requirements.txt"),
    *("requirements-dev.txt", "requirements_dev.txt", "dev-requirements.txt"),
    *("requirements/test.txt", "requirements/tests.txt", "requirements/dev.txt"),
    *("requirements.txt", "tests/requirements.txt"),
)
_INI_EXTRA = re.compile(r"^\[options\.extras_require\]\s*\n((?:.+\n|\n)*)", re.MULTILINE)
_INI_NAME = re.compile(r"^(\w[\w-]*)\s*=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Setup:
    """How one ecosystem's dependencies are installed."""

    ecosystem: str
    commands: tuple[str, ...]
    """Shell lines, from the repository's root, with the network."""
    files: tuple[str, ...]
    """Files that say what is installed: where they are the same, so is the environment."""


def find_setups(paths: Sequence[str], read: Callable[[str], str]) -> list[Setup]:
    """Every way to set a repository up that its files show; all of them belong together.

    Args:
        paths: Every file of the repository, relative to its root.
        read: Returns the text of one of them.
    """
    repository = Repository(paths, read)
    found = (
        _container(repository),
        _python(repository),
        _javascript(repository),
        *(_simple(repository, *way) for way in _SIMPLE),
    )
    return [setup for setup in found if setup is not None]


def _container(repository: Repository) -> Setup | None:
    """What a development container runs once it is made."""
    path, properties = devcontainer.description(repository)
    commands = devcontainer.commands(properties)
    return Setup("devcontainer", commands, (path,)) if commands else None


def _python(repository: Repository) -> Setup | None:
    if "uv.lock" in repository:
        command = "uv sync --frozen --all-extras --all-groups"
        return Setup("uv", (command,), ("uv.lock", "pyproject.toml"))
    if "poetry.lock" in repository:
        commands = ("poetry install --no-interaction --all-extras",)
        return Setup("Poetry", commands, ("poetry.lock", "pyproject.toml"))
    for path in ("environment.yml", "environment.yaml", "conda-lock.yml"):
        if path in repository:
            return Setup("conda", (f"conda env update --name base --file {path}",), (path,))
    return _pip(repository)


def _pip(repository: Repository) -> Setup | None:
    listed = [path for path in _REQUIREMENTS if path in repository]
    built = [path for path in ("pyproject.toml", "setup.py", "setup.cfg") if path in repository]
    installable = built and (
        "setup.py" in built
        or repository.toml("pyproject.toml").get("project")
        or repository.toml("pyproject.toml").get("build-system")
    )
    commands = []
    if installable:
        extras = _extras(repository)
        target = f".[{','.join(extras)}]" if extras else "."
        commands.append(f"python3 -m pip install --editable {shlex.quote(target)}")
    commands += [f"python3 -m pip install --requirement {path}" for path in listed[:2]]
    return Setup("pip", tuple(commands), (*built, *listed)) if commands else None


def _extras(repository: Repository) -> list[str]:
    declared = set(section(repository.toml("pyproject.toml"), "project", "optional-dependencies"))
    if match := _INI_EXTRA.search(repository.text("setup.cfg") + "\n"):
        declared.update(_INI_NAME.findall(match[1]))
    script = repository.text("setup.py")
    declared.update(name for name in _EXTRAS if re.search(rf"['\"]{name}['\"]\s*[:\]]", script))
    return [name for name in _EXTRAS if name in declared][:2]


def _javascript(repository: Repository) -> Setup | None:
    ways = (
        ("package-lock.json", "npm ci"),
        ("npm-shrinkwrap.json", "npm ci"),
        ("yarn.lock", "yarn install --frozen-lockfile"),
        ("pnpm-lock.yaml", "pnpm install --frozen-lockfile"),
        ("bun.lock", "bun install --frozen-lockfile"),
    )
    for lock, command in ways:
        if lock in repository:
            return Setup("npm", (command,), (lock, "package.json"))
    manifest = repository.json("package.json")
    if manifest.get("dependencies") or manifest.get("devDependencies"):
        return Setup("npm", ("npm install --no-audit --no-fund",), ("package.json",))
    return None


_SIMPLE = (
    ("Go", "go.mod", "go.sum", "go mod download"),
    ("Cargo", "Cargo.toml", "Cargo.lock", "cargo fetch"),
    ("Maven", "pom.xml", "", "mvn --batch-mode --quiet dependency:go-offline"),
    ("Gradle", "build.gradle", "gradle.lockfile", "gradle --no-daemon testClasses"),
    ("Gradle", "build.gradle.kts", "gradle.lockfile", "gradle --no-daemon testClasses"),
    ("Bundler", "Gemfile", "Gemfile.lock", "bundle install"),
    ("Composer", "composer.json", "composer.lock", "composer install --no-interaction"),
)


def _simple(
    repository: Repository, ecosystem: str, manifest: str, lock: str, command: str
) -> Setup | None:
    if manifest not in repository:
        return None
    files = tuple(path for path in (manifest, lock) if path in repository)
    return Setup(ecosystem, (command,), files)
