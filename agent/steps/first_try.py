"""Before a language model is asked: a bounded search without one, and what it has learned."""

import time
from typing import Any

from agent.conversation import fold
from agent.events import Acted, Told
from agent.kit import Kit
from agent.model.base import Message
from agent.model.embedded import Bounds, Embedded, Learned
from agent.state import Repair
from agent.steps.act import bench_of, perform
from agent.steps.verify import verify
from prompts import render
from tools.actions.submit import SubmitArguments


def first_try(state: Repair, kit: Kit) -> dict[str, Any]:
    """Search; have what was found judged, or hand over what was learned."""
    start = fold(kit.journal.entries).start_tree
    acted = kit.journal.once("first-try", lambda: _tried(state, kit, start))
    judged: dict[str, Any] = {}
    if acted.submitted:
        judged = verify(state, kit)
        if not judged["proven"]:
            undone = Acted(turn=0, observations=[], tree=start, submitted=False)
            kit.journal.once("first-try-undone", lambda: undone)
    if not judged.get("proven"):
        kit.journal.once("first-try-told", lambda: Told(text=acted.summary))
    return {"first_try": False, **judged}


def _tried(state: Repair, kit: Kit, start: str) -> Acted:
    """Let the search act in the work box until it submits, or its time is up."""
    end = time.monotonic() + kit.settings.first_try_minutes * 60
    model = Embedded(Bounds(seconds=kit.settings.first_try_minutes * 60))
    messages: list[Message] = list(fold(kit.journal.entries).messages)
    workspace, bench = bench_of(state, kit)
    submission: SubmitArguments | None = None
    while submission is None and time.monotonic() < end:
        reply = model.reply(messages, [])
        messages.append(reply.message)
        for call in reply.message.calls:
            performed = perform(kit, bench, call)
            messages.append(performed.observation)
            if isinstance(performed.arguments, SubmitArguments):
                submission = performed.arguments
    solved = submission is not None and submission.solved
    if not solved:
        kit.drop_work_box()  # it may hold a change that was being tried
        text = _handed_over(model.learned(), submission)
        return Acted(turn=0, observations=[], tree=start, submitted=False, summary=text)
    assert submission is not None
    tree = workspace.snapshot()
    kit.note_work_tree(tree)
    return Acted(
        turn=0, observations=[], tree=tree, submitted=True, solved=True, summary=submission.summary
    )


def _handed_over(learned: Learned | None, submission: SubmitArguments | None) -> str:
    return render("first_try", learned=learned, said=submission.summary if submission else "")
