"""Judge the candidate in fresh boxes: base plus its changes outside tests, never its own tests."""

from collections.abc import Sequence
from typing import Any

from agent.conversation import fold
from agent.events import Judged, Told
from agent.evidence.baseline import Baseline
from agent.evidence.excision import without
from agent.evidence.gate import Verdict
from agent.evidence.minimise import minimised
from agent.evidence.probe import Seen
from agent.evidence.trial import WHOLE_RUNS, Trial
from agent.kit import Kit
from agent.state import Repair
from prompts import render
from tools.checks.base import Report
from tools.checks.files import files_of


def verify(state: Repair, kit: Kit) -> dict[str, Any]:
    """Judge what the conversation has made of the repository; tell the model when it is refused."""
    number = state.verdicts + 1
    judged = kit.journal.once(f"judged-{number}", lambda: Judged(verdict=_verdict(state, kit)))
    if not judged.verdict.proven:
        text = render("verdict_refused", verdict=judged.verdict)
        kit.journal.once(f"verdict-told-{number}", lambda: Told(text=text))
    return {"verdicts": number, "proven": judged.verdict.proven}


def _verdict(state: Repair, kit: Kit) -> Verdict:
    if state.reproduction is None:
        raise AssertionError("verify runs after a reproduction was accepted")
    reproduction = state.reproduction

    def check(tree: str, tests: Sequence[str]) -> Report:
        return kit.check(tree, kit.request(state.test_command, tests=list(tests)))

    paths = [entry.path for entry in kit.store.entries(reproduction.tree)]
    trial = Trial(
        kit.store,
        check,
        base=reproduction.tree,
        tests=reproduction.tests,
        test_files=files_of(reproduction.tests, paths),
        base_runs=1,  # it was seen to fail twice when it was accepted
        baseline=Baseline.model_validate_json(kit.store.get(state.baseline)),
        by_majority=reproduction.written,
        seen=kit.seen.setdefault(reproduction.tree, Seen()),
        has_room=kit.has_room if state.candidate else None,
    )
    with kit.boxes.hurrying():
        verdict = trial.judge(reproduction.tree, fold(kit.journal.entries).tree)
        if verdict.proven and kit.settings.minimise:
            verdict = minimised(kit.store, trial, reproduction.tree, verdict)
        return _without_missed(state, kit, trial, verdict)


def _without_missed(state: Repair, kit: Kit, trial: Trial, verdict: Verdict) -> Verdict:
    """The verdict on a proven patch without the written tests that it does not pass.

    Whoever takes the patch would have tests that fail. They stay where they cannot be cut out, or
    where something else ends otherwise without them.
    """
    if not verdict.proven or not verdict.missed:
        return verdict
    passed = [test.name for test in verdict.reproduction if test.name not in verdict.missed]
    excision = without(kit.store, state.base, verdict.tree, verdict.missed, passed)
    if not excision.cut or not trial.holds(excision.tree, verdict, WHOLE_RUNS):
        return verdict
    return verdict.model_copy(update={"tree": excision.tree, "cut": list(excision.cut)})
