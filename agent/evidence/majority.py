"""How many of the reproduction's tests a candidate has to pass.

Tests that were there, or that a person named, are all to be passed. Of several that a model wrote,
some may ask for what the issue does not want; there the majority decides, as among independent
answers of a model (B. Chen et al., "CodeT: Code Generation with Generated Tests", ICLR 2023,
https://arxiv.org/abs/2207.10397, weighs candidates by written tests). What is not passed is told to
a reader, by name.
"""

from collections.abc import Mapping, Sequence

from agent.evidence.finding import Action, Finding


def missed(passes: Mapping[str, bool]) -> list[str]:
    """Names of the tests that are not passed."""
    return [name for name, passed in passes.items() if not passed]


def needed(tests: Sequence[str]) -> int:
    """How many of so many written tests are the majority; the cases of one test count as one."""
    return len({_test(name) for name in tests}) // 2 + 1


def passed(passes: Mapping[str, bool]) -> int:
    """How many tests are passed, each in all its cases."""
    failing = {_test(name) for name in missed(passes)}
    return len({_test(name) for name in passes} - failing)


def flagged(names: Sequence[str]) -> list[Finding]:
    """What a reader is told of tests that a proven patch does not pass."""
    return [
        Finding(
            rule="majority",
            action=Action.FLAGGED,
            path=name.partition("::")[0],
            text=f"{name} was written to show the bug and fails on the patch too: either is wrong",
        )
        for name in names
    ]


def _test(name: str) -> str:
    return name.partition("[")[0]
