import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.commands.context import context, index
from doubles.repositories import CALCULATOR, git, make_repository
from tools.git import EmptyRepository, NotARepository

ISSUE = "mean is wrong\n\n`mean([1, 2, 3])` gives 3"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repository", CALCULATOR)


def test_the_pieces_are_shown_with_what_chose_them(repository: Path) -> None:
    result = CliRunner().invoke(
        context, [str(repository), "--issue", ISSUE], catch_exceptions=False
    )
    assert result.exit_code == 0
    assert "calculator.py" in result.output
    assert "tokens, estimated" in result.output
    assert "because of" in result.output


def test_machines_get_one_object(repository: Path) -> None:
    arguments = [str(repository), "--issue", ISSUE, "--json", "--budget", "2000"]
    result = CliRunner().invoke(context, arguments, catch_exceptions=False)
    told = json.loads(result.output)
    assert told["budget"] == 2000
    assert 0 < told["tokens"] <= 2000
    assert sum(told["sections"].values()) == told["tokens"]
    assert {file["path"] for file in told["files"]} == set(CALCULATOR)
    assert told["index"]["languages"] == {"python": 2}


def test_the_text_is_written_where_asked(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "seen.md"
    arguments = [str(repository), "--issue", ISSUE, "--out", str(out)]
    CliRunner().invoke(context, arguments, catch_exceptions=False)
    assert CALCULATOR["calculator.py"] in out.read_text()


def test_the_last_commit_is_read_not_the_work_tree(repository: Path, tmp_path: Path) -> None:
    (repository / "calculator.py").write_text("changed = 1\n")
    out = tmp_path / "seen.md"
    arguments = [str(repository), "--issue", ISSUE, "--out", str(out)]
    CliRunner().invoke(context, arguments, catch_exceptions=False)
    assert "changed" not in out.read_text()


def test_the_index_is_told_and_kept(repository: Path) -> None:
    (repository / "broken.py").write_text("def f(:\n")
    (repository / "poetry.lock").write_text("x")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "more")
    for _ in range(2):
        result = CliRunner().invoke(index, [str(repository)], catch_exceptions=False)
        assert "python" in result.output
        assert "kept out: 1 lock file" in result.output
        assert "broken.py: syntax errors" in result.output
    result = CliRunner().invoke(index, [str(repository), "--json"], catch_exceptions=False)
    told = json.loads(result.output)
    assert (told["files"], told["indexed"]) == (4, 3)
    assert told["kept_out"] == {"poetry.lock": "lock file"}
    kept = Path.home() / ".cache" / "patchwright" / "index"
    assert list(kept.iterdir())


def test_what_cannot_be_shown_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotARepository):
        CliRunner().invoke(index, [str(tmp_path)], catch_exceptions=False)
    git(tmp_path, "init", "--quiet", "empty")
    with pytest.raises(EmptyRepository):
        CliRunner().invoke(index, [str(tmp_path / "empty")], catch_exceptions=False)
    result = CliRunner().invoke(context, [str(tmp_path), "--issue", " "])
    assert result.exit_code == 2
    assert "the issue is empty" in result.output
