"""Hand a proven patch over: the patch file and the report, then a branch or the work tree."""

import shlex
from dataclasses import replace
from typing import Any

from agent import handover
from agent.conversation import fold
from agent.events import Ended, Judged, Published
from agent.evidence.gate import Verdict
from agent.evidence.report import markdown, write
from agent.kit import Kit
from agent.reporting import dossier_of
from agent.state import Outcome, Repair
from tools.git import GitError
from tools.sensitive import Inspection, inspect

_ONLY_THE_PATCH = "only the patch was written: "


def publish(state: Repair, kit: Kit) -> dict[str, Any]:
    """Write the result where the settings say; the file in the run's folder is always written."""
    verdict = _proof(kit)
    kit.journal.once("published", lambda: _published(state, kit, verdict))
    repaired = len(verdict.reproduction) - len(verdict.missed)
    reason = f"{repaired} failing test(s) of the base pass on the patch"
    kit.journal.once(
        "ended",
        lambda: Ended(outcome=Outcome.PROVEN, reason=reason, patch=str(kit.folder.patch)),
    )
    return {"outcome": Outcome.PROVEN, "reason": reason}


def _proof(kit: Kit) -> Verdict:
    events = (entry.event for entry in reversed(kit.journal.entries))
    return next(e.verdict for e in events if isinstance(e, Judged) and e.verdict.proven)


def _published(state: Repair, kit: Kit, verdict: Verdict) -> Published:
    diff = kit.store.diff(state.base, verdict.tree)
    kit.folder.patch.write_bytes(diff)
    found = inspect(kit.store.changes(state.base, verdict.tree), diff)
    look_at = [*found.refusals, *found.flags]
    dossier = dossier_of(state, kit, verdict, diff)
    write(replace(dossier, notes=[*dossier.notes, *look_at]), kit.folder.path)
    if kit.source is not None:
        # The issue and the patch are in sight where this is read.
        report = markdown(replace(dossier, issue="", diff=""))
        published = _to_forge(state, kit, verdict, diff, report)
    else:
        published = Published(patch=str(kit.folder.patch), output=_here(state, kit, verdict, found))
    return published.model_copy(update={"look_at": look_at})


def _here(state: Repair, kit: Kit, verdict: Verdict, found: Inspection) -> str:
    """Hand over on this machine what may be handed over; where it went, in words."""
    if kit.settings.output == "patch":
        return ""
    if found.refusals:
        return _ONLY_THE_PATCH + "; ".join(found.refusals)
    if kit.settings.output == "branch":
        return _branch(state, kit, verdict)
    if found.flags:
        # There its files would be run, by an editor, a shell or the next test run.
        patch = shlex.quote(str(kit.folder.patch))
        return f"the work tree was left as it is, for you to look first; then: git apply {patch}"
    return _work_tree(kit, kit.folder.patch.read_bytes())


def _to_forge(state: Repair, kit: Kit, verdict: Verdict, diff: bytes, report: str) -> Published:
    """Leave what is to be proposed in the run's folder, and propose it unless told not to."""
    assert state.base_commit is not None
    left = handover.prepare(kit, state.base, state.base_commit, verdict, diff, report)
    patch = str(kit.folder.patch)
    if left.refusals:
        return Published(patch=patch, output=_ONLY_THE_PATCH + "; ".join(left.refusals))
    if kit.settings.dry_run or kit.forge is None:
        how = f"nothing was written; propose it with: patchwright publish {kit.folder.name}"
        return Published(patch=patch, output=how)
    proposed = handover.propose(left, kit.store, kit.forge)
    kind = "draft pull request" if left.draft else "pull request"
    notes = "".join(f"; {note}" for note in proposed.notes)
    return Published(patch=patch, output=f"{kind} {proposed.url}{notes}", url=proposed.url)


def _branch(state: Repair, kit: Kit, verdict: Verdict) -> str:
    last = fold(kit.journal.entries).last
    summary = last.summary if last else ""
    branch = f"patchwright/{kit.folder.name}"
    title = next((line.strip() for line in kit.issue.splitlines() if line.strip()), "Repair")
    message = f"{title[:72]}\n\n{summary}\n"
    if state.base_commit is None:
        return (
            f"no branch was made: the run started from uncommitted work; apply {kit.folder.patch}"
        )
    try:
        kit.store.push(
            kit.repository, kit.store.commit(verdict.tree, state.base_commit, message), branch
        )
    except GitError as error:
        return f"no branch was made ({error}); the patch is in {kit.folder.patch}"
    return f"branch {branch}"


def _work_tree(kit: Kit, diff: bytes) -> str:
    try:
        kit.store.apply_to(kit.repository, diff)
    except GitError as error:
        return f"the work tree was left as it is ({error}); the patch is in {kit.folder.patch}"
    return f"the work tree of {kit.repository}"
