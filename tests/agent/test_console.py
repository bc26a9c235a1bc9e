"""The screen as a person sees it, whole."""

import json
from io import StringIO
from typing import Any

from agent.console import Console, JsonLines, LiveView, PlainLines, show_result, show_runs
from agent.events import Called, Ended, Entered, Judged, Prepared, RanTests, Replied
from agent.evidence.baseline import Baseline
from agent.evidence.gate import judge
from agent.journal import Entry
from agent.model.base import AssistantMessage, Reply, Usage
from agent.state import Outcome
from tools.checks import base as checks
from tools.checks.base import Case, Report

HOSTILE = "[red]x[/] :bomb: \x1b[2J"


def entry(event: Any, elapsed: float = 65.0) -> Entry:
    return Entry.model_validate(
        {"key": "", "time": "2026-01-01T00:00:00Z", "elapsed": elapsed, "event": event}
    )


def screen(*, terminal: bool = False, width: int = 78) -> tuple[Console, StringIO]:
    stream = StringIO()
    console = Console(
        file=stream, force_terminal=terminal, width=width, no_color=True, emoji=False,
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    return console, stream


def report(**outcomes: checks.Outcome) -> Report:
    cases = [Case(name=name, outcome=outcome) for name, outcome in outcomes.items()]
    return Report(command="run", cases=cases)


def test_plain_lines() -> None:
    console, stream = screen()
    lines = PlainLines(console)
    prepared = Prepared(
        base="t", base_commit="c" * 40, files=3, test_command="run", sandbox="bubblewrap",
        bounds="", notes=["docker: not there"],
    )  # fmt: skip
    for event in (
        prepared,
        Entered(step="ask"),
        Replied(
            turn=1, reply=Reply(message=AssistantMessage(content=HOSTILE), notices=["waited 3 s"])
        ),
        Replied(turn=2, reply=Reply(message=AssistantMessage(), notices=["waited 3 s"])),
    ):
        lines(entry(event))
    assert stream.getvalue().splitlines() == [
        " 1:05  3 files from commit cccccccccccc; tests: run; sandbox: bubblewrap",
        "       note: docker: not there",
        " 1:05  model: [red]x[/] :bomb: <001B>[2J",
        "       note: waited 3 s",
    ]


def test_the_live_view_is_kept_current() -> None:
    console, stream = screen(terminal=True, width=200)
    with LiveView(console, steps=30) as view:
        usage = Usage(prompt=1000, completion=234)
        for event in (
            Replied(turn=7, reply=Reply(message=AssistantMessage(), usage=usage)),
            Entered(step="act"),
            Called(name="shell", arguments={"command": HOSTILE}),
            RanTests(passed=12, broken=1),
        ):
            view(entry(event))
        view._live.refresh()
    shown = stream.getvalue()
    assert "turn 7/30 · 1,234 tokens · 12 passed, 1 broken · 1:05 · shell [red]x[/] :bomb:" in shown
    assert "acting" in shown
    assert "\x1b[2J" not in shown.replace("\x1b[2K", "")


def test_the_result_is_a_patch_a_table_and_what_to_do_next() -> None:
    failed, passed = checks.Outcome.FAILED, checks.Outcome.PASSED
    verdict = judge(
        "tree",
        ["test_bug"],
        baseline=Baseline(report=report(test_bug=failed, test_a=passed, test_b=passed)),
        before=report(test_bug=failed),
        after=report(test_bug=passed, test_a=passed, test_b=passed),
    )
    console, stream = screen()
    ended = Ended(outcome=Outcome.PROVEN, reason="1 test passes", patch="/runs/r1/patch.diff")
    show_result(console, "r1", ended, verdict, "-old [b]\n+new \x1b[2J\n", "/runs/r1")
    assert [line.rstrip() for line in stream.getvalue().splitlines()] == [
        "",
        "-old [b]",
        "+new <001B>[2J",
        "test             before  after",
        "test_bug         failed  passed",
        "2 other test(s)  passed  passed",
        "proven: 1 test passes",
        "patch: /runs/r1/patch.diff",
        "run: /runs/r1  (again: patchwright show r1)",
    ]


def test_an_unproven_attempt_is_called_that() -> None:
    console, stream = screen()
    ended = Ended(outcome=Outcome.NONE, reason=HOSTILE, patch="/runs/r1/patch.diff")
    show_result(console, "r1", ended, None, "", "/runs/r1")
    assert stream.getvalue().splitlines()[:2] == [
        "no proven patch: [red]x[/] :bomb: <001B>[2J",
        "best attempt, not proven: /runs/r1/patch.diff",
    ]


def test_runs_are_listed_as_they_are_called() -> None:
    console, stream = screen(width=120)
    show_runs(console, [("r1", "proven", "/src/[b]x[/]", "Line one\nline two")])
    header, row = (line.rstrip() for line in stream.getvalue().splitlines())
    assert header.split() == ["run", "outcome", "repository", "issue"]
    assert row.split() == ["r1", "proven", "/src/[b]x[/]", "Line", "one", "line", "two"]


def test_json_lines_are_the_entries() -> None:
    stream = StringIO()
    JsonLines(stream)(entry(Judged(verdict=judge(
        "t", [], baseline=Baseline(report=report()), before=report(), after=report()
    ))))  # fmt: skip
    [line] = stream.getvalue().splitlines()
    assert json.loads(line)["event"]["verdict"]["proven"] is False
