"""The tamper guard: every trick that is known to make tests say what is not so, a rule each.

What can be decided by looking is refused. What cannot (a value that the tests use may be special
by right, an error may be hidden for a reason) is flagged: the report shows it to a reader. What
belongs to the tests was left out before, in :mod:`agent.evidence.parts`. What a patch does when it
runs is not for these rules but for the sandbox, the fresh boxes and :mod:`agent.evidence.decoy`.

The rules look at what a patch *adds*; they are no proof of honesty. A list of what they are drawn
from: https://metr.org/blog/2025-06-05-recent-reward-hacking/ and
https://arxiv.org/abs/2503.11926 (B. Baker et al., "Monitoring Reasoning Models for Misbehavior").
"""

from collections.abc import Iterator

from agent.evidence.candidate import Candidate
from agent.evidence.finding import Finding
from agent.evidence.tamper.awareness import (
    inline_tests,
    reading_tests,
    runner_awareness,
)
from agent.evidence.tamper.configuration import suite_settings
from agent.evidence.tamper.evasion import (
    deleted_path,
    frozen_time_or_randomness,
    sleeping,
    swallowed_exceptions,
)
from agent.evidence.tamper.exits import process_exit
from agent.evidence.tamper.machinery import (
    environment,
    hidden_code,
    import_hooks,
    unreadable_code,
)
from agent.evidence.tamper.outside import forged_reports, future_objects, writing_outside
from agent.evidence.tamper.patching import equality, monkeypatching
from agent.evidence.tamper.reading import Rule
from agent.evidence.tamper.runners import compiled_files, stubbed_runner
from agent.evidence.tamper.special_cases import special_cases

RULES: tuple[Rule, ...] = (
    *(
        process_exit,
        import_hooks,
        hidden_code,
        unreadable_code,
        environment,
        monkeypatching,
        equality,
    ),
    *(stubbed_runner, compiled_files, suite_settings, runner_awareness, reading_tests),
    *(inline_tests, special_cases, writing_outside, forged_reports, future_objects),
    *(frozen_time_or_randomness, sleeping, swallowed_exceptions, deleted_path),
)


def screen(candidate: Candidate) -> list[Finding]:
    """Everything that was found in a candidate, what was left out of it first; each once."""
    found: dict[tuple[str, str, int, str], Finding] = {}
    for finding in (*candidate.parts.findings, *_looked(candidate)):
        key = (finding.rule, finding.path, finding.line, finding.text)
        found.setdefault(key, finding)
    return list(found.values())


def _looked(candidate: Candidate) -> Iterator[Finding]:
    for rule in RULES:
        yield from rule(candidate)
