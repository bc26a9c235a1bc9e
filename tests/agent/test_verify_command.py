"""``patchwright verify``: anybody's patch, judged without a model."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.commands.exits import UsageError
from agent.commands.verify import verify
from doubles.repositories import git, make_repository

PRODUCT = "def half(value):\n    return value // 3\n"
# A suite that prints TAP costs milliseconds, and has a test for each line.
SUITE = """\
value() { python3 -S -c "from product import half; print(half($1))"; }
number=0
check() {
    number=$((number + 1))
    if [ "$(value "$2")" = "$3" ]; then echo "ok $number - $1"; else echo "not ok $number - $1"; fi
}
echo TAP version 13
check zero 0 0
"""
FILES = {"product.py": PRODUCT, "tests/suite.sh": f"{SUITE}echo 1..1\n"}
WITH_TEST = f"{SUITE}check half-of-four 4 2\necho 1..2\n"
COMMAND = "sh tests/suite.sh"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repository", FILES)


def patch(repository: Path, files: dict[str, str], name: str) -> str:
    """A file with the diff that makes these files of those that are there."""
    for path, text in files.items():
        (repository / path).write_text(text)
    git(repository, "add", "--all", "--intent-to-add")
    diff = subprocess.run(
        ["git", "diff", "HEAD"], cwd=repository, check=True, capture_output=True
    ).stdout
    git(repository, "reset", "--hard", "--quiet")
    file = repository.parent / name
    file.write_bytes(diff)
    return str(file)


def run(repository: Path, *arguments: str, catch: bool = True) -> Result:
    fixed = ["--test-command", COMMAND, "--sandbox", "none", "--yes"]
    return CliRunner().invoke(verify, [str(repository), *fixed, *arguments], catch_exceptions=catch)


def right(repository: Path) -> str:
    return patch(repository, {"product.py": PRODUCT.replace("// 3", "// 2")}, "right.diff")


def shown_by(repository: Path) -> str:
    return patch(repository, {"tests/suite.sh": WITH_TEST}, "tests.diff")


def test_a_right_patch_is_proven_and_reported(repository: Path, tmp_path: Path) -> None:
    report = tmp_path / "report"
    result = run(
        repository,
        *("--patch", right(repository), "--test-patch", shown_by(repository)),
        *("--issue", "half of four is one", "--report", str(report)),
    )
    assert result.exit_code == 0, result.output
    assert "half-of-four" in result.output
    assert "proven" in result.output
    names = sorted(path.name for path in report.iterdir())
    assert names == ["patch.diff", "report.html", "report.md", "verdict.json"]
    assert json.loads((report / "verdict.json").read_text())["proven"]
    assert "half of four is one" in (report / "report.md").read_text()
    assert git(repository, "status", "--porcelain") == ""


def test_a_wrong_patch_ends_with_one_and_a_reason(repository: Path) -> None:
    wrong = patch(repository, {"product.py": PRODUCT.replace("// 3", "// 5")}, "wrong.diff")
    result = run(
        repository, "--patch", wrong, "--test-patch", shown_by(repository), "--test", "half-of-four"
    )
    assert result.exit_code == 1
    assert "not proven: half-of-four failed on the patch; it must pass" in result.output


def test_machines_get_one_object(repository: Path) -> None:
    result = run(
        repository, "--patch", right(repository), "--test-patch", shown_by(repository), "--json"
    )
    told = json.loads(result.stdout)
    assert told["proven"]
    assert [test["name"] for test in told["reproduction"]] == ["half-of-four"]


def test_without_a_test_that_shows_the_bug_nothing_is_proven(repository: Path) -> None:
    result = run(repository, "--patch", right(repository))
    assert result.exit_code == 1
    assert "there is no test that fails on the base" in result.output


def test_a_patch_may_bring_its_own_tests_where_that_is_asked_for(repository: Path) -> None:
    both = {"product.py": PRODUCT.replace("// 3", "// 2"), "tests/suite.sh": WITH_TEST}
    file = patch(repository, both, "both.diff")
    assert run(repository, "--patch", file).exit_code == 1
    assert run(repository, "--patch", file, "--own-tests").exit_code == 0


def test_a_trick_is_refused_without_a_run(repository: Path) -> None:
    text = PRODUCT + "\n\nimport os\nos._exit(0)\n"
    trick = patch(repository, {"product.py": text}, "trick.diff")
    result = run(repository, "--patch", trick, "--test-patch", shown_by(repository))
    assert result.exit_code == 1
    assert "product.py:6: `os._exit` ends the test runner at once" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--patch", "garbage"], "the patch does not apply to the base"),
        (["--patch", "right", "--test-patch", "garbage"], "the test patch does not apply"),
        (["--patch", "right", "--own-tests"], "it brings none that shows the bug"),
        (["--patch", "right", "--test-command", "sleep 9", "--test-minutes", "0.005"], "in time"),
    ],
)
def test_what_cannot_be_judged_is_said(
    repository: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    garbage = tmp_path / "garbage.diff"
    garbage.write_text("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
    files = {"garbage": str(garbage), "right": right(repository)}
    result = run(repository, *(files.get(word, word) for word in arguments))
    assert result.exit_code == 2
    assert message in result.output


def test_a_bare_host_has_to_be_agreed_to(repository: Path) -> None:
    with pytest.raises(UsageError, match="say so with --yes"):
        verify.callback(  # type: ignore[misc]
            repository, Path(right(repository)), None, None, None, None,
            as_json=False, yes=False, tests=(), own_tests=False, base="HEAD", setup=None,
            test_seconds=None, test_minutes=None, sandbox="none", image=None,
        )  # fmt: skip
