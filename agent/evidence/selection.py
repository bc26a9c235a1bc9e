"""Which of several judged candidates is handed over.

Proven ones come first; then fewest regressions; then those that most of the reproduction's tests
pass on; then those whose normalised patch most others agree with (a majority of independent
attempts is seldom wrong: X. Wang et al., "Self-Consistency Improves Chain of Thought Reasoning in
Language Models", ICLR 2023, https://arxiv.org/abs/2203.11171); then the smallest.
"""

import io
import tokenize
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agent.evidence.gate import Verdict
from tools.checks.base import Outcome
from tools.patch import FilePatch, parse

_MARKUP = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with its verdict."""

    name: str
    diff: bytes
    verdict: Verdict


def ranked(candidates: Sequence[Judged]) -> list[Judged]:
    """The candidates, the one to hand over first; of equals the earlier."""
    alike = Counter(normalised(candidate.diff) for candidate in candidates)

    def order(candidate: Judged) -> tuple[bool, int, float, int, int]:
        verdict = candidate.verdict
        return (
            not verdict.proven,
            _regressions(verdict),
            -passing(verdict),
            -alike[normalised(candidate.diff)],
            size(candidate.diff),
        )

    return sorted(candidates, key=order)


def passing(verdict: Verdict) -> float:
    """The share of the reproduction's tests that pass on the patch."""
    tests = verdict.reproduction
    return sum(test.after is Outcome.PASSED for test in tests) / len(tests) if tests else 0.0


def _regressions(verdict: Verdict) -> int:
    """How many tests a patch breaks; one that was not even run on all tests breaks most."""
    return len(verdict.regressions) if verdict.runs else 1_000_000


def size(diff: bytes) -> int:
    """How many lines a patch adds and removes."""
    return sum(hunk.size for file in parse(diff) for hunk in file.hunks)


def normalised(diff: bytes) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """What a patch does, apart from layout and comments: files with removed and added words."""
    return tuple(
        (file.path, _words(file, added=False), _words(file, added=True))
        for file in sorted(parse(diff), key=lambda file: file.path)
    )


def _words(file: FilePatch, *, added: bool) -> tuple[str, ...]:
    lines = [
        line.decode(errors="replace")
        for hunk in file.hunks
        for line in (hunk.added if added else hunk.removed).values()
    ]
    if not file.path.endswith(".py"):
        return tuple(word for line in lines for word in line.split())
    return tuple(word for line in lines for word in _python_words(line.strip()))


def _python_words(line: str) -> list[str]:
    """The tokens of a line of Python, comments left out; what is no Python, by its spaces."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(line).readline))
    except (tokenize.TokenError, SyntaxError):
        return line.partition("#")[0].split()
    return [token.string for token in tokens if token.type not in _MARKUP and token.string]
