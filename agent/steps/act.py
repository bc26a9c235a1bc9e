"""Carry out the calls of the last reply in the work box, and keep the tree they leave."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import ValidationError

from agent import context
from agent.condense.ladder import milestone
from agent.condense.notes import read_notes
from agent.conversation import fold
from agent.events import Acted, RanTests, Replied, Told
from agent.kit import Kit
from agent.model.base import Reply, ToolCall, ToolMessage
from agent.narration import counted, one_line
from agent.opinion import second_opinion
from agent.progress import Loop, progress
from agent.state import Repair
from prompts import render
from prompts.border import as_written
from tools.actions.base import Arguments, Bench
from tools.actions.catalogue import ACTIONS, UNOFFERED
from tools.actions.submit import SubmitArguments
from tools.checks.base import Report
from tools.workspace import Workspace


def act(state: Repair, kit: Kit) -> dict[str, Any]:
    """Carry out one turn; a reply without a usable call is answered with what was wrong with it."""
    reply = _reply(kit, state.replies)
    acted: Acted | None = None
    if reply.message.calls:
        acted = kit.journal.once(
            f"acted-{state.replies}",
            # When the box is lost under it, it is done again from the tree before.
            lambda: kit.again_if_lost(lambda: _acted(state, kit, reply)),
        )
    if reply.malformed or reply.cut_off or not reply.message.calls:
        text = render("no_call", malformed=reply.malformed, cut_off=reply.cut_off)
        kit.journal.once(f"told-{state.replies}", lambda: Told(text=text))
    if acted is not None:
        _tell_of_loop(state, kit)
        _condense(state, kit, reply)
    return {
        "turns": state.replies,
        "submitted": acted is not None and acted.submitted,
        "gave_up": acted is not None and acted.submitted and not acted.solved,
        "changed": fold(kit.journal.entries).changed,
    }


def _condense(state: Repair, kit: Kit, reply: Reply) -> None:
    """Put the notes that the model has taken in the place of the conversation."""
    notes = read_notes(reply)
    if notes is not None:
        kit.journal.once(f"condensed-{state.replies}", lambda: milestone(kit, notes))


def _tell_of_loop(state: Repair, kit: Kit) -> None:
    """Say so when the conversation goes in circles."""
    found = progress(kit.journal.entries)
    if found.loop not in (Loop.WARN, Loop.NUDGE):
        return
    nudged = found.loop is Loop.NUDGE
    text = render(
        "loop",
        repeated=found.repeated,
        tried=found.tried if nudged else (),
        opinion=second_opinion(state, kit, found.tried) if nudged else "",
        left=Loop.STOP - found.repeated,
    )
    kit.journal.once(f"loop-{state.replies}", lambda: Told(text=text))


def _reply(kit: Kit, turn: int) -> Reply:
    events = (entry.event for entry in reversed(kit.journal.entries))
    return next(e.reply for e in events if isinstance(e, Replied) and e.turn == turn)


def _acted(state: Repair, kit: Kit, reply: Reply) -> Acted:
    """Carry the calls out and keep the tree that they leave."""
    workspace, bench = bench_of(state, kit)
    performed = [perform(kit, bench, call) for call in reply.message.calls]
    tree = workspace.snapshot()
    kit.note_work_tree(tree)
    submissions = [p.arguments for p in performed if isinstance(p.arguments, SubmitArguments)]
    submission = submissions[-1] if submissions else None
    return Acted(
        turn=state.replies,
        observations=[p.observation for p in performed],
        tree=tree,
        tests="; ".join(_said(p.report) for p in performed if p.report is not None),
        submitted=submission is not None,
        solved=submission is not None and submission.solved,
        summary=submission.summary if submission else "",
    )


def bench_of(state: Repair, kit: Kit) -> tuple[Workspace, Bench]:
    """The work box, with the repository as the conversation has left it, to act in."""
    workspace = kit.work_box(state.base, fold(kit.journal.entries).tree)
    request = kit.request(state.test_command)
    seconds = request.seconds_per_test or request.timeout
    place = context.Place(kit.repository, kit.store, state.base, state.base_commit)
    past = partial(context.past_edits_beside, place)
    return workspace, Bench(workspace, request.command, request.timeout, seconds, past)


@dataclass(frozen=True, slots=True)
class Performed:
    """What came of one call."""

    observation: ToolMessage
    arguments: Arguments | None = None
    """What the call was made with, when that was valid."""
    report: Report | None = None
    """What tests said, when it ran any."""


def perform(kit: Kit, bench: Bench, call: ToolCall) -> Performed:
    """Carry one call out, or say what is wrong with it."""
    kit.show_call(call.name, call.arguments)
    action = (ACTIONS | UNOFFERED).get(call.name)
    if action is None:
        return Performed(_invalid(call, [], known=list(ACTIONS)))
    try:
        arguments = action.arguments.model_validate(as_written(call.arguments))
    except ValidationError as error:
        return Performed(_invalid(call, [_reason(detail) for detail in error.errors()]))
    shown = action.perform(bench, arguments)
    report = shown.get("report")
    if isinstance(report, Report):
        kit.journal.show(RanTests(passed=len(report.passed), broken=len(report.broken)))
    content = render(f"observations/{call.name}", **shown)
    return Performed(
        ToolMessage(call_id=call.id, name=call.name, content=content), arguments, report
    )


def _said(report: Report) -> str:
    """What tests said, as a line that is the same whenever they say the same."""
    broken = ", ".join(case.name for case in report.broken)
    return one_line(f"{counted(report)}: {broken}" if broken else counted(report))


def _invalid(call: ToolCall, reasons: list[str], known: list[str] | None = None) -> ToolMessage:
    content = render("observations/invalid", name=call.name, reasons=reasons, known=known or [])
    return ToolMessage(call_id=call.id, name=call.name, content=content)


def _reason(detail: Any) -> str:
    place = ".".join(str(part) for part in detail["loc"])
    return f"{place}: {detail['msg']}" if place else str(detail["msg"])
