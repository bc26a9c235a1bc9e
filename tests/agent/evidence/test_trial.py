"""A candidate through the gate, with a suite that is told of by a function."""

import random
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.evidence.gate import Verdict
from agent.evidence.probe import Seen
from doubles.suites import (
    BREAKING,
    BUG,
    FILES,
    FIX,
    GOOD,
    SHAKY,
    WRONG,
    Suite,
    measured,
    tree_with,
    trial_of,
)
from tools.checks.base import Report
from tools.git import ObjectStore


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(ObjectStore(tmp_path / "store"))


def judged(suite: Suite, *layers: dict[str, str]) -> Verdict:
    base = tree_with(suite.store, FILES)
    return trial_of(suite, base).judge(base, tree_with(suite.store, FILES, *layers))


def test_a_right_patch_is_proven_by_two_whole_runs_and_a_decoy(suite: Suite) -> None:
    verdict = judged(suite, FIX)
    assert verdict.proven
    assert (verdict.runs, verdict.decoy, verdict.flaky) == (2, True, [])
    assert [(t.name, t.before, t.after) for t in verdict.reproduction] == [
        (BUG, "failed", "passed")
    ]
    whole = [tree for tree, tests in suite.runs if not tests]
    assert whole[2:] == [verdict.tree, verdict.tree]


def test_time_in_tests_is_told_apart_from_the_gates_own(suite: Suite) -> None:
    verdict = judged(suite, FIX)
    assert verdict.seconds_testing == pytest.approx(0.5 * 6)
    assert verdict.seconds > 0


class Slow:
    """A suite whose whole runs on a patch wait until another has begun, or a moment."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._at_once = 0
        self.most_at_once = 0
        self.both = threading.Event()

    def __call__(self, tree: str, tests: Sequence[str]) -> Report:
        if tests:
            return self._suite(tree, tests)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        if self._at_once == 2:
            self.both.set()
        self.both.wait(1)
        self._at_once -= 1
        return self._suite(tree, tests)


@pytest.mark.parametrize("room", [True, False])
def test_the_repetition_begins_beside_the_first_run_where_there_is_room(
    suite: Suite, room: bool
) -> None:
    base = tree_with(suite.store, FILES)
    slow = Slow(suite)
    trial = trial_of(suite, base, has_room=lambda: room)
    trial._check = slow
    verdict = trial.judge(base, tree_with(suite.store, FILES, FIX))
    assert verdict.proven
    assert verdict.runs == 2
    assert slow.most_at_once == (2 if room else 1)


def test_what_the_first_of_two_runs_refuses_stays_refused(suite: Suite) -> None:
    base = tree_with(suite.store, FILES)
    trial = trial_of(suite, base, has_room=lambda: True)
    verdict = trial.judge(base, tree_with(suite.store, FILES, BREAKING))
    assert verdict.objections == [f"{GOOD} passed on the base and failed on the patch"]
    assert verdict.runs == 1


def test_what_leaves_the_bug_costs_no_whole_run(suite: Suite) -> None:
    verdict = judged(suite, WRONG)
    assert verdict.objections == [f"{BUG} failed on the patch; it must pass"]
    assert verdict.runs == 0


def test_what_breaks_another_test_is_refused_after_it_was_run_again(suite: Suite) -> None:
    verdict = judged(suite, BREAKING)
    assert verdict.objections == [f"{GOOD} passed on the base and failed on the patch"]
    assert (verdict.flaky, verdict.runs) == ([], 1)
    again = [tests for _, tests in suite.runs if tests == (GOOD,)]
    assert len(again) == 6


def test_a_patch_that_makes_everything_pass_gives_itself_away(suite: Suite) -> None:
    suite.honest = False
    verdict = judged(suite, FIX)
    assert not verdict.proven
    assert "tests that have to fail" in verdict.objections[0]


def test_a_framework_that_does_not_find_the_decoy_is_asked_without_it(suite: Suite) -> None:
    suite.finds_files = False
    verdict = judged(suite, FIX)
    assert verdict.proven
    assert not verdict.decoy


def test_nothing_is_run_for_a_patch_that_a_look_refuses(suite: Suite) -> None:
    base = tree_with(suite.store, FILES)
    trial = trial_of(suite, base)
    suite.runs.clear()
    tricky = {"code.py": FIX["code.py"] + "\nimport os\nos._exit(0)\n"}
    verdict = trial.judge(base, tree_with(suite.store, FILES, tricky))
    assert verdict.objections == ["code.py:5: `os._exit` ends the test runner at once"]
    assert suite.runs == []


def test_a_flag_does_not_refuse_and_is_told(suite: Suite) -> None:
    sleepy = {"code.py": FIX["code.py"] + "\n\ndef wait():\n    import time\n    time.sleep(1)\n"}
    verdict = judged(suite, sleepy)
    assert verdict.proven
    assert [(flag.rule, flag.line) for flag in verdict.flags] == [("sleeping", 7)]


def test_changes_of_tests_have_no_say(suite: Suite) -> None:
    verdict = judged(suite, FIX, {"tests/test_code.py": "", "conftest.py": "", "ci/a": ""})
    assert verdict.proven
    assert verdict.left_out == ["conftest.py", "tests/test_code.py"]
    blobs = {entry.path: entry.blob for entry in suite.store.entries(verdict.tree)}
    assert suite.store.get(blobs["tests/test_code.py"]).decode() == FILES["tests/test_code.py"]
    assert "conftest.py" not in blobs


def test_nothing_but_tests_is_nothing(suite: Suite) -> None:
    verdict = judged(suite, {"tests/test_code.py": "def test_bug():\n    pass\n"})
    assert verdict.objections == ["nothing outside the tests was changed"]
    assert len(suite.runs) == 2


def test_a_reproduction_that_passes_on_the_base_once_proves_nothing(suite: Suite) -> None:
    base = tree_with(suite.store, FILES, FIX)
    verdict = trial_of(suite, base).judge(base, tree_with(suite.store, FILES, BREAKING))
    assert "it shows no bug" in verdict.objections[0]


def test_runs_on_the_base_are_made_once_for_all_candidates(suite: Suite) -> None:
    base = tree_with(suite.store, FILES)
    trial = trial_of(suite, base)
    trial.judge(base, tree_with(suite.store, FILES, WRONG))
    suite.runs.clear()
    trial.judge(base, tree_with(suite.store, FILES, FIX))
    assert len(suite.runs) == 3


@pytest.mark.parametrize("seed", range(4))
def test_a_test_that_fails_at_random_decides_nothing(suite: Suite, seed: int) -> None:
    suite.shaky, suite.random = 0.2, random.Random(seed)
    base = tree_with(suite.store, FILES)
    trial = trial_of(suite, base)
    unstable = measured(suite, base).unstable
    right = trial.judge(base, tree_with(suite.store, FILES, FIX))
    assert right.proven, right.objections
    assert set(right.flaky) <= {SHAKY}
    assert set(unstable) <= {SHAKY}
    assert not trial.judge(base, tree_with(suite.store, FILES, WRONG)).proven
    assert not trial.judge(base, tree_with(suite.store, FILES, BREAKING)).proven


def test_a_test_that_passes_when_run_again_is_named(suite: Suite) -> None:
    base = tree_with(suite.store, FILES)
    trial = trial_of(suite, base)
    suite.shaky, suite.random = 0.5, random.Random(3)
    verdict = trial.judge(base, tree_with(suite.store, FILES, FIX))
    assert (verdict.proven, verdict.flaky) == (True, [SHAKY])


def test_trials_that_share_what_the_base_showed_run_nothing_on_it_again(suite: Suite) -> None:
    base = tree_with(suite.store, FILES)
    seen = Seen()
    for layer in (WRONG, FIX):
        trial = trial_of(suite, base, seen=seen)
        suite.runs.clear()
        verdict = trial.judge(base, tree_with(suite.store, FILES, layer))
    assert verdict.proven
    assert verdict.decoy
    asked = [tests for _, tests in suite.runs]
    assert len(asked) == 3
    assert base not in [tree for tree, _ in suite.runs]
    assert asked[1:] == [(), ()]


def test_each_verdict_draws_a_decoy_of_its_own(suite: Suite) -> None:
    base = tree_with(suite.store, FILES)
    seen = Seen()
    trials = [trial_of(suite, base, seen=seen) for _ in range(3)]
    suite.runs.clear()
    for trial in trials:
        trial.judge(base, tree_with(suite.store, FILES, WRONG))
    decoys = [name for _, tests in suite.runs for name in tests if name.endswith(".py")]
    # The first runs its own on the base and on the patch.
    assert len(decoys) == 4
    assert len(set(decoys)) == 3


MANY = {f"tests/test_code.py::test_{word}": word for word in ("MORE", "LESS")}
FULL = {"code.py": "def half(value):\n    return value // 2  # MORE\n"}


def judged_by_majority(suite: Suite, *layers: dict[str, str]) -> Verdict:
    base = tree_with(suite.store, FILES)
    trial = trial_of(suite, base, by_majority=True)
    return trial.judge(base, tree_with(suite.store, FILES, *layers))


def test_of_several_written_tests_the_majority_decides(tmp_path: Path) -> None:
    suite = Suite(ObjectStore(tmp_path), written=MANY)
    verdict = judged_by_majority(suite, FULL)
    assert verdict.proven
    assert verdict.missed == ["tests/test_code.py::test_LESS"]
    assert [(f.rule, f.path) for f in verdict.flags] == [("majority", "tests/test_code.py")]
    assert "test_LESS" in verdict.flags[0].text


def test_less_than_the_majority_is_not_enough(tmp_path: Path) -> None:
    suite = Suite(ObjectStore(tmp_path), written=MANY)
    verdict = judged_by_majority(suite, FIX)
    assert verdict.objections == [
        f"{name} failed on the patch; 2 of those that were written must pass" for name in MANY
    ]
    assert not verdict.flags


def test_tests_that_were_there_are_all_to_be_passed(tmp_path: Path) -> None:
    suite = Suite(ObjectStore(tmp_path), written=MANY)
    verdict = judged(suite, FULL)
    assert verdict.objections == ["tests/test_code.py::test_LESS failed on the patch; it must pass"]
