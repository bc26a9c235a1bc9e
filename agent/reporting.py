"""What a run's report is made from."""

from agent.budget import spent
from agent.conversation import fold
from agent.events import Judged, Reproduced
from agent.evidence.baseline import Baseline
from agent.evidence.dossier import Dossier
from agent.evidence.gate import Verdict
from agent.kit import Kit
from agent.state import Repair


def dossier_of(state: Repair, kit: Kit, verdict: Verdict, diff: bytes) -> Dossier:
    """All that is known of a run and of its judged patch."""
    entries = kit.journal.entries
    used = spent(entries, kit.journal.elapsed, kit.settings.budget)
    judged = [entry.event for entry in entries if isinstance(entry.event, Judged)]
    last = fold(entries).last
    return Dossier(
        name=f"Run {kit.folder.name}",
        issue=kit.issue,
        diff=diff.decode(errors="replace"),
        verdict=verdict,
        baseline=Baseline.model_validate_json(kit.store.get(state.baseline)),
        command=state.test_command,
        base_commit=state.base_commit,
        sandbox=f"{kit.provider.name}: {kit.provider.bounds}",
        test_files=_written(state, kit),
        summary=next((j.summary for j in reversed(judged) if j.summary), "")
        or (last.summary if last else ""),
        tokens=used.tokens + sum(event.tokens for event in judged),
        seconds=used.seconds,
        notes=_of_tests(kit, verdict),
    )


def _of_tests(kit: Kit, verdict: Verdict) -> list[str]:
    """Which written tests the patch holds that have no say, and which it holds no more."""
    events = [entry.event for entry in kit.journal.entries]
    kept = [name for e in events if isinstance(e, Reproduced) for name in e.kept]
    return [
        *(f"{name} was written and not accepted; it stays, as it could not be cut out of its file"
          for name in kept),
        *(f"{name} was written, fails on the patch, and was cut out of it" for name in verdict.cut),
    ]  # fmt: skip


def _written(state: Repair, kit: Kit) -> list[str]:
    """Test files that were written to show the bug."""
    if state.reproduction is None:
        return []
    return [change.path for change in kit.store.changes(state.base, state.reproduction.tree)]
