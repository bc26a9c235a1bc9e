"""One candidate through the gate: looked at, tried on the reproduction, then on the whole suite.

The order is that of cost: what a look refuses is not run, what leaves the reproduction broken is
not run on the whole suite. A run that would count is repeated once, and a test that ends otherwise
than on the base is run again by itself before anything is blamed on the patch.
"""

import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from functools import partial
from typing import Any

from agent.evidence.baseline import Baseline
from agent.evidence.candidate import Candidate, take
from agent.evidence.finding import Action, of_action
from agent.evidence.gate import Verdict, judge, outcome_of
from agent.evidence.majority import flagged
from agent.evidence.probe import BASE_RUNS, Check, Probe, Seen
from agent.evidence.tamper import screen
from tools.checks.base import Outcome, Report
from tools.git import ObjectStore

RERUNS = 3
"""How often a test that seems to be broken by the patch is run again, on either side."""
MOST_RERUN = 50
"""More broken tests than this are no accident, and are not run again."""
WHOLE_RUNS = 2
"""How often the whole suite has to agree on a patch."""
_LOOK_SECONDS = 0.2
"""How often it is asked whether there is room for the next run beside one."""


class Trial:
    """What every candidate for one issue is judged by; runs on the base are made once for all.

    Args:
        store: Holds the trees.
        check: Runs tests.
        base: The base with the reproduction's tests.
        tests: The reproduction's tests.
        test_files: The files that these are in.
        baseline: The whole suite on the base.
        base_runs: How often the reproduction has to fail on the base before anything is judged.
        by_majority: Whether it is enough to pass most of the reproduction's tests.
        seen: What other trials by the same reproduction saw of it on the base; they share it.
        has_room: Tells whether there is room to begin the whole suite's repetition beside its first
            run; one follows the other where it is not given.
    """

    def __init__(
        self,
        store: ObjectStore,
        check: Check,
        *,
        base: str,
        tests: Sequence[str],
        test_files: Sequence[str],
        baseline: Baseline,
        base_runs: int = BASE_RUNS,
        by_majority: bool = False,
        seen: Seen | None = None,
        has_room: Callable[[], bool] | None = None,
    ) -> None:
        self._store = store
        self._check = check
        self._base = base
        self._tests = tests
        self._test_files = test_files
        self._baseline = baseline
        self._by_majority = by_majority
        self._probe = Probe(store, self._timed, base, tests, test_files, base_runs, seen)
        chosen = baseline.chosen
        self._suite = [*chosen, *tests] if chosen else []
        self._has_room = has_room
        self._seconds = 0.0

    def judge(self, start: str, patched: str) -> Verdict:
        """The verdict on what a patch made of ``start``, whose part outside the tests counts."""
        began, tested = time.monotonic(), self._seconds
        candidate = take(
            self._store,
            start,
            patched,
            self._base,
            names=self._tests,
            test_files=self._test_files,
        )
        verdict = self._judged(candidate)
        spent = {
            "seconds": time.monotonic() - began,
            "seconds_testing": self._seconds - tested,
        }
        return verdict.model_copy(update=spent)

    def holds(self, tree: str, verdict: Verdict, runs: int = 1) -> bool:
        """Whether a tree passes whenever the suite is run, and no less than the judged one did.

        It is for trying; no verdict.
        """
        tried = self._tried(tree, runs)
        return tried.proven and set(tried.missed) <= set(verdict.missed)

    def _judged(self, candidate: Candidate) -> Verdict:
        findings = screen(candidate)
        seen: dict[str, Any] = {"findings": findings, "left_out": candidate.parts.left_out}
        objections = [
            f"{finding.place}: {finding.text}" for finding in of_action(findings, Action.REFUSED)
        ]
        if not candidate.files:
            objections = ["nothing outside the tests was changed"]
        if objections:
            verdict = Verdict(proven=False, objections=objections, tree=candidate.tree)
        else:
            verdict = self._tried(candidate.tree, WHOLE_RUNS)
        if verdict.proven:
            seen["findings"] = [*findings, *flagged(verdict.missed)]
        return verdict.model_copy(update=seen)

    def _tried(self, tree: str, most_runs: int) -> Verdict:
        unfit = self._probe.why_unfit()
        before = self._probe.before
        if unfit or before is None:
            return Verdict(proven=False, objections=unfit, tree=tree, before=before)
        after = self._probe.on(tree)
        verdict = self._compared(tree, before, after, baseline=_NOTHING)
        untrue = self._probe.why_untrue(after)
        if untrue:
            return verdict.model_copy(update={"proven": False, "objections": [untrue], "runs": 0})
        if not verdict.proven:
            return verdict.model_copy(update={"runs": 0})
        whole = self._tested(tree, before, most_runs)
        return whole.model_copy(update={"decoy": self._probe.has_decoy})

    def _tested(self, tree: str, before: Report, most_runs: int) -> Verdict:
        """The suite on the patch, more than once; what seems broken is run again by itself."""
        flaky: set[str] = set()
        runs = 0
        with closing(self._whole_runs(tree, most_runs)) as reports:
            for after in reports:
                runs += 1
                verdict = self._compared(tree, before, after, flaky=flaky)
                broken = [test.name for test in verdict.regressions]
                if 0 < len(broken) <= MOST_RERUN:
                    flaky |= self._unreliable(tree, broken)
                    verdict = self._compared(tree, before, after, flaky=flaky)
                if not verdict.proven:
                    break
        return verdict.model_copy(update={"runs": runs})

    def _whole_runs(self, tree: str, count: int) -> Generator[Report, None, None]:
        """Reports of the whole suite as they are needed, and in their order."""
        if self._has_room is None:
            for _ in range(count):
                yield self._timed(tree, self._suite)
            return
        run = partial(self._check, tree, self._suite)
        ended = time.monotonic()
        for report in _overlapping(run, count, self._has_room):
            began, ended = ended, time.monotonic()
            self._seconds += min(report.seconds, ended - began)
            yield report
            ended = time.monotonic()

    def _compared(
        self,
        tree: str,
        before: Report,
        after: Report,
        *,
        baseline: Baseline | None = None,
        flaky: Collection[str] = (),
    ) -> Verdict:
        return judge(
            tree,
            self._tests,
            baseline=baseline or self._baseline,
            before=before,
            after=after,
            flaky=flaky,
            by_majority=self._by_majority,
        )

    def _unreliable(self, tree: str, names: Sequence[str]) -> set[str]:
        """Those of the tests that pass on the patch after all, or do not always on the base."""
        left = set(names)
        for where, passes in ((tree, True), (self._base, False)):
            for _ in range(RERUNS if left else 0):
                report = self._timed(where, sorted(left))
                left -= {n for n in left if (outcome_of(report, n) is Outcome.PASSED) is passes}
                if not left:
                    break
        return set(names) - left

    def _timed(self, tree: str, tests: Sequence[str]) -> Report:
        report = self._check(tree, tests)
        self._seconds += report.seconds
        return report


def _overlapping(
    run: Callable[[], Report], count: int, has_room: Callable[[], bool]
) -> Iterator[Report]:
    """What so many runs report; one is begun beside those before it once there is room."""
    with ThreadPoolExecutor(count) as pool:
        begun: list[Future[Report]] = []
        for number in range(count):
            if number == len(begun):
                begun.append(pool.submit(run))
            while len(begun) < count and not begun[number].done():
                if has_room():
                    begun.append(pool.submit(run))
                else:
                    wait(begun[number:], _LOOK_SECONDS)
            yield begun[number].result()


_NOTHING = Baseline(report=Report(command=""))
