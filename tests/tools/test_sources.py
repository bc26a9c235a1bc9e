"""What runs the tests of a tree: what its files say, or what a person names."""

from pathlib import Path

import pytest

from doubles.suites import tree_with
from tools.git import ObjectStore
from tools.sources import command_of

TOX = "[testenv]\ncommands = pytest {posargs:tests}\n"


@pytest.mark.parametrize(
    ("named", "command"),
    [
        (None, "python3 -m pytest tests"),
        ("tox -e py311", "python3 -m pytest tests"),
        ("tox -- -x", "python3 -m pytest -x"),
        ("make test", "make test"),
    ],
)
def test_tox_stands_for_what_it_runs(tmp_path: Path, named: str | None, command: str) -> None:
    store = ObjectStore(tmp_path / "store")
    files = {"tox.ini": TOX, "package/code.py": "", "tests/test_code.py": ""}
    assert command_of(store, tree_with(store, files), named) == command


def test_a_tree_without_tests_has_no_command(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "store")
    tree = tree_with(store, {"README": ""})
    assert command_of(store, tree) is None
    assert command_of(store, tree, "make test") == "make test"
