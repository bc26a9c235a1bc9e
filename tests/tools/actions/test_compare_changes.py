"""What several changes do on inputs near to those of the tests."""

import json
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from doubles.local_box import LocalBox
from doubles.story import PYTEST
from prompts import render
from tools.actions.base import Bench
from tools.actions.catalogue import UNOFFERED
from tools.workspace import Workspace

ACTION = UNOFFERED["compare_changes"]
OLD = "number * 2"
TEST = """\
import pytest
from half import half, same


@pytest.mark.parametrize(("number", "wanted"), [(4, 2), (2, 1)])
def test_half(number, wanted):
    assert half(number) == wanted


def test_nothing():
    assert half(0) == 0


def test_same():
    assert same([1, 2]) == [1, 2]
"""
FAILING = ["test_half.py::test_half[4-2]", "test_half.py::test_half[2-1]"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    root, scratch = tmp_path / "repository", tmp_path / "scratch"
    root.mkdir()
    scratch.mkdir()
    text = f"def half(number):\n    return {OLD}\n\n\ndef same(values):\n    return values\n"
    (root / "half.py").write_text(text)
    (root / "test_half.py").write_text(TEST)
    box = cast(Workspace, LocalBox(root, scratch, Path(sys.executable)))
    return Bench(box, PYTEST, test_timeout=60.0, seconds_per_test=5.0)


def call(bench: Bench, *news: str) -> list[str]:
    changes = [{"path": "half.py", "old": OLD, "new": new} for new in news]
    given = {"changes": changes, "failing": FAILING, "seconds": 2.0, "seconds_per_test": 2.0}
    found = ACTION.perform(bench, ACTION.arguments.model_validate(given))
    return render("observations/compare_changes", **found).splitlines()


def test_changes_are_told_apart_by_an_input_of_no_test(bench: Bench) -> None:
    head, *lines = call(bench, "number // 2", "number / 2", "number >> 1", "abs(number) // 2")
    assert head.startswith("Compared on ")
    assert int(head.split()[2]) >= 10
    # Half of nothing is 0.0 with the second, which is not what it was.
    kept = ["1: keeps 1.000", "2: keeps 0.000", "3: keeps 1.000", "4: keeps 1.000"]
    assert lines[:4] == kept
    differing = [line.partition(": ") for line in lines[4:]]
    assert [pair for pair, _, _ in differing] == [
        "1 and 2", "1 and 4", "2 and 3", "2 and 4", "3 and 4",
    ]  # fmt: skip
    for _, _, shown in differing:
        written, one, other = json.loads(shown)
        assert written.startswith("half(")
        assert one != other


def test_what_breaks_the_values_of_passing_tests_is_told(bench: Bench) -> None:
    _, first, second, *_ = call(bench, "number // 2 or 5", "number // 2")
    assert (first, second) == ("1: keeps 0.000", "2: keeps 1.000")


@pytest.mark.parametrize("news", [("(", "number // 2"), ("number // 2", "exit(0)")])
def test_changes_that_cannot_be_run_are_left_out_or_raise(
    bench: Bench, news: tuple[str, ...]
) -> None:
    head, *_ = call(bench, *news)
    assert head.startswith("Compared on ")


def test_endless_changes_do_not_keep_others_from_being_compared(bench: Bench) -> None:
    lines = call(bench, "[0 for _ in iter(int, 1)]", "number // 2", "number / 2")
    assert lines[-1].startswith("2 and 3: ")


def test_where_it_cannot_be_done_nothing_is_said(bench: Bench) -> None:
    other = Bench(bench.workspace, "go test ./...", 60.0, 5.0)
    assert call(other, "0", "1") == ["Not compared."]


def test_the_files_stay_as_they_are(bench: Bench) -> None:
    box = cast(Any, bench.workspace)
    before = (box.root / "half.py").read_text()
    call(bench, "number // 2", "number / 2")
    assert (box.root / "half.py").read_text() == before


def test_of_a_change_that_ends_its_process_nothing_is_said(bench: Bench) -> None:
    lines = call(bench, "__import__('os')._exit(0)", "number // 2", "number / 2")
    assert [line.partition(":")[0] for line in lines[1:]] == ["2", "3", "2 and 3"]
