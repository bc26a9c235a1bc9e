"""Pages that hostile names, diffs and issues cannot break out of."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from agent.evidence.baseline import Baseline
from agent.evidence.dossier import Dossier
from agent.evidence.finding import Action, Finding
from agent.evidence.gate import Comparison, Verdict
from agent.evidence.report import html, markdown, write
from tools.checks.base import Case, Outcome, Report

EVIL = "<script>alert(1)</script> `` ``` | \u202e\x1b[2J \"' &amp; ${x} {{ 7*7 }}\n```\n# proven"


def dossier(**more: object) -> Dossier:
    verdict = Verdict(
        proven=False,
        tree="t",
        objections=[EVIL],
        reproduction=[Comparison(name=EVIL, before=Outcome.FAILED, after=None)],
        left_out=["tests/a.py", "ci"],
        flaky=["flaky::one"],
        findings=[
            Finding(rule="sleeping", action=Action.FLAGGED, path=EVIL, line=3, text=EVIL),
            Finding(rule="test_files", action=Action.LEFT_OUT, path="tests/a.py", text="is a test"),
        ],
        after=Report(command="c", cases=[Case(name="good", outcome=Outcome.PASSED)]),
        runs=2,
        decoy=True,
        seconds=3.0,
        seconds_testing=2.5,
    )
    slow = Case(name="slow::one", outcome=Outcome.PASSED, seconds=30)
    values = {
        "name": "Run 1",
        "issue": EVIL,
        "diff": f"diff --git a/x b/x\n+{EVIL}\n",
        "verdict": verdict,
        "baseline": Baseline(
            report=Report(command="c", cases=[slow]), unstable=["un::stable"], left_out=["far.py"]
        ),
        "command": "pytest",
        "base_commit": "abc",
        "test_files": ["tests/new test.py"],
        "summary": EVIL,
        "tokens": 12345,
        "seconds": 60.0,
        **more,
    }
    return Dossier(**values)  # type: ignore[arg-type]


class Page(HTMLParser):
    """Collects tags and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_stands_alone_and_runs_nothing() -> None:
    page = Page(html(dossier()))
    assert not {"script", "img", "link", "iframe", "object", "form", "a"}.intersection(page.tags)
    assert not {"src", "href", "onclick"}.intersection(page.attributes)
    assert "default-src 'none'" in html(dossier())
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text
    assert "\x1b" not in page.text
    assert "\u202e" not in page.text


def test_markdown_is_not_broken_out_of() -> None:
    lines = markdown(dossier()).splitlines()
    fence = ""
    for line in lines:
        if line.startswith("```"):
            ticks = line[: len(line) - len(line.lstrip("`"))]
            if not fence:
                fence = ticks
            elif len(ticks) >= len(fence) and line == ticks:
                fence = ""
        elif not fence:
            assert not line.startswith("# proven")
            assert "<script" not in line or line.count("`") == 2
    assert not fence


@pytest.mark.parametrize("made", [markdown, html])
def test_everything_that_was_known_is_told(made: object) -> None:
    text = made(dossier())  # type: ignore[operator]
    shown = Page(text).text if made is html else text
    for word in (
        *("flaky::one", "un::stable", "far.py", "slow::one: 30.0 s", "tests/a.py: is a test", "ci"),
        *(
            "12,345 tokens",
            "3.0 s",
            "0.5 s",
            "2 time(s)",
            "not proven",
            "sleeping",
            "PATH/patch.diff",
        ),
        *("git worktree add --detach ../again abc", "--include='tests/new test.py'", "not run"),
    ):
        assert word in shown, word


def test_both_pages_are_written(tmp_path: Path) -> None:
    write(dossier(issue="", summary=""), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.md"]
    assert "Issue" not in (tmp_path / "report.md").read_text()
