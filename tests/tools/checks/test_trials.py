"""Many changes in one run: the verdicts of runs of their own, whatever the changes do."""

import ast
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doubles.local_box import LocalBox, MakeBox
from tools.checks.base import Report, Request
from tools.checks.run import run_checks
from tools.checks.trials import Change, Trials, passed, try_changes

SHOP = "import colorsys\n\n\ndef total(price, discount):\n    return price + discount\n"
OLD = "price + discount"
TESTS = """\
import pytest
from shop import total


@pytest.mark.parametrize("price", [5, 6])
def test_less(price):
    assert total(price, 3) == price - 3


def test_none():
    assert total(0, 0) == 0


class TestFree:
    def test_free(self):
        assert total(3, 3) == 0
"""
FILES = {"shop.py": SHOP, "test_shop.py": TESTS}
NAMES = ("test_shop.py::test_less", "test_shop.py::test_none", "test_shop.py::TestFree::test_free")
REQUEST = Request("python3 -m pytest", tests=NAMES, stop_early=True, seconds_per_test=2.0)


def tried(box: LocalBox, *news: str, **values: float) -> Trials:
    changes = [Change("shop.py", OLD, new) for new in news]
    return try_changes(box, REQUEST, changes, **({"seconds": 40.0, "each": 10.0} | values))


def outcomes(report: Report | None) -> dict[str, str]:
    assert report is not None
    return {case.name: case.outcome for case in report.cases}


@pytest.fixture(scope="module")
def box(make_box: MakeBox) -> LocalBox:
    return make_box(FILES)


def text(box: LocalBox) -> str:
    return (box.root / "shop.py").read_text()


expressions = st.recursive(
    st.sampled_from(["price", "discount", "0", "3", "None", "[]", "missing"]),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/%"), inner).map(" ".join),
    max_leaves=4,
)


@settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(expressions.filter(lambda new: new != OLD), min_size=2, max_size=3, unique=True))
def test_verdicts_are_those_of_runs_of_their_own(box: LocalBox, news: list[str]) -> None:
    news = ["price - discount", *news, "(", "exit(0)", "pytest"]
    together = tried(box, *news)
    for new, report in zip(news, together.reports, strict=True):
        (box.root / "shop.py").write_text(SHOP.replace(OLD, new))
        alone = run_checks(box, REQUEST)
        (box.root / "shop.py").write_text(SHOP)
        assert outcomes(report) == outcomes(alone), new
    assert together.problem == ""
    assert passed(together.reports[0])
    assert set(outcomes(together.unchanged).values()) == {"failed"}


HOSTILE = {
    "leaves without a word": "__import__('os')._exit(0)",
    "ends its server": "__import__('os').kill(__import__('os').getppid(), 9)",
    "ends its group": "__import__('os').killpg(0, 9)",
    "goes on twice": "(__import__('os').fork(), price - discount)[1] + 1",
    "runs for ever": "[0 for _ in iter(int, 1)]",
    "swallows what stops it": "exec('while 1:\\n try:\\n  while 1: pass\\n except: pass')",
    "takes the file away": "__import__('os').unlink('shop.py')",
    "leaves a daemon": (
        "__import__('subprocess').Popen(['sh', '-c', 'echo $$ > daemon; sleep 60'],"
        " start_new_session=True).wait(0.2)"
    ),
    "claims to have passed": (
        'print(\'["case", "test_shop.py::test_less[5]", "passed", 0, ""]\') or 7'
    ),
}


def test_no_change_can_pass_by_force_or_keep_others_from_passing(make_box: MakeBox) -> None:
    box = make_box(FILES)
    right = "price - discount"
    news = [new for bad in HOSTILE.values() for new in (bad, right)]
    found = tried(box, *news, seconds=60.0, each=4.0)
    verdicts = [report is not None and passed(report) for report in found.reports]
    assert verdicts == [new == right for new in news]
    assert text(box) == SHOP
    daemon = int((box.root / "daemon").read_text())
    deadline = time.monotonic() + 5
    while os.path.exists(f"/proc/{daemon}/cmdline") and time.monotonic() < deadline:
        if not Path(f"/proc/{daemon}/cmdline").read_bytes():
            break  # dead, and nobody has asked for its exit code
        time.sleep(0.02)
    else:
        assert not os.path.exists(f"/proc/{daemon}")


def test_a_run_that_dies_on_the_way_leaves_the_file_as_it_was(box: LocalBox) -> None:
    kill = (
        "(lambda o, s: [o.kill(int(open(f'/proc/{s}/stat').read().split()[3]), 9), o.kill(s, 9)])"
        "(__import__('os'), __import__('os').getppid())"
    )
    found = tried(box, "price - discount", kill, "discount")
    assert text(box) == SHOP
    assert passed(found.reports[0])
    assert not passed(found.reports[1])
    assert found.reports[2] is None


def test_bytecode_of_one_change_never_stands_for_another(make_box: MakeBox) -> None:
    box = make_box(FILES)
    compiles = "__import__('py_compile').compile(__file__, doraise=True) and price {} discount"
    signs = ("*", "-", "+", "-")
    found = tried(box, *(compiles.format(sign) for sign in signs))
    assert [passed(report) for report in found.reports] == [sign == "-" for sign in signs]
    before = (box.root / "shop.py").stat().st_mtime_ns
    tried(box, "0")
    assert (box.root / "shop.py").stat().st_mtime_ns == before
    assert not list(box.root.glob("__pycache__/shop.*"))


def test_what_there_is_no_time_for_is_not_tried(box: LocalBox) -> None:
    found = tried(box, "0", "__import__('time').sleep(9)", "price - discount", seconds=1.5, each=2)
    assert [report is not None for report in found.reports] == [True, True, False]
    assert found.reports[1].timed_out or found.reports[1].broken
    assert text(box) == SHOP


def test_a_change_that_does_not_fit_is_not_tried(box: LocalBox) -> None:
    changes = [Change("shop.py", "price", "x"), Change("shop.py", "", "x")]
    changes += [Change("shop.py", OLD, "price - discount")]
    found = try_changes(box, REQUEST, changes, seconds=40, each=10)
    assert [report is not None for report in found.reports] == [False, False, True]


def test_files_are_imported_where_tests_begin_and_in_the_middle_of_one(make_box: MakeBox) -> None:
    late = (
        "def test_first():\n    pass\n\n\ndef test_late():\n    import shop\n\n    import tax\n\n"
    )
    late += "    assert shop.total(5, 3) == 2 + tax.RATE\n"
    box = make_box({"shop.py": SHOP, "tax.py": "RATE = 0\n", "test_late.py": late})
    request = replace(REQUEST, tests=("test_late.py",))
    changes = [
        Change("shop.py", OLD, "price - discount"),
        Change("tax.py", "0", "6"),
        Change("tax.py", "0", "7"),
    ]
    found = try_changes(box, request, changes, seconds=40, each=10)
    assert [passed(report) for report in found.reports] == [True, True, False]
    assert outcomes(found.reports[1]) == {
        "test_late.py::test_first": "passed",
        "test_late.py::test_late": "passed",
    }


def test_the_time_of_a_test_runs_where_it_is_gone_on_with(make_box: MakeBox) -> None:
    late = "def test_late():\n    import shop\n\n    assert shop.total(5, 3) == 2\n"
    box = make_box({"shop.py": SHOP, "test_late.py": late})
    request = replace(REQUEST, tests=("test_late.py",), seconds_per_test=0.5)
    changes = [Change("shop.py", OLD, "[0 for _ in iter(int, 1)]")]
    [report] = try_changes(box, request, changes, seconds=40, each=10).reports
    assert "longer than 0.5 s" in report.broken[0].message


ENDS = """\
import os, pytest

def note(what):
    with open("ends.txt", "a") as file:
        file.write(f"{what} {os.getpid()}\\n")

@pytest.fixture(scope="session", autouse=True)
def whole():
    yield
    note("fixture")

def pytest_sessionfinish():
    note("finish")

def pytest_terminal_summary():
    note("summary")
"""


def test_a_copy_ends_when_its_session_has_and_shows_no_summary(make_box: MakeBox) -> None:
    """What plugins import for the summary would be paid for by each change."""
    box = make_box(FILES | {"conftest.py": ENDS})
    found = tried(box, "price - discount", "0")
    assert [passed(report) for report in found.reports] == [True, False]
    assert [report.exit_code for report in found.reports if report] == [0, 1]
    notes = [line.split() for line in (box.root / "ends.txt").read_text().splitlines()]
    assert [what for what, _ in notes] == ["fixture", "finish"] * 3
    assert len({process for _, process in notes}) == 3


def test_unittest_is_tried_too(make_box: MakeBox) -> None:
    tests = (
        "import unittest\nfrom shop import total\n\n\nclass Shop(unittest.TestCase):\n"
        "    def test_less(self):\n        self.assertEqual(total(5, 3), 2)\n"
    )
    box = make_box({"shop.py": SHOP, "test_shop.py": tests})
    request = Request("python3 -m unittest", tests=("test_shop.Shop.test_less",))
    changes = [Change("shop.py", OLD, new) for new in ("0", "price - discount")]
    found = try_changes(box, request, changes, seconds=40, each=10)
    assert [passed(report) for report in found.reports] == [False, True]
    assert outcomes(found.unchanged) == {"test_shop.Shop.test_less": "failed"}


def test_a_library_that_imports_the_repository_is_not_imported_ahead(make_box: MakeBox) -> None:
    tests = "import shop\nimport lib\n\n\ndef test_less():\n    assert lib.FIRST == 2\n"
    box = make_box({"shop.py": SHOP, "test_shop.py": tests})
    outside = Path(box.scratch) / "site-packages"
    outside.mkdir()
    (outside / "lib.py").write_text("import colorsys\nimport shop\n\nFIRST = shop.total(5, 3)\n")
    box.environment["PYTHONPATH"] = str(outside)
    found = tried(box, "0", "price - discount")
    assert [passed(report) for report in found.reports] == [False, True]


CANNOT = {
    "read before": {"conftest.py": "open('shop.py').read()\n"},
    "threads were started": {
        "conftest.py": "import threading, time\n\n"
        "threading.Thread(target=time.sleep, args=(3,), daemon=True).start()\n"
    },
}


PROGRAM = """\
import subprocess
import sys


def test_less():
    code = "import shop; print(shop.total(5, 3))"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=".") == b"2\\n"


def test_none():
    assert True
"""


def test_changes_of_what_tests_start_are_tried_when_all_tests_are_there(make_box: MakeBox) -> None:
    box = make_box(FILES | {"test_shop.py": PROGRAM})
    found = tried(box, "price - 3.", "price - discount", "0")
    assert found.problem == ""
    assert [passed(report) for report in found.reports] == [False, True, False]
    assert text(box) == SHOP


def test_unittest_does_not_say_when_all_tests_are_there(make_box: MakeBox) -> None:
    tests = "import unittest\n\n\nclass Test(unittest.TestCase):\n    def test_a(self):\n"
    box = make_box({"shop.py": SHOP, "test_shop.py": f"{tests}        self.fail()\n"})
    request = replace(REQUEST, command="python3 -m unittest", tests=("test_shop.Test.test_a",))
    found = try_changes(box, request, [Change("shop.py", OLD, "0")], seconds=20.0, each=5.0)
    assert "import none of the changed files" in found.problem


@pytest.mark.parametrize("reason", CANNOT)
def test_where_it_cannot_be_done_the_reason_is_told(make_box: MakeBox, reason: str) -> None:
    box = make_box(FILES | CANNOT[reason])
    found = tried(box, "price - discount")
    assert reason in found.problem
    assert not found.reports
    assert text(box) == SHOP


def test_a_plugin_of_the_repositorys_own_cannot_be_changed(make_box: MakeBox) -> None:
    box = make_box(FILES)
    request = replace(REQUEST, command="python3 -m pytest -p shop")
    found = try_changes(box, request, [Change("shop.py", OLD, "0")], seconds=40, each=10)
    assert "plugin of the tests imports" in found.problem


def test_other_frameworks_are_refused_without_a_run(box: LocalBox) -> None:
    calls = box.calls
    found = try_changes(
        box, Request("go test ./..."), [Change("a.go", "a", "b")], seconds=1, each=1
    )
    assert "go test" in found.problem
    assert box.calls == calls


def test_the_helpers_run_on_old_pythons() -> None:
    folder = Path(__file__).parents[3] / "tools/checks/patchwright_report"
    for file in folder.glob("*.py"):
        ast.parse(file.read_text(), feature_version=(3, 6))
