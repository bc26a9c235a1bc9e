import pytest

from agent.evidence.baseline import Baseline, disagreement
from agent.evidence.gate import judge, outcome_of
from agent.evidence.table import rows, unchanged
from tools.checks.base import Case, Outcome, Report

FAILED, PASSED, ERROR, SKIPPED = Outcome.FAILED, Outcome.PASSED, Outcome.ERROR, Outcome.SKIPPED


def report(timed_out: bool = False, **outcomes: Outcome) -> Report:
    cases = [Case(name=name, outcome=outcome) for name, outcome in outcomes.items()]
    return Report(command="run", cases=cases, timed_out=timed_out)


BASELINE = Baseline(report=report(bug=FAILED, good=PASSED, other=PASSED, off=SKIPPED, bad=FAILED))
BEFORE = report(bug=FAILED)


def test_a_repair_that_breaks_nothing_is_proven() -> None:
    after = report(bug=PASSED, good=PASSED, other=PASSED, off=SKIPPED, bad=FAILED)
    verdict = judge("tree", ["bug"], baseline=BASELINE, before=BEFORE, after=after)
    assert verdict.proven
    assert verdict.objections == []
    assert rows(verdict) == [("bug", "failed", "passed")]
    assert unchanged(verdict) == 2


@pytest.mark.parametrize(
    ("after", "objection"),
    [
        (
            report(bug=FAILED, good=PASSED, other=PASSED, off=SKIPPED, bad=FAILED),
            "bug failed on the patch; it must pass",
        ),
        (
            report(bug=SKIPPED, good=PASSED, other=PASSED, off=SKIPPED, bad=FAILED),
            "bug was skipped on the patch; it must pass",
        ),
        (
            report(good=PASSED, other=PASSED, off=SKIPPED, bad=FAILED),
            "bug did not run on the patch; it must pass",
        ),
        (
            report(bug=PASSED, good=ERROR, other=PASSED, off=SKIPPED, bad=FAILED),
            "good passed on the base and could not run on the patch",
        ),
        (
            report(bug=PASSED, other=PASSED, off=SKIPPED, bad=FAILED),
            "good passed on the base and did not run on the patch",
        ),
        (
            report(bug=PASSED, good=SKIPPED, other=PASSED, off=SKIPPED, bad=FAILED),
            "good passed on the base and was skipped on the patch",
        ),
        (report(), "bug did not run on the patch; it must pass"),
        (
            report(True, bug=PASSED, good=PASSED, other=PASSED),
            "the test command did not end in time on the patch",
        ),
    ],
)
def test_everything_short_of_that_is_refused_with_its_reason(after: Report, objection: str) -> None:
    verdict = judge("tree", ["bug"], baseline=BASELINE, before=BEFORE, after=after)
    assert not verdict.proven
    assert objection in verdict.objections


@pytest.mark.parametrize("before", [report(bug=PASSED), report(bug=SKIPPED), report()])
def test_a_reproduction_that_does_not_fail_on_the_base_proves_nothing(before: Report) -> None:
    after = report(bug=PASSED, good=PASSED, other=PASSED, off=SKIPPED, bad=FAILED)
    verdict = judge("tree", ["bug"], baseline=BASELINE, before=before, after=after)
    assert not verdict.proven
    assert "on the base; it must fail there" in verdict.objections[0]


def test_no_reproduction_proves_nothing() -> None:
    verdict = judge("tree", [], baseline=BASELINE, before=report(), after=BASELINE.report)
    assert verdict.objections == ["there is no test that fails on the base"]


def test_a_failing_test_that_the_patch_also_repairs_is_shown_and_no_objection() -> None:
    after = report(bug=PASSED, good=PASSED, other=PASSED, off=SKIPPED, bad=PASSED)
    verdict = judge("tree", ["bug"], baseline=BASELINE, before=BEFORE, after=after)
    assert verdict.proven
    assert rows(verdict)[1] == ("bad", "failed", "passed")


@pytest.mark.parametrize(
    ("cases", "name", "outcome"),
    [
        ({"t.py::a": PASSED}, "t.py::a", PASSED),
        ({"t.py": ERROR}, "t.py::a", ERROR),
        ({"t.py::a": PASSED, "t.py::b": FAILED}, "t.py", FAILED),
        ({"t.py::a": PASSED, "t.py::b": SKIPPED}, "t.py", PASSED),
        ({"t.py::a": SKIPPED}, "t.py", SKIPPED),
        ({"t.py::ab": PASSED}, "t.py::a", None),
        ({"t.py": PASSED}, "t.py::a", None),
    ],
)
def test_a_file_speaks_for_its_tests_and_they_for_it(
    cases: dict[str, Outcome], name: str, outcome: Outcome | None
) -> None:
    told = Report(command="run", cases=[Case(name=n, outcome=o) for n, o in cases.items()])
    assert outcome_of(told, name) is outcome


def test_two_runs_disagree_on_what_changed_or_was_seen_once() -> None:
    first = report(a=PASSED, b=PASSED, c=FAILED, at_1200=PASSED)
    second = report(a=PASSED, b=FAILED, c=FAILED, at_1201=PASSED)
    assert disagreement(first, second) == ["b", "at_1200", "at_1201"]
    assert disagreement(first, first) == []


def test_what_cannot_be_relied_on_neither_reproduces_nor_objects() -> None:
    baseline = Baseline(
        report=report(bug=FAILED, flaky=PASSED, now_1200=PASSED, shaky=FAILED),
        unstable=["flaky", "now_1200", "now_1201", "shaky"],
    )
    assert [case.name for case in baseline.failing] == ["bug"]
    after = report(bug=PASSED, flaky=FAILED, now_1202=PASSED, shaky=FAILED)
    assert judge("tree", ["bug"], baseline=baseline, before=BEFORE, after=after).proven
