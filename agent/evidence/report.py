"""The verdict as a page for people, made from exactly what it was reached with.

``report.md`` and ``report.html`` tell the same. All that comes from the repository, the patch, the
issue or the model may be hostile: in Markdown it stands in code spans and fenced blocks that it
cannot end, in HTML it is escaped by the template engine, and neither page loads anything.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from agent.evidence.dossier import Dossier
from agent.evidence.gate import Verdict
from agent.evidence.table import rows, unchanged
from agent.narration import printable

_SHOWN = 200
_SHOWN_DIFF = 400_000
_TICKS = re.compile(r"`+")


def write(dossier: Dossier, folder: Path) -> None:
    """Write ``report.md`` and ``report.html`` into a folder."""
    (folder / "report.md").write_text(markdown(dossier), encoding="utf-8")
    (folder / "report.html").write_text(html(dossier), encoding="utf-8")


def markdown(dossier: Dossier) -> str:
    """A page on what was proven, or was not, and how to see it again."""
    verdict = dossier.verdict
    parts = [
        f"# {_plain(dossier.name)}: {dossier.headline}",
        *_section("Why not", _bullets(verdict.objections)),
        *_section("Issue", _fenced(dossier.issue)),
        *_section("The model's own summary (not evidence)", _fenced(dossier.summary)),
        *_section("Tests", _table(verdict)),
        *_section(
            "For a reader to judge",
            _bullets(f"{flag.place}: {flag.text} ({flag.rule})" for flag in verdict.flags),
        ),
        *_section("Flaky tests, which had no say", _bullets(_flaky(dossier))),
        *_section("Not run", _bullets(dossier.baseline.left_out)),
        *_section("Left out of the patch", _bullets(_left_out(verdict))),
        *_section("Slow tests", _bullets(_slow(dossier))),
        *_section("How it was checked", "\n".join([*dossier.checks, dossier.costs + "."])),
        *_section("By hand", _fenced("\n".join(dossier.by_hand), "sh")),
        *_section("Patch", _fenced(dossier.diff[:_SHOWN_DIFF], "diff")),
        *_section("Notes", _bullets(dossier.notes)),
    ]
    return "\n\n".join(parts) + "\n"


def html(dossier: Dossier) -> str:
    """The same as a page that stands alone: no script, nothing loaded."""
    verdict = dossier.verdict
    return _template().render(
        dossier=dossier,
        verdict=verdict,
        rows=rows(verdict)[:_SHOWN],
        more=max(0, len(rows(verdict)) - _SHOWN),
        unchanged=unchanged(verdict),
        flaky=_flaky(dossier),
        left_out=_left_out(verdict),
        slow=_slow(dossier),
        diff=[(_kind(line), line) for line in dossier.diff[:_SHOWN_DIFF].splitlines()],
    )


def _flaky(dossier: Dossier) -> list[str]:
    return list(dict.fromkeys([*dossier.baseline.unstable, *dossier.verdict.flaky]))


def _left_out(verdict: Verdict) -> list[str]:
    said = {f.path: f"{f.path}: {f.text}" for f in verdict.findings if f.action == "left out"}
    return [said.get(path, path) for path in verdict.left_out]


def _slow(dossier: Dossier) -> list[str]:
    return [f"{case.name}: {case.seconds:.1f} s" for case in dossier.baseline.slow[:20]]


def _table(verdict: Verdict) -> str:
    lines = ["| test | base | patch |", "| --- | --- | --- |"]
    lines += [f"| {_span(name)} | {a} | {b} |" for name, a, b in rows(verdict)[:_SHOWN]]
    left = len(rows(verdict)) - _SHOWN
    if left > 0:
        lines.append(f"| … and {left} more | | |")
    return "\n".join([*lines, "", f"Other tests that pass on the patch: {unchanged(verdict)}."])


def _section(title: str, body: str) -> list[str]:
    return [f"## {title}", body] if body else []


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {_span(line)}" for line in lines)


def _plain(text: str) -> str:
    """Text that means nothing to Markdown."""
    return re.sub(r"[^\w .:/-]", "", text)


def _span(text: str) -> str:
    """A code span that its text cannot end, in a table neither."""
    line = printable(" ".join(text.split())).replace("|", "\\|").replace("`", "'")
    return f"`{line}`"


def _fenced(text: str, language: str = "") -> str:
    """A fenced block that its text cannot end.

    https://spec.commonmark.org/0.31.2/#fenced-code-blocks
    """
    if not text.strip():
        return ""
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{printable(text.rstrip())}\n{fence}"


def _kind(line: str) -> str:
    """What a line of a diff is, as a class of the page."""
    if line.startswith(("diff --git", "index ", "--- ", "+++ ", "new file", "deleted file")):
        return "head"
    return {"+": "new", "-": "old", "@": "hunk"}.get(line[:1], "same")


@cache
def _template() -> Template:
    source = resources.files("agent.evidence").joinpath("report.html.j2")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["printable"] = printable
    return environment.from_string(source.read_text(encoding="utf-8"))
