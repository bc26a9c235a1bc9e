"""Real issues as the gate's benchmark needs them: a base tree, patches, and a Python to test with.

An instance's repository is DIR/OWNER__NAME, bare or not. Its environment is made once for each of
the project's versions, with `uv` and as of the issue's date, and kept in a folder of the user's.
Only the project's dependencies stay in it: what is tested is the tree in the box.
"""

import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from tools.git import ObjectStore

BESIDES = {
    "marshmallow-code/marshmallow": ["pytest<8", "pytz", "simplejson", "python-dateutil"],
    "pydicom/pydicom": ["pytest<8", "numpy<1.24"],
    "pylint-dev/astroid": ["pytest<8", "numpy<1.24", "attrs", "python-dateutil", "six"],
    "sqlfluff/sqlfluff": ["pytest<8", "hypothesis", "oyaml", "click<8.1.4"],
    "django/django": ["pytz", "sqlparse", "asgiref", "jinja2"],
    "sympy/sympy": ["mpmath"],
    "pallets/flask": ["pytest<8", "asgiref", "python-dotenv", "blinker"],
    "pylint-dev/pylint": ["pytest<8", "pytest-benchmark", "gitpython", "typing-extensions"],
    "pytest-dev/pytest": [
        "attrs",
        "atomicwrites",
        "wcwidth",
        "pluggy<2",
        "hypothesis",
        "xmlschema",
        "nose",
        "mock",
    ],
}
"""What the tests of a project need beside its own requirements."""

GENERATED = {
    "pytest-dev/pytest": (
        "src/_pytest/_version.py",
        'version = "{version}.0"\nversion_tuple = tuple(map(int, version.split(".")))\n',
    )
}
"""A file that a project's build makes and its tests need: its path, and what is in it."""

_NAME = re.compile(r"^diff --git a/(\S+) b/(\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Instance:
    """One issue with the patch that solved it and the tests that came with it."""

    name: str
    repository: str
    commit: str
    created: datetime
    version: str
    issue: str
    gold: bytes
    tests: bytes
    failing: tuple[str, ...]

    @property
    def changed_tests(self) -> list[str]:
        """Every file that the instance's tests come in."""
        return [new for _, new in _NAME.findall(self.tests.decode())]

    @property
    def test_files(self) -> list[str]:
        """The Python files that the instance's tests are in."""
        files = [new for _, new in _NAME.findall(self.tests.decode())]
        return [file for file in files if file.endswith(".py")]

    @property
    def folder(self) -> str:
        """The repository's name as part of a path."""
        return self.repository.replace("/", "__")


def read_instances(path: Path) -> list[Instance]:
    """Every line of a file of instances."""
    return [_instance(json.loads(line)) for line in path.read_text().splitlines() if line]


def _instance(row: dict[str, Any]) -> Instance:
    failing = row["FAIL_TO_PASS"]
    if isinstance(failing, str):
        failing = json.loads(failing)
    return Instance(
        name=row["instance_id"],
        repository=row["repo"],
        commit=row["base_commit"],
        created=datetime.fromisoformat(row["created_at"]),
        version=row["version"],
        issue=row["problem_statement"],
        gold=row["patch"].encode(),
        tests=row["test_patch"].encode(),
        failing=tuple(failing),
    )


def built_tree(store: ObjectStore, repository: Path, instance: Instance) -> str:
    """The tree of an instance's base, with what the project's build adds to it."""
    tree = base_tree(store, repository, instance.commit)
    if instance.repository not in GENERATED:
        return tree
    path, text = GENERATED[instance.repository]
    return store.with_file(tree, path, text.format(version=instance.version).encode())


def base_tree(store: ObjectStore, repository: Path, commit: str) -> str:
    """The commit's tree, less the blobs that the repository at hand lacks."""
    directory = subprocess.run(
        ["git", "rev-parse", "--absolute-git-dir"],
        cwd=repository, check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    alternates = store.directory / "objects.git" / "objects" / "info" / "alternates"
    alternates.parent.mkdir(exist_ok=True)
    alternates.write_text(f"{directory}/objects\n")
    tree = store.tree_of(commit)
    entries = store.entries(tree)
    sizes = store.sizes([entry.blob for entry in entries])
    absent = [e.path for e, size in zip(entries, sizes, strict=True) if size is None]
    return store.overlay(tree, EMPTY, absent) if absent else tree


EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""Git's name for the tree without files."""


_OLDEST = date(2019, 6, 1)
"""Before, there was no setuptools that builds a project in a folder of its own."""

ANEW = ("--exclude-newer-package", "atomicwrites=2022-08-01")
"""Its earlier releases were taken back: https://github.com/untitaker/python-atomicwrites/issues/61"""


@dataclass(frozen=True, slots=True)
class Environments:
    """Virtual environments, one a project's version, made where they are not there yet."""

    folder: Path
    pythons: Path
    """Holds a folder for each interpreter, named by its version, as pyenv's ``versions`` does."""
    uv: str = "uv"

    def of(self, instance: Instance, store: ObjectStore, tree: str) -> Path:
        """The environment to test an instance in.

        Raises:
            subprocess.CalledProcessError: It cannot be made.
        """
        path = self.folder / f"{instance.folder}-{instance.version}"
        if not (path / "made").exists():
            shutil.rmtree(path, ignore_errors=True)
            self._make(path, instance, store, tree)
            (path / "made").touch()
        return path

    def _make(self, path: Path, instance: Instance, store: ObjectStore, tree: str) -> None:
        python = self._python(instance)
        self._run("venv", "--quiet", "--python", str(python), str(path))
        with tempfile.TemporaryDirectory() as folder:
            archive = BytesIO(b"".join(store.archive(tree)))
            with tarfile.open(fileobj=archive) as tar:
                tar.extractall(folder, filter="data")
            until = max(instance.created.date() + timedelta(days=1), _OLDEST).isoformat()
            self._run(
                "pip", "install", "--quiet", "--python", str(path / "bin" / "python"),
                "--exclude-newer", until, *ANEW, folder, "setuptools<66",
                *BESIDES[instance.repository],
            )  # fmt: skip
        for package in _installed(path, instance.repository.split("/")[1]):
            shutil.rmtree(package)

    def _python(self, instance: Instance) -> Path:
        year = instance.created.year
        # Python 3.9 lacks what the setuptools of older projects calls; newer ones want a newer.
        version = "3.8" if year < 2021 else "3.9"
        if instance.repository in ("django/django", "pytest-dev/pytest", "sympy/sympy"):
            version = "3.7" if year < 2020 else "3.9" if year < 2023 else "3.11"
        return next(iter(sorted(self.pythons.glob(f"{version}.*")))) / "bin" / "python"

    def _run(self, *arguments: str) -> None:
        # A tree without its tags does not tell its version.
        variables = os.environ | {"SETUPTOOLS_SCM_PRETEND_VERSION": "0.1"}
        command = [self.uv, *arguments]
        subprocess.run(command, check=True, capture_output=True, text=True, env=variables)


def _installed(environment: Path, name: str) -> Iterator[Path]:
    """Where the project's own code was installed: the box's shall be the only one."""
    for folder in environment.glob("lib/python*/site-packages"):
        package = folder / name.replace("-", "_")
        if package.is_dir():
            yield package
