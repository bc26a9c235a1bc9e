"""What a person sees: a live view on a terminal, plain lines elsewhere, JSON lines for machines."""

import sys
import time
from types import TracebackType
from typing import IO, Self

from rich.console import Console as Console  # the summary names it too
from rich.console import Group
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.syntax import Syntax
from rich.table import Column, Table
from rich.text import Text

from agent.events import Called, Consulted, Ended, Entered, RanTests, Replied
from agent.evidence import table as tests_table
from agent.evidence.gate import Verdict
from agent.journal import Entry
from agent.model.base import Usage
from agent.narration import OUTCOME_WORDS, call_in_words, notes, one_line, printable, tell
from agent.state import Outcome

_SHOWN_ROWS = 20
_SHOWN_PATCH_LINES = 60

_STEP_WORDS = {
    "prepare": "preparing",
    "locate": "locating",
    "reproduce": "reproducing",
    "first_try": "searching without a model",
    "ask": "asking the model",
    "act": "acting",
    "verify": "verifying",
    "attempt": "attempting several repairs",
    "select": "choosing among the candidates",
    "publish": "publishing",
    "give_up": "giving up",
}


def make_console(*, color: bool) -> Console:
    """The console for people; without colour when asked, or when it is no terminal."""
    return Console(no_color=not color, highlight=False, soft_wrap=True, emoji=False)


class JsonLines:
    """Writes every entry as one line of JSON."""

    def __init__(self, stream: IO[str] = sys.stdout) -> None:
        self._stream = stream

    def __call__(self, entry: Entry) -> None:
        """Write one entry, at once."""
        self._stream.write(entry.model_dump_json() + "\n")
        self._stream.flush()


class PlainLines:
    """Writes a line for each event worth telling; for pipes and log files."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._noted: set[str] = set()

    def __call__(self, entry: Entry) -> None:
        """Write the entry's line, with the running time before it."""
        line = tell(entry.event)
        if line:
            self._console.print(f"{_clock(entry.elapsed)}  {line}", markup=False)
        for note in notes(entry.event):
            # A server's ways are noted with every reply; once is enough.
            if note not in self._noted:
                self._noted.add(note)
                self._console.print(f"       note: {one_line(note)}", markup=False)


class LiveView:
    """Lines as they come, and below them one line that is kept current."""

    def __init__(self, console: Console, steps: int) -> None:
        self._console = console
        self._lines = PlainLines(console)
        self._steps = steps
        self._phase = "starting"
        self._turn = 0
        self._tokens = self._prompt = self._cached = 0
        self._tests = ""
        self._call = ""
        self._spinner = Spinner("dots")
        self._started = time.monotonic()
        # The view is asked for at once, so all it shows is there before.
        self._live = Live(console=console, get_renderable=self._status, refresh_per_second=8)

    def __call__(self, entry: Entry) -> None:
        """Take an entry in."""
        self._lines(entry)
        self._started = time.monotonic() - entry.elapsed
        match entry.event:
            case Entered(step=step):
                self._phase, self._call = _STEP_WORDS[step], ""
            case Replied(turn=turn, reply=reply):
                self._turn = turn
                self._count(reply.usage)
            case Consulted(reply=reply):
                self._count(reply.usage)
            case Called(name=name, arguments=arguments):
                self._call = call_in_words(name, arguments)
            case RanTests(passed=passed, broken=broken):
                self._tests = f"{passed} passed, {broken} broken"
            case Ended():
                self._phase = "done"

    def _count(self, usage: Usage) -> None:
        self._tokens += usage.total
        self._prompt += usage.prompt
        self._cached += usage.cached

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._phase = "stopped" if error else "done"
        self._live.stop()

    def _status(self) -> Group:
        parts = [
            f"turn {self._turn}/{self._steps}",
            f"{self._tokens:,} tokens",
            f"{self._cached / self._prompt:.0%} cached" if self._cached else "",
            self._tests,
            _clock(time.monotonic() - self._started).strip(),
            self._call,
        ]
        text = Text.assemble((self._phase, "bold"), *(f" · {part}" for part in parts if part))
        self._spinner.update(text=text)
        return Group(self._spinner)


def show_result(
    console: Console,
    run: str,
    ended: Ended,
    verdict: Verdict | None,
    patch: str,
    folder: str,
    used: str = "",
) -> None:
    """The summary at the end of a run: the patch, the tests before and after, what to do next."""
    if patch:
        console.print()
        console.print(_patch(patch))
    if verdict is not None and verdict.reproduction:
        console.print(_table(verdict))
    style = "bold green" if ended.outcome is Outcome.PROVEN else "bold yellow"
    words = OUTCOME_WORDS[ended.outcome]
    console.print(f"[{style}]{words}[/]: {escape(printable(ended.reason))}")
    if ended.patch:
        kind = "patch" if ended.outcome is Outcome.PROVEN else "best attempt, not proven"
        console.print(f"{kind}: {ended.patch}", markup=False)
    if used:
        console.print(f"model: {used}", markup=False)
    console.print(f"run: {folder}  (again: patchwright show {run})", markup=False)


def show_verdict(console: Console, verdict: Verdict) -> None:
    """A verdict alone: the tests before and after, why not, and what a reader should look at."""
    if verdict.reproduction:
        console.print(_table(verdict))
    for finding in verdict.findings:
        said = f"{finding.action}: {finding.place}: {finding.text}"
        console.print(one_line(said, 300), markup=False)
    for name in verdict.flaky:
        console.print(f"flaky, had no say: {one_line(name)}", markup=False)
    for objection in verdict.objections:
        console.print(f"not proven: {one_line(objection, 300)}", markup=False)
    if verdict.proven:
        console.print("[bold green]proven[/]")


def show_runs(console: Console, listed: list[tuple[str, str, str, str]]) -> None:
    """A table of runs: id, outcome, repository, issue."""
    table = Table("run", "outcome", "repository", "issue", box=None, pad_edge=False)
    for row in listed:
        table.add_row(*(escape(one_line(cell, 80)) for cell in row))
    console.print(table)


def _patch(patch: str) -> Syntax | Text:
    lines = printable(patch).splitlines()
    shown = "\n".join(lines[:_SHOWN_PATCH_LINES])
    if len(lines) > _SHOWN_PATCH_LINES:
        shown += f"\n… {len(lines) - _SHOWN_PATCH_LINES} more lines in the patch file"
    return Syntax(shown, "diff", background_color="default", theme="ansi_dark")


def _table(verdict: Verdict) -> Table:
    table = Table(Column("test", overflow="fold"), "before", "after", box=None, pad_edge=False)
    rows = tests_table.rows(verdict)
    for name, before, after in rows[:_SHOWN_ROWS]:
        table.add_row(escape(printable(name)), _outcome(before), _outcome(after))
    if len(rows) > _SHOWN_ROWS:
        table.add_row(f"… and {len(rows) - _SHOWN_ROWS} more", "", "")
    same = tests_table.unchanged(verdict)
    if same:
        table.add_row(f"{same} other test(s)", _outcome("passed"), _outcome("passed"))
    return table


def _outcome(word: str) -> str:
    color = {"passed": "green", "failed": "red", "error": "red"}.get(word, "yellow")
    return f"[{color}]{word}[/]"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:2d}:{int(seconds) % 60:02d}"
