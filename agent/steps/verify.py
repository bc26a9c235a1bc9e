"""Judge the candidate in fresh boxes: base plus its changes outside tests, never its own tests."""

from typing import Any

from agent.conversation import fold
from agent.events import Judged, Told
from agent.evidence.baseline import Baseline
from agent.evidence.gate import Verdict, judge
from agent.kit import Kit
from agent.state import Repair, Reproduction
from prompts import render
from tools.checks.suite_files import is_test_path


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
    candidate = fold(kit.journal.entries).tree
    changes = kit.store.changes(reproduction.tree, candidate)
    own = [change.path for change in changes if not is_test_path(change.path)]
    left_out = [change.path for change in changes if is_test_path(change.path)]
    unfit = [c.path for c in changes if c.new_mode in ("120000", "160000") and c.path in own]
    tree = kit.store.overlay(reproduction.tree, candidate, own)
    if not own or unfit:
        return Verdict(
            proven=False,
            objections=[f"{path} is a link or a submodule" for path in unfit]
            or ["nothing outside the tests was changed"],
            tree=tree,
            left_out=left_out,
        )
    return _tested(state, kit, reproduction, tree, left_out)


def _tested(
    state: Repair, kit: Kit, reproduction: Reproduction, tree: str, left_out: list[str]
) -> Verdict:
    before = kit.check(reproduction.tree, kit.request(state.test_command, tests=reproduction.tests))
    after = kit.check(tree, kit.request(state.test_command))
    return judge(
        tree,
        reproduction.tests,
        baseline=Baseline.model_validate_json(kit.store.get(state.baseline)),
        before=before,
        after=after,
        left_out=left_out,
    )
