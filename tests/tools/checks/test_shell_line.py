import pytest

from tools.checks.shell_line import simple_commands


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("pytest -q", [["pytest", "-q"]]),
        ("A=1 B='x y' pytest -k 'a and b'", [["pytest", "-k", "a and b"]]),
        ("cd x && pytest; echo a=b", [["cd", "x"], ["pytest"], ["echo", "a=b"]]),
        ("(make build || exit 1)\npytest --co=a/b", None),
        ("pytest 2>&1 | tee log", [["pytest", "2"], ["1"], ["tee", "log"]]),
        ("", []),
        ("pytest 'unbalanced", []),
    ],
)
def test_lines_are_split_into_commands(line: str, commands: list[list[str]] | None) -> None:
    if commands is None:
        commands = [["make", "build"], ["exit", "1"], ["pytest", "--co=a/b"]]
    assert simple_commands(line) == commands
