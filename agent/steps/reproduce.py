"""Have tests that fail on the base because of the issue: existing ones, or the model's own."""

from collections.abc import Collection, Sequence
from typing import Any

from agent.config import EMBEDDED
from agent.conversation import fold
from agent.events import Opened, Reproduced, Told
from agent.evidence.baseline import Baseline
from agent.evidence.excision import Excision, without
from agent.evidence.relevance import relevant
from agent.evidence.reproduction import Acceptance, accept, rewritten
from agent.kit import Kit
from agent.model.base import Message, SystemMessage, UserMessage
from agent.state import Phase, Repair, Reproduction
from prompts import render
from tools.checks.base import Case, Outcome, Report
from tools.checks.files import files_of
from tools.checks.suite_files import is_suite_configuration, is_test_path
from tools.patch import parse


def reproduce(state: Repair, kit: Kit) -> dict[str, Any]:
    """Accept a reproduction and open the repair, or have the model write one and judge it."""
    baseline = Baseline.model_validate_json(kit.store.get(state.baseline))
    if baseline.failing:
        tests = relevant(baseline, kit.issue)
        return _accept(state, kit, baseline.failing, Reproduction(tests=tests, tree=state.base))
    if state.replies == 0:
        return _open(state, kit, "reproduce", state.base, {})
    return _judge_written(state, kit, baseline)


def _judge_written(state: Repair, kit: Kit, baseline: Baseline) -> dict[str, Any]:
    """Keep only the test files that the model wrote, and see them fail on the base, twice."""
    conversation = fold(kit.journal.entries)
    changed = [change.path for change in kit.store.changes(state.base, conversation.tree)]
    # What says how tests are run would go on saying so when the repair is judged.
    written = [path for path in changed if is_test_path(path) and not is_suite_configuration(path)]
    tree = kit.store.overlay(state.base, conversation.tree, written)
    reasons = rewritten(parse(kit.store.diff(state.base, tree)))
    report = kit.check(tree, kit.request(state.test_command)) if written and not reasons else None
    if report is not None:
        known = {case.name for case in baseline.report.cases} | set(baseline.unstable)
        acceptance = accept(_again(state, kit, tree, report, known), known, kit.issue,
                            _texts(kit, tree, written))  # fmt: skip
        if acceptance.accepted:
            tests = [case.name for case in acceptance.accepted]
            excision = _excision(state, kit, tree, report, acceptance)
            reproduction = Reproduction(tests=tests, tree=excision.tree, written=True)
            return _accept(
                state, kit, acceptance.accepted, reproduction,
                refused=acceptance.reasons,
                kept=[case.name for case in acceptance.refused if case.name not in excision.cut],
            )  # fmt: skip
        reasons = list(acceptance.reasons)
    text = render("reproduction_refused", written=written, report=report, reasons=reasons)
    kit.journal.once(f"reproduction-refused-{state.turns}", lambda: Told(text=text))
    return {"phase": "reproduce"}


def _again(
    state: Repair, kit: Kit, tree: str, report: Report, known: Collection[str]
) -> list[Report]:
    """The report, and one more of the tests that fail in it."""
    failing = [c.name for c in report.cases if c.outcome is Outcome.FAILED and c.name not in known]
    if not failing:
        return [report]
    return [report, kit.check(tree, kit.request(state.test_command, tests=failing))]


def _excision(
    state: Repair, kit: Kit, tree: str, report: Report, acceptance: Acceptance
) -> Excision:
    """The tree without the refused tests, where the others end as they did with them."""
    refused = [case.name for case in acceptance.refused]
    written = kit.store.changes(state.base, tree)
    others = {
        case.name: case.outcome
        for case in report.cases
        if case.name not in refused
        and set(files_of([case.name], [change.path for change in written]))
    } | {case.name: case.outcome for case in acceptance.accepted}
    excision = without(kit.store, state.base, tree, refused, others)
    if not excision.cut:
        return excision
    again = kit.check(excision.tree, kit.request(state.test_command, tests=list(others)))
    same = {case.name: case.outcome for case in again.cases} == others
    return excision if same else Excision(tree, ())


def _texts(kit: Kit, tree: str, paths: Collection[str]) -> dict[str, str]:
    blobs = {entry.path: entry.blob for entry in kit.store.entries(tree) if entry.regular}
    return {p: kit.store.get(blobs[p]).decode(errors="replace") for p in paths if p in blobs}


def _accept(
    state: Repair,
    kit: Kit,
    failing: Sequence[Case],
    reproduction: Reproduction,
    *,
    refused: Sequence[str] = (),
    kept: Sequence[str] = (),
) -> dict[str, Any]:
    kit.journal.once(
        "reproduced",
        lambda: Reproduced(
            tests=reproduction.tests,
            written=reproduction.written,
            left_aside=len(failing) - len(reproduction.tests),
            refused=list(refused),
            kept=list(kept),
        ),
    )
    cases = [case for case in failing if case.name in reproduction.tests]
    opened = _open(state, kit, "repair", reproduction.tree, {"cases": cases})
    wanted = kit.settings.first_try == EMBEDDED and not kit.settings.embedded
    return opened | {"reproduction": reproduction.model_dump(), "first_try": wanted}


def _open(
    state: Repair, kit: Kit, phase: Phase, tree: str, values: dict[str, Any]
) -> dict[str, Any]:
    """Begin a conversation; both phases share everything up to the task, for the prefix cache."""
    context = kit.store.get(state.context).decode()
    task = render(f"task_{phase}", **values)
    messages: list[Message] = [
        SystemMessage(content=render("system")),
        UserMessage(content=f"{context}\n\n{task}"),
    ]
    kit.journal.once(f"opened-{phase}", lambda: Opened(phase=phase, messages=messages, tree=tree))
    return {"phase": phase}
