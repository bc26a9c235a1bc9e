import pytest

from tools.git import Change
from tools.sensitive import inspect


def change(path: str, mode: str = "100644", old: str = "100644") -> Change:
    return Change(old, mode, path)


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml", ".github/CODEOWNERS", ".gitattributes", "sub/.gitmodules",
        ".husky/pre-commit", "conftest.py", "tests/conftest.py", "pytest.ini", "tox.ini",
        "setup.cfg", "setup.py", "pyproject.toml", "a/x.pth", "sitecustomize.py", "Makefile",
        "requirements-dev.txt", "poetry.lock", "package.json", "package-lock.json", "go.sum",
        "AGENTS.md", "CLAUDE.md", ".vscode/tasks.json", ".devcontainer/x", ".cursorrules",
    ],
)  # fmt: skip
def test_what_makes_a_machine_run_something_is_named(path: str) -> None:
    [flag] = inspect([change(path)], b"+x\n").flags
    assert path in flag


@pytest.mark.parametrize("path", ["src/a.py", "README.md", "docs/github.md", "lib/lock.go"])
def test_everything_else_is_not(path: str) -> None:
    assert inspect([change(path)], b"+x\n") == inspect([], b"")


@pytest.mark.parametrize("mode", ["120000", "160000"])
def test_links_and_submodules_are_refused(mode: str) -> None:
    assert inspect([change("a", mode, "000000")], b"").refusals


@pytest.mark.parametrize(
    "line",
    [
        b"key = 'ghp_" + b"a" * 36 + b"'", b"github_pat_" + b"a1" * 20,
        b"-----BEGIN RSA PRIVATE KEY-----", b"AKIA" + b"A" * 16,
    ],
)  # fmt: skip
def test_an_added_secret_is_refused_and_a_removed_one_is_not(line: bytes) -> None:
    assert inspect([change("a")], b"+" + line + b"\n").refusals
    assert not inspect([change("a")], b"-" + line + b"\n").refusals


def test_size_modes_binaries_and_unseen_characters_are_flagged() -> None:
    assert inspect([change(f"a{n}") for n in range(101)], b"").flags
    assert inspect([change("a")], b"x" * 1024 * 1025).flags
    assert inspect([change("a", "100755")], b"").flags
    assert inspect([change("a")], b"GIT binary patch\n").flags
    assert inspect([change("a")], "+x\u202ey\n".encode()).flags
