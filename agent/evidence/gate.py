"""The gate: from reports that the harness made to a verdict. Pure; nothing a model says enters."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from agent.evidence.baseline import Baseline
from tools.checks.base import Outcome, Report


class Comparison(BaseModel):
    """One test before and after the patch; None where the run never came to it."""

    model_config = ConfigDict(frozen=True)

    name: str
    before: Outcome | None
    after: Outcome | None


class Verdict(BaseModel):
    """What was decided on one candidate, with all it was decided on."""

    model_config = ConfigDict(frozen=True)

    proven: bool
    objections: list[str] = []
    """Why the candidate was refused, one line each; empty when it is proven."""
    tree: str
    """The judged tree: base, the candidate's changes outside tests, the accepted reproduction."""
    reproduction: list[Comparison] = []
    """The reproduction's tests on the base and on the patch."""
    changed: list[Comparison] = []
    """Every other reliable test whose outcome the patch changed."""
    before: Report | None = None
    """The reproduction's tests on the base, without their output."""
    after: Report | None = None
    """The whole suite on the patch."""
    left_out: list[str] = []
    """Test files that the candidate changed; they were judged as they are in the base."""


def judge(
    tree: str,
    tests: Sequence[str],
    *,
    baseline: Baseline,
    before: Report,
    after: Report,
    left_out: Sequence[str] = (),
) -> Verdict:
    """Decide on a candidate.

    Args:
        tree: The judged tree.
        tests: The reproduction's test ids.
        baseline: The whole suite on the untouched base; what it is not sure of is not compared.
        before: The reproduction on the base.
        after: The whole suite, reproduction included, on the patch.
        left_out: Test files of the candidate that were not taken over.
    """
    reproduction = [
        Comparison(name=name, before=before.outcome(name), after=after.outcome(name))
        for name in tests
    ]
    changed = _changed(baseline, after, set(tests))
    objections = [
        *_reproduction_objections(reproduction),
        *(
            f"{test.name} passed on the base and {_ended(test.after)} on the patch"
            for test in changed
            if test.before is Outcome.PASSED
        ),
    ]
    if after.timed_out:
        objections.append("the test command did not end in time on the patch")
    return Verdict(
        proven=not objections,
        objections=objections,
        tree=tree,
        reproduction=reproduction,
        changed=changed,
        before=before,
        after=after,
        left_out=list(left_out),
    )


def _changed(baseline: Baseline, after: Report, apart: set[str]) -> list[Comparison]:
    outcomes = {case.name: case.outcome for case in after.cases}
    compared = (
        Comparison(name=case.name, before=case.outcome, after=outcomes.get(case.name))
        for case in baseline.reliable
        if case.name not in apart
    )
    return [test for test in compared if test.before is not test.after]


def _reproduction_objections(reproduction: Sequence[Comparison]) -> list[str]:
    if not reproduction:
        return ["there is no test that fails on the base"]
    objections = []
    for test in reproduction:
        if test.before not in (Outcome.FAILED, Outcome.ERROR):
            objections.append(f"{test.name} {_ended(test.before)} on the base; it must fail there")
        if test.after is not Outcome.PASSED:
            objections.append(f"{test.name} {_ended(test.after)} on the patch; it must pass")
    return objections


def _ended(outcome: Outcome | None) -> str:
    if outcome is None:
        return "did not run"
    return {
        Outcome.PASSED: "passed",
        Outcome.FAILED: "failed",
        Outcome.ERROR: "could not run",
        Outcome.SKIPPED: "was skipped",
    }[outcome]
