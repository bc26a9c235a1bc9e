import pytest

from tools.checks.frameworks import FRAMEWORKS, find_command, framework_for


def test_the_command_is_that_of_the_first_framework_at_home() -> None:
    assert find_command(["src/a.py", "tests/test_a.py"], lambda _: "") == "python3 -m pytest"


def test_no_command_is_made_up() -> None:
    assert find_command(["README.md", "Makefile"], lambda _: "") is None


@pytest.mark.parametrize(
    ("command", "name"), [("pytest -q", "pytest"), ("make test", "command"), ("", "command")]
)
def test_every_command_has_a_framework(command: str, name: str) -> None:
    assert framework_for(command).name == name


def test_the_last_framework_understands_everything() -> None:
    assert FRAMEWORKS[-1].understands("anything at all")
