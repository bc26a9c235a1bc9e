"""A run from an address that proved nothing: one comment says so, or none, as the settings want."""

from agent import handover, pull_request
from agent.events import Judged, Reported
from agent.evidence.gate import Verdict
from agent.kit import Kit
from agent.source import Source
from agent.state import Outcome, Repair
from tools.forge import Forge, ForgeDenied

_TRIED = 5


def report(kit: Kit, record: Repair) -> None:
    """Tell the forge, once, that nothing was proven; does nothing for any other run."""
    source, forge = kit.source, kit.forge
    if source is None or forge is None or record.outcome is Outcome.PROVEN:
        return
    kit.journal.once("reported", lambda: _reported(kit, record, source, forge))


def _reported(kit: Kit, record: Repair, source: Source, forge: Forge) -> Reported:
    silent = kit.settings.on_failure == "none" or source.kind not in ("issue", "pull")
    if kit.settings.dry_run:
        if not silent:
            handover.leave_comment(kit, pull_request.failure(source, record.reason, _tried(kit)))
        return Reported(output="nothing was written")
    branch = _pushed(kit, record, forge) if kit.settings.push_attempt else ""
    pushed = f"branch {branch} holds the best attempt; " if branch else ""
    if silent:
        return Reported(output=f"{pushed}no comment was written")
    text = pull_request.failure(source, record.reason, _tried(kit), branch=branch)
    try:
        url = forge.comment(source.address, text, marker=pull_request.marker(kit.folder.name))
    except ForgeDenied as error:
        return Reported(output=f"{pushed}no comment could be written: {error}")
    return Reported(output=f"{pushed}comment {url}", url=url)


def _tried(kit: Kit) -> list[str]:
    """One line for each candidate that was judged."""
    return [
        f"candidate {number}: {'; '.join(verdict.objections)}"
        for number, verdict in enumerate(_verdicts(kit), 1)
    ][-_TRIED:]


def _pushed(kit: Kit, record: Repair, forge: Forge) -> str:
    """The branch that holds the best attempt; empty where there is none to push."""
    verdicts = _verdicts(kit)
    if not verdicts or record.base_commit is None:
        return ""
    best = min(reversed(verdicts), key=lambda verdict: len(verdict.objections))
    diff = kit.store.diff(record.base, best.tree)
    left = handover.prepare(kit, record.base, record.base_commit, best, diff, record.reason)
    return "" if left.refusals or not diff else handover.push(left, kit.store, forge)


def _verdicts(kit: Kit) -> list[Verdict]:
    return [e.event.verdict for e in kit.journal.entries if isinstance(e.event, Judged)]
