"""Small git repositories for tests."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

CALCULATOR = {
    "calculator.py": """\
def mean(values):
    return sum(values) / len(values) + 1


def largest(values):
    return max(values)
""",
    "test_calculator.py": """\
from calculator import largest, mean


def test_mean():
    assert mean([1, 2, 3]) == 2


def test_largest():
    assert largest([1, 3, 2]) == 3
""",
}
"""One function is wrong, one is right, and each has a test."""

CHECK = "grep --quiet 'len(values)$' calculator.py"
"""A test command that is judged by its exit code, and costs milliseconds."""

RIGHT = "    return sum(values) / len(values)\n"
WRONG = "    return sum(values) / len(values) + 1\n"


def git(repository: Path, *arguments: str) -> str:
    """Run git with an identity; its output, stripped."""
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", *arguments]
    return subprocess.run(
        command, cwd=repository, check=True, capture_output=True, text=True
    ).stdout.strip()


def make_repository(path: Path, files: Mapping[str, str]) -> Path:
    """A repository with one commit of these files."""
    path.mkdir(parents=True)
    git(path, "init", "--quiet", "--initial-branch=main")
    for name, text in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message", "base")
    return path
