"""The reproduction as it is run: several times on the base, on a patch with a decoy beside it."""

import threading
from collections.abc import Callable, Sequence

from agent.evidence.decoy import Decoy, drawn
from agent.evidence.gate import outcome_of
from tools.checks.base import Outcome, Report
from tools.git import ObjectStore

Check = Callable[[str, Sequence[str]], Report]
"""Runs tests on a tree in a box that nobody has used: its id, and the tests' (empty: all)."""

BASE_RUNS = 3
"""How often the reproduction has to fail on the base, where nobody has seen it fail before."""

_BROKEN = (Outcome.FAILED, Outcome.ERROR)


class Seen:
    """What the base has shown of a reproduction; all who judge by it at once may share it."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.finds_decoys: bool | None = None
        """Whether a decoy beside the reproduction was run, and failed; None before it was tried."""
        self.lock = threading.Lock()


class Probe:
    """The reproduction's tests, and a decoy where their framework finds it.

    Args:
        store: Holds the trees.
        check: Runs tests.
        base: The base with the reproduction's tests.
        tests: Their ids.
        test_files: The files that they are in.
        runs: How often they have to fail on the base.
        seen: What is known of them; nothing when not given.
    """

    def __init__(
        self,
        store: ObjectStore,
        check: Check,
        base: str,
        tests: Sequence[str],
        test_files: Sequence[str],
        runs: int = BASE_RUNS,
        seen: Seen | None = None,
    ) -> None:
        self._store = store
        self._check = check
        self._base = base
        self._tests = tests
        self._runs = runs
        self._seen = seen or Seen()
        # Drawn anew by each who judges: what one patch has been shown, no other can know.
        self._decoy = self._drawn(test_files)

    @property
    def before(self) -> Report | None:
        """The reproduction on the base, the last time; None before it was run."""
        return self._seen.reports[-1] if self._seen.reports else None

    def why_unfit(self) -> list[str]:
        """Why the tests show no bug on the base; empty when they fail there every time."""
        if not self._tests:
            return ["there is no test that fails on the base"]
        with self._seen.lock:
            if self._seen.finds_decoys is None:
                self._try_decoy()
            while len(self._seen.reports) < self._runs and not self._passing():
                self._seen.reports.append(self._check(self._base, self._tests))
        return [
            f"{name} does not fail on the base each time it is run; it shows no bug"
            for name in self._passing()
        ]

    def on(self, tree: str) -> Report:
        """The reproduction on a patch."""
        return self._check(*self._with_decoy(tree))

    def why_untrue(self, report: Report) -> str:
        """Why a report of :meth:`on` cannot be believed; empty when the decoy failed in it."""
        if not self.has_decoy or self._is_shown(report):
            return ""
        return "tests that have to fail, laid beside the reproduction, did not fail on the patch"

    @property
    def has_decoy(self) -> bool:
        """Whether a decoy is found, and failed on the base."""
        return bool(self._seen.finds_decoys)

    def _drawn(self, test_files: Sequence[str]) -> Decoy | None:
        if not self._tests:
            return None
        blobs = {
            entry.path: entry.blob for entry in self._store.entries(self._base) if entry.regular
        }

        def read(path: str) -> str:
            return self._store.get(blobs[path]).decode(errors="replace") if path in blobs else ""

        return drawn(self._tests[0], test_files, list(blobs), read)

    def _try_decoy(self) -> None:
        """Run the reproduction beside the decoy; not every framework finds a file by its path."""
        self._seen.finds_decoys = self._decoy is not None
        if self._decoy is None:
            return
        report = self._check(*self._with_decoy(self._base))
        self._seen.finds_decoys = self._is_shown(report)
        if self._seen.finds_decoys:
            self._seen.reports.append(report)

    def _passing(self) -> list[str]:
        return [
            name
            for name in self._tests
            if any(outcome_of(report, name) not in _BROKEN for report in self._seen.reports)
        ]

    def _is_shown(self, report: Report) -> bool:
        """Whether all that the decoy holds ran, and failed."""
        return self._decoy is not None and self._decoy.failed(report)

    def _with_decoy(self, tree: str) -> tuple[str, Sequence[str]]:
        if self._decoy is None or not self.has_decoy:
            return tree, self._tests
        planted = self._store.with_file(tree, self._decoy.path, self._decoy.text.encode())
        return planted, [*self._tests, self._decoy.asked]
