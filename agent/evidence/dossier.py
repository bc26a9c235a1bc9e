"""All that a report tells: the verdict, what it was reached with, and how to reach it by hand."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.evidence.baseline import Baseline
from agent.evidence.gate import Verdict


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is known of one patch."""

    name: str
    """Of the run, or of the patch."""
    issue: str
    diff: str
    """From the base to what was judged."""
    verdict: Verdict
    baseline: Baseline
    command: str
    """The test command."""
    base_commit: str | None = None
    sandbox: str = ""
    """What contained the tests, in words."""
    test_files: Sequence[str] = ()
    """Files of the diff that belong to the reproduction."""
    summary: str = ""
    """The model's own words; never evidence."""
    tokens: int = 0
    seconds: float = 0.0
    """Of the whole run."""
    notes: Sequence[str] = field(default=())
    """What else a reader should know."""

    @property
    def headline(self) -> str:
        """The verdict in two words."""
        return "proven" if self.verdict.proven else "not proven"

    @property
    def by_hand(self) -> list[str]:
        """Shell lines that show it again, in the repository and beside ``patch.diff``."""
        start = f" {self.base_commit}" if self.base_commit else ""
        tests = [f"--include={shlex.quote(path)}" for path in self.test_files]
        others = [f"--exclude={shlex.quote(path)}" for path in self.test_files]
        lines = [f"git worktree add --detach ../again{start} && cd ../again"]
        if tests:
            lines.append(f"git apply {' '.join(tests)} PATH/patch.diff")
        lines.append(f"{self.command}  # the reproduction fails")
        lines.append(f"git apply {' '.join([*others, 'PATH/patch.diff'])}")
        lines.append(f"{self.command}  # the reproduction passes, and nothing else fails")
        return lines

    @property
    def costs(self) -> str:
        """Time and tokens as a line."""
        judging = self.verdict.seconds
        own = judging - self.verdict.seconds_testing
        parts = [f"judging took {judging:.1f} s, {own:.1f} s of it not spent in tests"]
        if self.seconds:
            parts.append(f"the whole run {self.seconds:.0f} s")
        if self.tokens:
            parts.append(f"{self.tokens:,} tokens")
        return ", ".join(parts)

    @property
    def checks(self) -> list[str]:
        """What was done before this was said, as sentences."""
        verdict = self.verdict
        said = [f"The tests ran in {self.sandbox}." if self.sandbox else ""]
        if verdict.runs:
            said.append(f"The whole suite was run {verdict.runs} time(s) on the patch.")
        if verdict.decoy:
            said.append(
                "Tests that have to fail were laid beside the reproduction, and failed on the"
                " patch as well: it does not make everything pass."
            )
        return [sentence for sentence in said if sentence]
