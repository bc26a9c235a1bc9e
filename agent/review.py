"""Reads a change with the code around it and says what is wrong where; it never approves.

What is read is hostile: the author's words and the diff are given as data, and what comes back is
kept only where it names a line of the change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent import context
from agent.config import Settings
from agent.model.base import Message, Model, ToolSchema, UserMessage
from prompts import render
from tools.code.pack import pack
from tools.forge import Remark, Review
from tools.forge.harmless import harmless_markdown
from tools.git import GitError, History
from tools.patch import FilePatch, parse

_TRIES = 2
_SHARE_OF_DIFF = 3
"""A diff takes at most one part in so many of the model's window."""
_INDEX_SECONDS = 120.0
_CHANGE_READ = 20_000


class Finding(BaseModel):
    """One thing that is wrong, or may be."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: str
    line: int = Field(ge=1)
    """On the newer side."""
    severity: Literal["bug", "risk", "note"] = "note"
    text: str = Field(min_length=1, max_length=2000)


class _Findings(BaseModel):
    findings: list[Finding] = Field(max_length=50)


class NoReview(Exception):
    """There is nothing to review, or the model gave no answer that can be read."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A change: two commits of a repository on this machine, and what is said of it."""

    repository: Path
    old: str
    new: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What was found, and what of it names no line of the change."""

    commit: str
    findings: tuple[Finding, ...]
    elsewhere: tuple[Finding, ...]
    left_out: tuple[str, ...]
    """Files whose change was not looked at."""


def review(subject: Subject, model: Model, settings: Settings) -> Reviewed:
    """Have a model read a change.

    Raises:
        NoReview: Nothing was changed, or no answer could be read.
        ModelError: The model cannot be asked.
    """
    with History.opened(subject.repository) as history:
        old = history.merge_base(subject.old, subject.new) or subject.old
        files = parse(history.diff(old, subject.new))
        place = context.Place(
            subject.repository, history, history.tree_of(subject.new), subject.new
        )
        if not files:
            raise NoReview(f"{subject.title}: nothing was changed")
        shown, left_out = _fitting(files, model)
        code = _code(place, subject, files, model, settings)
    found = _asked(model, _question(subject, code, shown, left_out))
    lines = {file.path: _shown(file) for file in files}
    here = [f for f in found if f.line in lines.get(f.path, ())]
    elsewhere = [f for f in found if f not in here]
    return Reviewed(subject.new, tuple(here), tuple(elsewhere), tuple(left_out))


def to_post(reviewed: Reviewed, marker: str) -> Review:
    """The findings as a review of a pull request: comments on lines, the rest as text."""
    remarks = tuple(
        Remark(f.path, f.line, f"**{f.severity}**: {harmless_markdown(f.text)}")
        for f in reviewed.findings
    )
    count = len(reviewed.findings) + len(reviewed.elsewhere)
    parts = [f"patchwright read this change and has {count} remark(s). It does not approve."]
    parts += [
        f"- `{_named(f.path)}`:{f.line}: {harmless_markdown(f.text)}" for f in reviewed.elsewhere
    ]
    if reviewed.left_out:
        names = ", ".join(f"`{_named(path)}`" for path in reviewed.left_out)
        parts.append(f"Not looked at, for want of room: {names}")
    return Review(reviewed.commit, "\n\n".join([*parts, marker]), remarks)


def _named(path: str) -> str:
    return path.replace("`", "'").replace("\n", " ")


def _shown(file: FilePatch) -> set[int]:
    """Lines of the newer side that the diff shows; only these can be commented on."""
    return {
        hunk.new_start + offset
        for hunk in file.hunks
        for offset in range(sum(line[:1] in (b" ", b"+", b"\n") for line in hunk.lines))
    }


def _fitting(files: Sequence[FilePatch], model: Model) -> tuple[str, list[str]]:
    """The diffs that fit, in order, and the files whose diff does not."""
    room = model.window // _SHARE_OF_DIFF
    shown, left_out = [], []
    for file in files:
        text = file.with_hunks(file.hunks).decode(errors="replace")
        tokens = model.count_tokens(text)
        if tokens > room:
            left_out.append(file.path)
        else:
            room -= tokens
            shown.append(text)
    return "\n".join(shown), left_out


def _code(
    place: context.Place,
    subject: Subject,
    files: Sequence[FilePatch],
    model: Model,
    settings: Settings,
) -> str:
    """The changed code, what calls it and what its past says, packed under the budget."""
    index = context.read(place, settings.index, seconds=_INDEX_SECONDS)
    covered = {
        file.path: {line: 1.0 for hunk in file.hunks for line in hunk.added} for file in files
    }
    # The names in the change are what its callers and its past have in common with it.
    changed = b"".join(b"".join([hunk.header, *hunk.lines]) for f in files for hunk in f.hunks)
    words = changed[:_CHANGE_READ].decode(errors="replace")
    text = "\n".join([subject.title, *covered, subject.description, words])
    try:
        ranking = context.suspects(place, index, text, covered)
    except GitError as error:
        raise NoReview(f"the past of the repository cannot be read: {error}") from error
    budget = min(settings.context, model.window // 3)
    packed = pack(ranking, index, budget=budget, count_tokens=model.count_tokens, render=render)
    return packed.text


def _question(subject: Subject, code: str, diff: str, left_out: Sequence[str]) -> str:
    fence, border = "```", "=" * 20
    while fence in diff:
        fence += "`"
    while border in subject.description:
        border += "="
    return render(
        "review",
        code=code,
        title=subject.title,
        description=subject.description,
        border=border,
        fence=fence,
        diff=diff,
        left_out=list(left_out),
    )


def _asked(model: Model, question: str) -> list[Finding]:
    tool = ToolSchema(
        name="report_findings",
        description=render("review_tool"),
        parameters=_Findings.model_json_schema(),
    )
    messages: list[Message] = [UserMessage(content=question)]
    for _ in range(_TRIES):
        reply = model.reply(messages, [tool])
        arguments: list[Any] = [c.arguments for c in reply.message.calls if c.name == tool.name]
        for given in arguments:
            try:
                return _Findings.model_validate(given).findings
            except ValidationError:
                continue
    raise NoReview("the model has not handed over findings that can be read")
