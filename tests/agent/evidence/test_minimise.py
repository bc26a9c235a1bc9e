from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agent.evidence.minimise import minimal, minimised
from doubles.suites import FILES, Suite, tree_with, trial_of
from tools.git import ObjectStore

LONG = "# one\n\n" + FILES["code.py"] + "\n" * 12 + "def other():\n    return 1\n"


@given(st.sets(st.integers(0, 15)), st.integers(1, 16))
def test_only_what_is_needed_is_kept(needed: set[int], count: int) -> None:
    needed = {part for part in needed if part < count} or {0}

    def holds(parts: Sequence[int]) -> bool:
        return needed.issubset(parts)

    assert minimal(range(count), holds, most=10_000) == sorted(needed)


def test_a_search_that_takes_too_long_ends_with_what_it_has() -> None:
    tried = []

    def holds(parts: Sequence[int]) -> bool:
        tried.append(parts)
        return {3, 7, 11}.issubset(parts)

    kept = minimal(range(16), holds, most=5)
    assert len(tried) == 5
    assert {3, 7, 11}.issubset(kept)


def test_no_choice_is_tried_twice() -> None:
    tried: list[tuple[int, ...]] = []

    def holds(parts: Sequence[int]) -> bool:
        tried.append(tuple(parts))
        return {0, 1, 2, 3}.issubset(parts)

    minimal(range(6), holds)
    assert len(tried) == len(set(tried))


def test_scratch_files_and_debug_prints_fall_away(tmp_path: Path) -> None:
    suite = Suite(ObjectStore(tmp_path))
    base = tree_with(suite.store, FILES, {"code.py": LONG})
    trial = trial_of(suite, base)
    messy = LONG.replace("// 3", "// 2").replace("return 1", "print('here')\n    return 1")
    patched = tree_with(suite.store, FILES, {"code.py": messy, "notes.txt": "try this\n"})
    verdict = trial.judge(base, patched)
    assert verdict.proven
    smaller = minimised(suite.store, trial, base, verdict)
    assert smaller.proven
    assert smaller.runs == 2
    diff = suite.store.diff(base, smaller.tree).decode()
    assert "+    return value // 2" in diff
    assert "here" not in diff
    assert "notes" not in diff


def test_what_a_patch_says_in_documents_that_were_there_stays(tmp_path: Path) -> None:
    suite = Suite(ObjectStore(tmp_path))
    documents = {"docs/changes.rst": "Changes\n=======\n", "NEWS": "old\n"}
    base = tree_with(suite.store, FILES, {"code.py": LONG, **documents})
    trial = trial_of(suite, base)
    told = {path: f"{text}half() halves\n" for path, text in documents.items()}
    messy = LONG.replace("// 3", "// 2").replace("return 1", "print('here')\n    return 1")
    patched = tree_with(suite.store, FILES, {"code.py": messy, **told})
    smaller = minimised(suite.store, trial, base, trial.judge(base, patched))
    diff = suite.store.diff(base, smaller.tree).decode()
    assert diff.count("+half() halves") == 2
    assert "here" not in diff


def test_a_patch_of_one_hunk_costs_nothing(tmp_path: Path) -> None:
    suite = Suite(ObjectStore(tmp_path))
    base = tree_with(suite.store, FILES)
    trial = trial_of(suite, base)
    patched = tree_with(
        suite.store, FILES, {"code.py": "def half(value):\n    return value // 2\n"}
    )
    verdict = trial.judge(base, patched)
    suite.runs.clear()
    assert minimised(suite.store, trial, base, verdict) is verdict
    assert suite.runs == []


def test_no_written_test_that_passes_is_lost_where_the_majority_decides(tmp_path: Path) -> None:
    written = {
        "tests/test_code.py::test_more": "return 1 + 0",
        "tests/test_code.py::test_wrong": "never",
    }
    suite = Suite(ObjectStore(tmp_path), written=written)
    base = tree_with(suite.store, FILES, {"code.py": LONG})
    trial = trial_of(suite, base, by_majority=True)
    text = LONG.replace("// 3", "// 2").replace("return 1", "return 1 + 0")
    verdict = trial.judge(base, tree_with(suite.store, FILES, {"code.py": text}))
    assert verdict.proven
    assert trial.judge(base, tree_with(suite.store, FILES, {"code.py": LONG})).objections
    smaller = minimised(suite.store, trial, base, verdict)
    assert "return 1 + 0" in suite.store.diff(base, smaller.tree).decode()
