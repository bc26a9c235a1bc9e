"""Copy the repository into the run's store, find its test command, and test the untouched base."""

from collections.abc import Sequence
from typing import Any

from agent import context
from agent.environment import suggested
from agent.events import Ended, Measured, Prepared
from agent.evidence.baseline import last_line, measure
from agent.kit import Kit
from agent.state import Outcome, Repair
from tools.checks.base import Report
from tools.checks.suite_files import is_test_path
from tools.git import GitError
from tools.sources import command_of

_INDEX_SECONDS = 120.0
"""After so long the nearest tests are chosen from the files that have been read."""

_DIRTY = "the work tree's uncommitted changes are not part of this run; --dirty starts from them"

_REMEDIES = {
    "docker": "if something is missing there, install it with --setup, or name an image that has it"
    " with --image",
    "bubblewrap": "if something is missing there, activate the virtual environment that has it",
    "none": "if something is missing, activate the virtual environment that has it",
}


class _Refused(Exception):
    """The run cannot start; the message is for the user."""


def prepare(_state: Repair, kit: Kit) -> dict[str, Any]:
    """Prepare a run; ends it as refused when repository or tests are not fit for it."""
    try:
        prepared = kit.journal.once("prepared", lambda: _prepared(kit))
        measured = kit.journal.once("measured", lambda: _measured(kit, prepared))
        _usable(kit, prepared.base, measured.baseline.report)
    except (GitError, _Refused) as refusal:
        reason = str(refusal)
        kit.journal.once("ended", lambda: Ended(outcome=Outcome.REFUSED, reason=reason))
        return {"outcome": Outcome.REFUSED, "reason": reason}
    return {
        "base": prepared.base,
        "base_commit": prepared.base_commit,
        "test_command": prepared.test_command,
        "candidates": kit.settings.candidates,
        "baseline": kit.store.put(measured.baseline.model_dump_json().encode()),
    }


def _prepared(kit: Kit) -> Prepared:
    commit, tree = kit.store.fetch(kit.repository)
    # A copy from a forge has no work tree.
    work_tree = kit.store.snapshot(kit.repository, tree) if kit.source is None else tree
    base = work_tree if kit.from_dirty else tree
    entries = kit.store.entries(base)
    if not entries:
        raise _Refused(f"{kit.repository} has no files in its last commit")
    return Prepared(
        base=base,
        base_commit=commit if base == tree else None,
        files=len(entries),
        test_command=_command(kit, base),
        sandbox=kit.provider.name,
        bounds=kit.provider.bounds,
        notes=[*kit.notes, *([_DIRTY] if work_tree != base else [])],
    )


def _command(kit: Kit, tree: str) -> str:
    command = command_of(kit.store, tree, kit.settings.test)
    if command is None:
        raise _Refused(
            f"no test runner that patchwright knows is used in {kit.repository};"
            " say how its tests are run with --test COMMAND"
        )
    return command


def _measured(kit: Kit, prepared: Prepared) -> Measured:
    """Test the base: all of it, or what is near the suspects where all takes too long."""

    def run(tests: Sequence[str]) -> Report:
        return kit.check(prepared.base, kit.request(prepared.test_command, tests=list(tests)))

    return Measured(baseline=measure(run, lambda: _nearest(kit, prepared)))


def _nearest(kit: Kit, prepared: Prepared) -> list[str]:
    """Every test file, those first that exercise what the issue is about."""
    place = context.Place(kit.repository, kit.store, prepared.base, prepared.base_commit)
    index = context.read(place, kit.settings.index, seconds=_INDEX_SECONDS)
    near = [suspect.path for suspect in context.suspects(place, index, kit.issue).tests]
    every = [path for path in index.outlines if is_test_path(path)]
    return list(dict.fromkeys([*near, *every]))


def _usable(kit: Kit, tree: str, report: Report) -> None:
    """Refuse a base whose tests say nothing, before a single token is spent on it."""
    if report.timed_out:
        raise _Refused(
            f"the test command `{report.command}` did not end within"
            f" {kit.settings.test_minutes:g} minutes; name a faster one with --test,"
            " or allow more with --test-minutes"
        )
    if not report.cases:
        raise _Refused(
            f"the test command `{report.command}` ran no test (exit code {report.exit_code})"
            f" in the {kit.provider.name} sandbox: {last_line(report.output)};"
            f" {_REMEDIES.get(kit.provider.name, _REMEDIES['docker'])}"
            f"{suggested(kit.store, tree)}"
        )
