"""The words of a pull request, of a commit and of a comment, made from what was proven. Pure.

Nothing that a model, a test or an issue says gets out of its place: see tools.forge.harmless.
"""

from collections.abc import Sequence

from agent.source import Source
from tools.forge.harmless import cut, fenced, harmless_line, harmless_markdown

_LARGEST_BODY = 60_000
"""Characters; GitHub takes 65,536."""


def marker(run: str) -> str:
    """What tells our own words of one run from all others, invisible where they are shown."""
    return f"<!-- patchwright:run={run} -->"


def title(source: Source) -> str:
    """The title of a pull request, and the first line of its commit."""
    return harmless_line(source.title)


def message(source: Source, *, run: str, sign_off: bool) -> str:
    """The message of a commit; a keyword that closes an issue stands only in the pull request."""
    trailers = [f"Patchwright-Run: {run}"]
    if sign_off:
        trailers.append(f"Signed-off-by: {source.author}")
    trailer_lines = "\n".join(trailers)
    return f"{title(source)}\n\nFor {source.url}\n\n{trailer_lines}\n"


def body(source: Source, report: str, *, run: str, proven: bool, flags: Sequence[str]) -> str:
    """The text of a pull request.

    Args:
        source: What it is for.
        report: The page of evidence.
        run: The run's id.
        proven: Whether merging it closes the issue.
        flags: What a person has to look at before merging; they make it a draft.
    """
    parts = [_purpose(source, proven=proven)]
    if flags:
        parts.append("**Look at this before merging:**\n\n" + _items(flags))
    parts.append(harmless_markdown(_without_heading(report)))
    if source.notes:
        parts.append("Notes:\n\n" + _items(source.notes))
    return f"{_cut(parts)}\n\n{marker(run)}"


def failure(source: Source, reason: str, tried: Sequence[str], *, branch: str = "") -> str:
    """The comment on an issue that was not repaired."""
    parts = [
        "patchwright found no patch that it could prove; nothing was proposed.",
        fenced(reason),
    ]
    if tried:
        parts.append("What was tried:\n\n" + _items(tried))
    if branch:
        parts.append(f"The best attempt, not proven, is in the branch `{branch}`.")
    if source.notes:
        parts.append("Notes:\n\n" + _items(source.notes))
    return _cut(parts)


def follow_up(source: Source, report: str) -> str:
    """The comment on a pull request of ours to which a commit was added."""
    parts = [f"Added a commit to `{source.branch}`.", harmless_markdown(_without_heading(report))]
    return _cut(parts)


def _purpose(source: Source, *, proven: bool) -> str:
    if source.kind != "issue":
        return f"For {source.url}"
    return f"Fixes {source.short}" if proven else f"For {source.short}"


def _cut(parts: Sequence[str]) -> str:
    """The parts as one text that GitHub takes."""
    return cut("\n\n".join(part.strip() for part in parts), _LARGEST_BODY)


def _items(lines: Sequence[str]) -> str:
    return "\n".join(f"- {harmless_markdown(' '.join(line.split()))}" for line in lines)


def _without_heading(report: str) -> str:
    first, _, rest = report.partition("\n")
    return rest if first.startswith("# ") else report
