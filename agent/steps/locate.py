"""Choose the code that every conversation starts with."""

from dataclasses import replace
from typing import Any

from agent import context
from agent.documents import readable_issue
from agent.events import Located
from agent.evidence.baseline import Baseline
from agent.kit import Kit
from agent.state import Repair
from prompts import render
from tools.checks import suspicious
from tools.code.pack import pack

_INDEX_SECONDS = 120.0
"""After so long the run goes on with the files that have been read."""
_FAILING, _PASSING = 20, 40
"""Tests whose lines are followed."""
_SLOWED, _LEAST_SECONDS, _STOPPED = 20.0, 0.5, 0.9
"""Times that a test may take longer when its lines are followed; what it has in any case; the part
of the limit from which on it was stopped."""


def locate(state: Repair, kit: Kit) -> dict[str, Any]:
    """Rank the code by the issue and the failing tests, and pack the best under the budget."""
    baseline = Baseline.model_validate_json(kit.store.get(state.baseline))
    place = context.Place(kit.repository, kit.store, state.base, state.base_commit)
    index = context.read(place, kit.settings.index, seconds=_INDEX_SECONDS)
    failures = "\n".join(f"{case.name}\n{case.message}" for case in baseline.failing)
    ranking = context.suspects(
        place, index, f"{kit.issue}\n{failures}", _covered(state, kit, baseline)
    )
    packed = pack(
        ranking,
        index,
        budget=min(kit.settings.context, kit.model.window // 2),
        count_tokens=kit.model.count_tokens,
        render=render,
    )
    issue = readable_issue(kit)
    text = render("repository", code=packed.text, issue=issue, test_command=state.test_command)
    located = Located(
        files=[file.path for file in packed.files],
        tokens=kit.model.count_tokens(text),
        window=kit.model.window,
    )
    kit.journal.once("located", lambda: located)
    return {"context": kit.store.put(text.encode(errors="replace"))}


def _covered(state: Repair, kit: Kit, baseline: Baseline) -> dict[str, dict[int, float]]:
    """Lines that failing tests run, where the base has such tests, with how suspicious each is."""
    failing = [case.name for case in baseline.failing][:_FAILING]
    if not failing:
        return {}
    broken = set(failing)
    passing = [case.name for case in baseline.reliable if case.name not in broken][:_PASSING]
    request = kit.request(state.test_command, [*failing, *passing])
    seconds = _enough(baseline, request.seconds_per_test)
    request = replace(request, coverage=True, seconds_per_test=seconds)
    covered: dict[str, dict[int, float]] = {}
    for score, line in suspicious.rank(kit.check(state.base, request)):
        covered.setdefault(line.path, {})[line.line] = score
    return covered


def _enough(baseline: Baseline, limit: float | None) -> float | None:
    """Seconds per test: an endless one has soon run all the lines that it ever runs."""
    if limit is None:
        return None
    ended = [case.seconds for case in baseline.report.cases if case.seconds < _STOPPED * limit]
    return min(limit, max(_LEAST_SECONDS, _SLOWED * max(ended, default=0.0)))
