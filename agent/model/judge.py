"""From what a server's answer says to what a conversation may hold of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.model.base import AssistantMessage, CallFormat, ToolSchema
from agent.model.calls import sort_out
from agent.model.clean import clean_text
from agent.model.complaints import one_line
from agent.model.formats import FORMATS
from agent.model.leaks import find_calls
from agent.model.spoken import Spoken, split_thought
from prompts import render

_ANY_CASE = re.DOTALL | re.IGNORECASE


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer, sorted into what is kept, what goes back to the model, and what was mended."""

    message: AssistantMessage
    malformed: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)


def judge(spoken: Spoken, format_: CallFormat, tools: Sequence[ToolSchema], turn: int) -> Judged:
    """What of an answer is fit for the conversation; ``turn`` makes up ids for calls."""
    if spoken.cut_off:
        # What a call would be that was cut off, nobody can know; not even that it was cut.
        prose = find_calls(spoken.content, ()).prose
        return Judged(AssistantMessage(content=prose, call_format=format_))
    if not tools:
        return Judged(AssistantMessage(content=spoken.content, call_format=format_))
    heard = FORMATS[format_].read(spoken, tools)
    found = sort_out(heard.calls, tools, turn)
    malformed = found.malformed
    if heard.problem:
        line = render("unread_reply", problem=heard.problem, detail=heard.detail)
        malformed = [*malformed, one_line(clean_text(line))]
    message = AssistantMessage(
        content=heard.content,
        calls=found.calls,
        call_format=format_,
        failed=bool(malformed) and not found.calls,
    )
    return Judged(message, malformed, [*heard.notes, *found.repaired] if found.calls else [])


def judge_raw(raw: str, format_: CallFormat, tools: Sequence[ToolSchema], turn: int) -> Judged:
    """The same for the bare text that a model wrote, where the server's reading of it failed."""
    thought, content = split_thought(clean_text(raw))
    judged = judge(Spoken(content=content, reasoning=thought), "xml", tools, turn)
    message = judged.message.model_copy(update={"call_format": format_})
    return Judged(message, judged.malformed, judged.repaired)


def judge_unread(
    complaint: str, format_: CallFormat, tools: Sequence[ToolSchema], turn: int
) -> Judged:
    """A server's complaint that it could not read its model; llama.cpp shows what that wrote."""
    shown = re.search(r"failed to parse input at pos \d+: (.*)", complaint, _ANY_CASE)
    judged = judge_raw(shown.group(1), format_, tools, turn) if shown else None
    if judged is not None and judged.message.calls:
        repaired = ["the server could not read the call", *judged.repaired]
        return Judged(judged.message, judged.malformed, repaired)
    line = render("unread_reply", problem="server", detail="")
    return Judged(AssistantMessage(call_format=format_, failed=True), [line])
