"""The report beside other plugins, in pytests that tests start, and on other Pythons."""

import shutil
import subprocess

import pytest

from doubles.local_box import MakeBox
from tools.checks.base import Report, Request
from tools.checks.run import run_checks

NESTING = """
    pytest_plugins = ["pytester"]

    def test_nests(pytester):
        pytester.makepyfile("def test_inner(): assert 0")
        pytester.runpytest_inprocess().assert_outcomes(failed=1)
        pytester.runpytest_subprocess().assert_outcomes(failed=1)

    def test_after(): pass
"""

TWICE = """
    import pytest, sys
    sys.exit(pytest.main(["-q", "test_one.py"]) + pytest.main(["-q", "test_two.py"]))
"""

SIMPLE = """
    import pytest
    from app import half

    @pytest.mark.parametrize("number", range(3))
    def test_half(number): assert half(number) * 2 == number
"""


def names(report: Report) -> list[str]:
    return [case.name for case in report.cases]


def test_a_pytest_that_a_test_starts_is_not_reported(make_box: MakeBox) -> None:
    report = run_checks(make_box({"test_it.py": NESTING}), Request("python -m pytest"))
    assert names(report) == ["test_it.py::test_nests", "test_it.py::test_after"]
    assert report.broken == []


def test_two_sessions_of_one_process_are(make_box: MakeBox) -> None:
    files = dict.fromkeys(("test_one.py", "test_two.py"), "def test_it(): pass")
    report = run_checks(make_box(files | {"twice.py": TWICE}), Request("python twice.py"))
    assert names(report) == ["test_one.py::test_it", "test_two.py::test_it"]


def test_names_start_at_the_repository_whatever_pytest_takes_for_its_root(
    make_box: MakeBox,
) -> None:
    test = "def test_it(): pass"
    box = make_box({"a/pytest.ini": "", "a/tests/test_a.py": test, "b/test_b.py": test})
    report = run_checks(box, Request("cd a && python -m pytest && cd .. && python -m pytest b"))
    assert names(report) == ["a/tests/test_a.py::test_it", "b/test_b.py::test_it"]


@pytest.mark.parametrize(
    "option", ["-p no:terminal -p no:capture -p no:cacheprovider", "--import-mode=importlib"]
)
def test_pytest_does_without_parts_of_itself(make_box: MakeBox, option: str) -> None:
    box = make_box({"test_it.py": "def test_it(): pass"})
    report = run_checks(box, Request(f"PYTHONPATH=. python -m pytest {option}"))
    assert names(report) == ["test_it.py::test_it"]
    assert report.exit_code == 0


def test_an_entry_point_is_enough(make_box: MakeBox) -> None:
    box = make_box({"test_it.py": "def test_it(): pass"})
    box.environment = {"PYTEST_ADDOPTS": "-p no:langsmith_plugin -p no:hypothesispytest"}
    report = run_checks(box, Request("python -m pytest"))
    assert names(report) == ["test_it.py::test_it"]
    assert "plugins: patchwright_report" in report.output


@pytest.mark.parametrize("minor", range(6, 15))
def test_other_pythons(make_box: MakeBox, minor: int) -> None:
    python = _python_with_pytest(minor)
    app = "def half(n):\n    if n == 2:\n        return 0\n    return n / 2\n"
    box = make_box({"app.py": app, "test_it.py": SIMPLE}, python)
    box.environment = {}
    report = run_checks(box, Request(f"{python} -m pytest", coverage=True, seconds_per_test=5))
    assert names(report) == [f"test_it.py::test_half[{number}]" for number in range(3)]
    assert [(line.line, line.failing, line.passing) for line in report.lines] == [
        (2, 1, 2),
        (3, 1, 0),
    ]


def _python_with_pytest(minor: int) -> str:
    python = shutil.which(f"python3.{minor}")
    if python is None:
        pytest.skip(f"there is no Python 3.{minor}")
    if subprocess.run([python, "-c", "import pytest"], capture_output=True).returncode:
        pytest.skip(f"Python 3.{minor} has no pytest")
    return python
