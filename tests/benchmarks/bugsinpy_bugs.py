"""The small bugs of BugsInPy as its benchmark needs them: a repository and a Python for each.

An environment is made once for each project with `uv`, as of the summer in which the set was put
together, and kept in a folder of the user's. Only what the tests of a project need is in it: what
is tested is the code of the repository.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gate_instances import ANEW

_MOST_LINES, _MOST_PLACES = 2, 2
_SETTING = re.compile(r'^\s*(\w+)\s*=\s*"?([^"\n]*)"?', re.MULTILINE)
_FILE = re.compile(r"^diff --git a/(\S+) b/\S+$", re.MULTILINE)
_CHANGED = re.compile(r"(?:^[+-](?!\+\+ |-- ).*\n?)+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Project:
    """What the tests of a project need beside pytest."""

    python: str
    needs: tuple[str, ...] = ()
    until: str = "2020-06-20"
    """No release that came later is installed."""


PROJECTS = {
    "PySnooper": Project("3.8", ("python-toolbox", "decorator", "future")),
    "black": Project(
        "3.8",
        (
            *("click", "attrs", "appdirs", "toml", "typed-ast", "regex", "pathspec"),
            *("aiohttp", "aiohttp-cors", "mypy-extensions", "typing-extensions", "dataclasses"),
        ),
    ),
    "cookiecutter": Project(
        "3.6",
        (
            *("jinja2", "jinja2-time", "click", "binaryornot", "poyo", "python-slugify"),
            *("requests", "six", "whichcraft", "pytest-mock", "freezegun", "future"),
        ),
    ),
    "httpie": Project("3.7", ("requests", "pygments", "pytest-httpbin", "mock", "werkzeug<1.1")),
    "luigi": Project(
        "3.8",
        (
            *("tornado<6", "python-daemon", "python-dateutil", "mock", "nose", "psutil"),
            *("sqlalchemy", "requests", "boto3", "moto", "hypothesis"),
        ),
    ),
    "sanic": Project(
        "3.8",
        (
            *("httptools", "uvloop", "aiofiles", "websockets", "multidict<5", "httpx==0.11.1"),
            *("ujson", "pytest-sanic", "beautifulsoup4", "gunicorn", "aiohttp", "uvicorn"),
        ),
    ),
    "scrapy": Project(
        "3.8",
        (
            *("twisted<21.3", "lxml", "parsel", "w3lib", "pyopenssl", "cssselect", "queuelib"),
            *("service-identity", "six", "pydispatcher", "protego>=0.2", "zope.interface"),
            *("cryptography", "testfixtures", "pillow", "sybil", "itemadapter", "botocore", "mock"),
        ),
        until="2022-04-01",  # before, several of these have no archive that can be unpacked
    ),
    "thefuck": Project(
        "3.7",
        (
            *("pytest==3.10.1", "pytest-mock", "mock", "psutil", "colorama", "six", "decorator"),
            *("pyte", "pexpect"),
        ),
    ),
    "tornado": Project("3.7"),
    "tqdm": Project("3.6", ("nose", "numpy", "pandas")),
    "youtube-dl": Project("3.7"),
}
"""The set's projects that are pure Python and whose requirements still install."""


@dataclass(frozen=True, slots=True)
class Bug:
    """One bug of the set."""

    project: str
    number: int
    buggy: str
    """The commit that has the bug."""
    fixed: str
    """The commit that mends it."""
    tests: tuple[str, ...]
    """The files of the mending commit that show the bug, tests first and then their data."""
    files: tuple[str, ...]
    """What the developers changed."""

    @property
    def name(self) -> str:
        """As people write it: the project and the number."""
        return f"{self.project} {self.number}"

    @property
    def command(self) -> str:
        """What runs the tests that came with the mending."""
        files = " ".join(file for file in self.tests if file.endswith(".py"))
        return f"python -m pytest -p no:cacheprovider {files}"


def small_bugs(checkout: Path, project: str) -> Iterator[Bug]:
    """The bugs that were mended by one or two lines of Python, in one or two places."""
    for folder in sorted((checkout / "projects" / project / "bugs").glob("[0-9]*"), key=_number):
        patch = (folder / "bug_patch.txt").read_text(encoding="utf-8", errors="replace")
        files = tuple(_FILE.findall(patch))
        if _is_small(patch) and all(file.endswith(".py") for file in files):
            told = dict(_SETTING.findall((folder / "bug.info").read_text(encoding="utf-8")))
            tests = tuple(filter(None, re.split(r"[;\s]+", told["test_file"])))
            yield Bug(
                project=project,
                number=int(folder.name),
                buggy=told["buggy_commit_id"],
                fixed=told["fixed_commit_id"],
                tests=tuple(sorted(tests, key=lambda file: not file.endswith(".py"))),
                files=files,
            )


def _number(folder: Path) -> int:
    return int(folder.name)


def _is_small(patch: str) -> bool:
    places = [_code(change) for change in _CHANGED.findall(patch)]
    places = [lines for lines in places if lines]
    kinds = [[line for lines in places for line in lines if line[0] == sign] for sign in "+-"]
    return 0 < len(places) <= _MOST_PLACES and max(map(len, kinds)) <= _MOST_LINES


def _code(change: str) -> list[str]:
    """The changed lines, without those that hold a comment or nothing."""
    return [line for line in change.splitlines() if line[1:].strip() and line[1:].strip()[0] != "#"]


def make_repository(bug: Bug, history: Path, target: Path) -> None:
    """The buggy commit, with its own history and none after it, and the mending commit's tests."""
    git(target, "init", "--quiet")
    directory = told_by_git(history, "rev-parse", "--absolute-git-dir")
    (target / ".git/objects/info/alternates").write_text(f"{directory}/objects\n")
    git(target, "checkout", "--quiet", "--detach", bug.buggy)
    git(target, "checkout", "--quiet", bug.fixed, "--", *bug.tests)
    git(target, "commit", "--quiet", "--allow-empty", "--message", "Tests that show a bug")


def git(repository: Path, *arguments: str, given: str | None = None) -> None:
    """Run git there, as nobody.

    Raises:
        subprocess.CalledProcessError: It failed; ``stderr`` says why.
    """
    who = ["-c", "user.name=b", "-c", "user.email=b@localhost", "-c", "advice.detachedHead=false"]
    subprocess.run(
        ["git", *who, *arguments],
        cwd=repository, input=given, check=True, capture_output=True, text=True,
    )  # fmt: skip


def told_by_git(repository: Path, *arguments: str) -> str:
    """What git prints there; raises as ``git`` does."""
    done = subprocess.run(
        ["git", *arguments], cwd=repository, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def environment(folder: Path, project: str, pythons: Path, uv: str) -> Path:
    """The environment to test a project in, made when it is not there yet.

    Raises:
        subprocess.CalledProcessError: It cannot be made.
        StopIteration: There is no such Python.
    """
    wanted = PROJECTS[project]
    path = folder / f"{project}-{wanted.python}"
    if not (path / "made").exists():
        shutil.rmtree(path, ignore_errors=True)
        python = next(pythons.glob(f"{wanted.python}.*")) / "bin" / "python"
        install = (
            "--exclude-newer",
            wanted.until,
            *ANEW,
            "pytest<6",
            "setuptools<50",
            *wanted.needs,
        )
        for arguments in (
            ("venv", "--quiet", "--python", str(python), str(path)),
            ("pip", "install", "--quiet", "--python", str(path / "bin" / "python"), *install),
        ):
            subprocess.run([uv, *arguments], check=True, capture_output=True, text=True)
        (path / "made").touch()
    return path.resolve()
