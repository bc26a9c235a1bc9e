"""The verdict for people: rows of a table, and a Markdown page that is made from exactly those."""

from collections.abc import Sequence

from agent.evidence.gate import Comparison, Verdict

_SHOWN = 50


def rows(verdict: Verdict) -> list[tuple[str, str, str]]:
    """Test, before, after: the reproduction first, then every other test that changed."""
    return [_row(test) for test in (*verdict.reproduction, *verdict.changed)]


def unchanged(verdict: Verdict) -> int:
    """How many other tests the patched suite passed, as it did on the base."""
    if verdict.after is None:
        return 0
    apart = {test.name for test in (*verdict.reproduction, *verdict.changed)}
    return sum(case.name not in apart for case in verdict.after.passed)


def markdown(verdict: Verdict, summary: str, run: str) -> str:
    """A page on what was proven and how to see it again."""
    lines = [f"# Run {run}: {'proven' if verdict.proven else 'not proven'}", ""]
    if summary:
        lines += ["The model's own summary (not evidence):", "", *_quoted(summary), ""]
    lines += ["| test | base | patch |", "| --- | --- | --- |"]
    lines += [f"| {_cell(name)} | {before} | {after} |" for name, before, after in _some(verdict)]
    left = len(rows(verdict)) - _SHOWN
    if left > 0:
        lines.append(f"| … and {left} more | | |")
    lines += ["", f"Tests that pass on both: {unchanged(verdict)}."]
    if verdict.after is not None:
        lines += ["", f"Command: `{verdict.after.command}`"]
    if verdict.left_out:
        lines += ["", f"Test files the candidate changed, not taken: {', '.join(verdict.left_out)}"]
    return "\n".join(lines) + "\n"


def _some(verdict: Verdict) -> Sequence[tuple[str, str, str]]:
    return rows(verdict)[:_SHOWN]


def _row(test: Comparison) -> tuple[str, str, str]:
    return test.name, test.before or "not run", test.after or "not run"


def _cell(text: str) -> str:
    return "`" + text.replace("|", "\\|").replace("`", "'").replace("\n", " ") + "`"


def _quoted(text: str) -> list[str]:
    return [f"> {line}" for line in text.splitlines()]
