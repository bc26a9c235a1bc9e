"""What a finished or stopped run comes to, read from its journal."""

from typing import TYPE_CHECKING

from agent.budget import Spent, spent
from agent.config import Settings
from agent.events import Ended, Judged, Started
from agent.evidence.gate import Verdict
from agent.journal import Entry, read_journal
from agent.narration import used_in_words
from agent.runs import RunFolder

if TYPE_CHECKING:
    from agent.console import Console


def listed(folder: RunFolder) -> tuple[str, str, str, str]:
    """Id, outcome, repository and first line of the issue, for a list of runs."""
    entries = read_journal(folder.journal)
    ended = _ended(entries)
    started = next((e.event for e in entries if isinstance(e.event, Started)), None)
    repository, issue = (started.repository, started.issue) if started else ("", "")
    return folder.name, ended.outcome if ended else "unfinished", repository, issue.strip()


def summarise(folder: RunFolder, console: "Console") -> None:
    """Show the result of a run, or that it has none yet."""
    from agent.console import show_result

    entries = read_journal(folder.journal)
    ended = _ended(entries)
    if ended is None:
        console.print(f"unfinished; go on with: patchwright resume {folder.name}", markup=False)
        return
    used = used_in_words(_spent(folder, entries))
    patch = folder.patch.read_text(errors="replace") if folder.patch.exists() else ""
    show_result(console, folder.name, ended, _verdict(entries), patch, str(folder.path), used)


def _spent(folder: RunFolder, entries: list[Entry]) -> Spent:
    """What the run has used, its candidates included."""
    started = next((e.event for e in entries if isinstance(e.event, Started)), None)
    settings = Settings.model_construct(**(started.settings if started else {}))
    everything = [entry for path in folder.journals for entry in read_journal(path)]
    return spent(everything, entries[-1].elapsed if entries else 0.0, settings.budget)


def _ended(entries: list[Entry]) -> Ended | None:
    return next((e.event for e in reversed(entries) if isinstance(e.event, Ended)), None)


def _verdict(entries: list[Entry]) -> Verdict | None:
    events = (entry.event for entry in reversed(entries))
    return next((e.verdict for e in events if isinstance(e, Judged)), None)
