import json
from pathlib import PurePosixPath

import pytest

from tools.checks.base import Request
from tools.checks.finding import Repository
from tools.checks.pytest import PYTEST

SCRATCH = PurePosixPath("/scratch/run")


def _command(files: dict[str, str]) -> str | None:
    suite = PYTEST.find(Repository(list(files), files.__getitem__))
    return suite and suite.command


@pytest.mark.parametrize(
    "files",
    [
        {"pytest.ini": ""},
        {"conftest.py": ""},
        {"deep/down/test_it.py": ""},
        {"it_test.py": ""},
        {"pyproject.toml": "[project]\n[tool.pytest.ini_options]\n"},
        {"setup.cfg": "[metadata]\n[tool:pytest]\n"},
        {"tox.ini": "[tox]\n[pytest]\n"},
    ],
)
def test_a_repository_that_uses_pytest_is_found(files: dict[str, str]) -> None:
    assert _command(files) == "python3 -m pytest"


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"latest.py": "", "contest.py": "", "test_data.txt": "", "docs/setup.cfg": "[tool:pytest]"},
        {"pyproject.toml": "[tool.pytester]", "setup.cfg": "# [tool:pytest]", "tox.ini": "[tox]"},
    ],
)
def test_a_repository_that_does_not_is_not(files: dict[str, str]) -> None:
    assert _command(files) is None


@pytest.mark.parametrize(
    "command",
    [
        "pytest",
        "pytest -q tests/",
        "py.test",
        "python -m pytest -x",
        "python3.12 -X dev -m pytest",
        "/venv/bin/python -m pytest",
        ".venv/bin/pytest tests",
        "A=1 PYTHONPATH=src pytest",
        "cd x && pytest",
        "(cd x; pytest) | tee log",
        "env A=1 pytest",
        "timeout 60 pytest",
        "uv run pytest",
        "poetry run python -m pytest",
        "coverage run -m pytest",
    ],
)
def test_lines_that_run_pytest_are_understood(command: str) -> None:
    assert PYTEST.understands(command)


@pytest.mark.parametrize(
    "command",
    [
        "",
        "make test",
        "pip install pytest",
        "python -m unittest",
        "echo pytest",
        "cat pytest.ini",
        "python pytest_runner.py",
        "pytest 'unbalanced",
    ],
)
def test_other_lines_are_not(command: str) -> None:
    assert not PYTEST.understands(command)


def test_the_request_goes_into_the_settings() -> None:
    invocation = PYTEST.invoke(
        Request("pytest", tests=["a.py::b[' \"]"], coverage=True, seconds_per_test=2.5), SCRATCH
    )
    assert json.loads(invocation.files["settings.json"]) == {
        "report": "/scratch/run/reports/events.jsonl",
        "tests": ["a.py::b[' \"]"],
        "coverage": True,
        "stop_early": False,
        "seconds": 2.5,
    }
    assert "python/patchwright_report/__init__.py" in invocation.files


@pytest.mark.parametrize(
    ("command", "changed"),
    [
        ("pytest", "pytest"),
        ("PYTHONPATH=src pytest", "PYTHONPATH=/scratch/run/python:src pytest"),
        ('A=1 PYTHONPATH="a b" pytest', 'A=1 PYTHONPATH=/scratch/run/python:"a b" pytest'),
        ("PYTHONPATH= pytest", "PYTHONPATH=/scratch/run/python pytest"),
        ("export PYTHONPATH=a; pytest", "export PYTHONPATH=/scratch/run/python:a; pytest"),
        ("MY_PYTHONPATH=a pytest", "MY_PYTHONPATH=a pytest"),
    ],
)
def test_a_path_of_the_commands_own_keeps_the_plugin(command: str, changed: str) -> None:
    invocation = PYTEST.invoke(Request(command), SCRATCH)
    assert invocation.command == changed


def test_the_plugin_is_named_where_no_entry_point_is_looked_for() -> None:
    command = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 pytest"
    invocation = PYTEST.invoke(Request(command), SCRATCH)
    assert 'export PYTEST_ADDOPTS="-p patchwright_report.plugin' in invocation.setup[1]
    assert "] || export PYTEST_ADDOPTS" not in invocation.setup[1]
