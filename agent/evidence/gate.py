"""The gate: from reports that the harness made to a verdict. Pure; nothing a model says enters."""

from collections.abc import Collection, Sequence

from pydantic import BaseModel, ConfigDict

from agent.evidence import majority
from agent.evidence.baseline import Baseline
from agent.evidence.finding import Action, Finding, of_action
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
    cut: list[str] = []
    """Tests of the reproduction that do not pass on the patch, and were taken out of it."""
    left_out: list[str] = []
    """Files that the candidate changed and that were judged as they are in the base."""
    findings: list[Finding] = []
    """What a look at the patch found: refused, left out, or for a reader to judge."""
    flaky: list[str] = []
    """Tests that ended differently when they were run again; they had no say."""
    runs: int = 0
    """How often the whole suite was run on the patch."""
    decoy: bool = False
    """Whether a test that has to fail was run among the reproduction's on the patch, and failed."""
    seconds: float = 0.0
    """Time that judging took."""
    seconds_testing: float = 0.0
    """How much of it the test commands took."""

    @property
    def flags(self) -> list[Finding]:
        """What a reader has to look at: no machine can tell it from a repair."""
        return of_action(self.findings, Action.FLAGGED)

    @property
    def regressions(self) -> list[Comparison]:
        """Reliable tests that passed on the base and do not on the patch."""
        return [test for test in self.changed if test.before is Outcome.PASSED]

    @property
    def missed(self) -> list[str]:
        """The reproduction's tests that do not pass on the patch."""
        return majority.missed(_passes(self.reproduction))


def judge(
    tree: str,
    tests: Sequence[str],
    *,
    baseline: Baseline,
    before: Report,
    after: Report,
    flaky: Collection[str] = (),
    by_majority: bool = False,
) -> Verdict:
    """Decide on a candidate.

    Args:
        tree: The judged tree.
        tests: The reproduction's test ids.
        baseline: The whole suite on the untouched base; what it is not sure of is not compared.
        before: The reproduction on the base.
        after: The whole suite, reproduction included, on the patch.
        flaky: Tests that were found unreliable since; they are not compared either.
        by_majority: Whether it is enough to pass most of the reproduction's tests.
    """
    reproduction = [
        Comparison(name=name, before=outcome_of(before, name), after=outcome_of(after, name))
        for name in tests
    ]
    changed = _changed(baseline, after, {*tests, *flaky})
    objections = [
        *_reproduction_objections(reproduction, by_majority=by_majority),
        *(
            f"{test.name} passed on the base and {ended(test.after)} on the patch"
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
        flaky=sorted(flaky),
        runs=1,
    )


def outcome_of(report: Report, name: str) -> Outcome | None:
    """What became of a test, or of all that a file or class of tests holds; None: not run.

    A test whose file could not be read counts as one that could not run.
    """
    exact = report.outcome(name)
    if exact is not None:
        return exact
    if any(case.broken and _lies_in(name, case.name) for case in report.cases):
        return Outcome.ERROR
    within = [case for case in report.cases if _lies_in(case.name, name)]
    if any(case.broken for case in within):
        return Outcome.FAILED
    if any(case.outcome is Outcome.PASSED for case in within):
        return Outcome.PASSED
    return Outcome.SKIPPED if within else None


def _lies_in(name: str, outer: str) -> bool:
    """Whether a test lies in a file or class: its name goes on behind theirs with a separator."""
    rest = name[len(outer) :]
    return bool(outer) and name.startswith(outer) and rest[:1] in (":", ".", "/", "[", " ", "#")


def _changed(baseline: Baseline, after: Report, apart: set[str]) -> list[Comparison]:
    outcomes = {case.name: case.outcome for case in after.cases}
    compared = (
        Comparison(name=case.name, before=case.outcome, after=outcomes.get(case.name))
        for case in baseline.reliable
        if case.name not in apart
    )
    return [test for test in compared if test.before is not test.after]


def _reproduction_objections(reproduction: Sequence[Comparison], *, by_majority: bool) -> list[str]:
    if not reproduction:
        return ["there is no test that fails on the base"]
    objections = [
        f"{test.name} {ended(test.before)} on the base; it must fail there"
        for test in reproduction
        if test.before not in (Outcome.FAILED, Outcome.ERROR)
    ]
    passes = _passes(reproduction)
    needed = majority.needed(list(passes))
    if by_majority and majority.passed(passes) >= needed:
        return objections
    must = f"{needed} of those that were written must pass" if by_majority else "it must pass"
    return [
        *objections,
        *(
            f"{test.name} {ended(test.after)} on the patch; {must}"
            for test in reproduction
            if not passes[test.name]
        ),
    ]


def _passes(reproduction: Sequence[Comparison]) -> dict[str, bool]:
    return {test.name: test.after is Outcome.PASSED for test in reproduction}


def ended(outcome: Outcome | None) -> str:
    """How a test ended, as a clause."""
    if outcome is None:
        return "did not run"
    return {
        Outcome.PASSED: "passed",
        Outcome.FAILED: "failed",
        Outcome.ERROR: "could not run",
        Outcome.SKIPPED: "was skipped",
    }[outcome]
