"""What tox and nox would run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.checks.frameworks import direct_command, find_suites

TOX = """
[tox]
envlist = py39, lint

[testenv]
changedir = {toxinidir}/src
deps = pytest
setenv = A = 1
commands =
    pip list
    -coverage run --branch -m pytest {posargs:tests} \\
        --cov=package -q
    coverage report
"""

NOX = """
import nox

@nox.session(python=["3.9", "3.10"])
def tests(session):
    session.install("-e", ".", "pytest")
    session.run("coverage", "erase")
    session.run("python", "-m", "unittest", "discover", "-s", "tests", *session.posargs)
"""


def direct(command: str, **files: str) -> str:
    named = {name.replace("_", "."): text for name, text in files.items()}
    return direct_command(command, list(named), named.__getitem__)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("tox", "cd src && python3 -m pytest tests -q"),
        ("python -m tox -e py39", "cd src && python3 -m pytest tests -q"),
        ("tox -e py39 -- tests/a.py -x", "cd src && python3 -m pytest tests/a.py -x -q"),
    ],
)
def test_tox_leads_to_what_it_runs(command: str, expected: str) -> None:
    assert direct(command, tox_ini=TOX) == expected


def test_nox_leads_to_what_it_runs() -> None:
    files = {"noxfile_py": NOX}
    assert direct("nox", **files) == "python3 -m unittest discover -s tests"
    assert direct("nox -s tests -- -v", **files).endswith("discover -s tests -v")


@pytest.mark.parametrize("command", ["pytest -q", "make test", "tox && echo", "", "'"])
def test_other_commands_are_left_alone(command: str) -> None:
    assert direct(command, tox_ini=TOX) == command


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[testenv]\ncommands = make test",
        "[testenv]\ncommands = pytest {env:SOMETHING}",
        "[testenv]\ncommands = pytest 'unbalanced",
        "[testenv\n",
        "[other]\ncommands = pytest",
    ],
)
def test_what_cannot_be_known_is_not_made_up(text: str) -> None:
    assert direct("tox", tox_ini=text) == "tox"


def test_what_they_run_is_found_where_nothing_is_configured() -> None:
    files = {"tox.ini": TOX, "src/tests/test_a.py": "def test_a(): pass"}
    suites = find_suites(list(files), files.__getitem__)
    assert (suites[0].command, suites[0].evidence) == (
        "cd src && python3 -m pytest tests -q",
        "tox.ini",
    )


def test_pytests_own_configuration_goes_before() -> None:
    files = {"tox.ini": TOX, "pytest.ini": "[pytest]"}
    assert find_suites(list(files), files.__getitem__)[0].command == "python3 -m pytest"


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    direct("tox", tox_ini=text)
    direct("tox", tox_ini="[testenv]\ncommands = " + text)
    direct("nox", noxfile_py=text)
