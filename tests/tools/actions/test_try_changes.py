"""Many changes in one call, as the embedded model makes it."""

import sys
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import ValidationError

from agent.toolset import tool_schemas
from doubles.local_box import LocalBox
from doubles.story import PYTEST
from prompts import render
from tools.actions.base import Bench
from tools.actions.catalogue import ACTIONS, UNOFFERED
from tools.workspace import Workspace

ACTION = UNOFFERED["try_changes"]
TEST = "from half import half\n\n\ndef test_half():\n    assert half(4) == 2\n"
OLD = "number * 2"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    root, scratch = tmp_path / "repository", tmp_path / "scratch"
    root.mkdir()
    scratch.mkdir()
    (root / "half.py").write_text(f"def half(number):\n    return {OLD}\n")
    (root / "test_half.py").write_text(TEST)
    box = cast(Workspace, LocalBox(root, scratch, Path(sys.executable)))
    return Bench(box, PYTEST, test_timeout=60.0, seconds_per_test=5.0)


def call(bench: Bench, *news: str, **values: Any) -> str:
    changes = [{"path": "half.py", "old": OLD, "new": new} for new in news]
    given = {"changes": changes, "tests": ["test_half.py::test_half"]}
    given |= {"seconds": 30.0, "seconds_per_test": 2.0}
    arguments = ACTION.arguments.model_validate(given | values)
    return render("observations/try_changes", **ACTION.perform(bench, arguments))


def test_each_change_is_told_of_in_a_line(bench: Bench) -> None:
    head, *lines = call(bench, "number / 2", "number - 1", "nothing").splitlines()
    assert head.startswith("Tried in ")
    assert lines == [
        "unchanged: 0 passed, 1 broken; E assert 8 == 2",
        "1: 1 passed, 0 broken",
        "2: 0 passed, 1 broken; E assert 3 == 2",
        "3: 0 passed, 1 broken; E NameError: name 'nothing' is not defined",
    ]


def test_why_nothing_was_tried_is_told(bench: Bench) -> None:
    other = Bench(bench.workspace, "go test ./...", 60.0, 5.0)
    assert call(other, "0").startswith("Not tried: it is not known how go test")


def test_a_call_without_changes_or_tests_is_no_call(bench: Bench) -> None:
    for empty in ("changes", "tests"):
        with pytest.raises(ValidationError):
            call(bench, "0", **{empty: []})


def test_no_language_model_is_offered_it() -> None:
    assert not UNOFFERED.keys() & ACTIONS.keys()
    assert not UNOFFERED.keys() & {tool.name for tool in tool_schemas()}
