import itertools
from random import Random

import pytest

from agent.evidence.gate import Comparison, Verdict
from agent.evidence.selection import Judged, normalised, ranked, size
from doubles.candidates import diff_of
from tools.checks.base import Outcome

PASSED, FAILED = Outcome.PASSED, Outcome.FAILED
BEFORE = "def half(value):\n    return value // 3\n"


def candidate(
    name: str,
    after: str = "    return value // 2\n",
    *,
    proven: bool = False,
    runs: int = 1,
    passes: tuple[bool, ...] = (True,),
    broken: int = 0,
) -> Judged:
    verdict = Verdict(
        proven=proven,
        tree=name,
        runs=runs,
        reproduction=[
            Comparison(name=f"r{n}", before=FAILED, after=PASSED if passes_it else FAILED)
            for n, passes_it in enumerate(passes)
        ],
        changed=[Comparison(name=f"b{n}", before=PASSED, after=FAILED) for n in range(broken)],
    )
    text = BEFORE.replace("    return value // 3\n", after)
    return Judged(name, diff_of("code.py", BEFORE, text).encode(), verdict)


BEST_FIRST = [
    candidate("proven", proven=True, runs=2),
    candidate("agreed", "    return value >> 1\n"),
    candidate("agreed again", "    return value>>1\n"),
    candidate("short", "    return value / 2\n"),
    candidate("long", "    value = value + 0\n    return value / 2.0\n"),
    candidate("half of the tests", "    return 5\n", passes=(True, False)),
    candidate("breaks one", "    return 6\n", broken=1),
    candidate("breaks two", "    return 7\n", broken=2),
    candidate("not run on all", "    return 8\n", runs=0, passes=(False,)),
]


@pytest.mark.parametrize("seed", range(5))
def test_proof_then_regressions_then_tests_then_agreement_then_size(seed: int) -> None:
    shuffled = list(BEST_FIRST)
    Random(seed).shuffle(shuffled)
    names = [one.name for one in ranked(shuffled)]
    # The two that agree differ in nothing but their layout: the earlier goes first.
    assert [name.removesuffix(" again") for name in names] == [
        one.name.removesuffix(" again") for one in BEST_FIRST
    ]


@pytest.mark.parametrize("place", range(8))
def test_the_proven_one_is_found_whatever_its_place(place: int) -> None:
    candidates = [candidate(f"wrong {n}", f"    return {n}\n", broken=1) for n in range(7)]
    candidates.insert(place, candidate("right", proven=True, runs=2))
    assert ranked(candidates)[0].name == "right"


def test_layout_and_comments_make_no_difference() -> None:
    texts = (
        "    return value // 2\n",
        "    return value  //  2  # halves\n",
        "    # halves\n    return value//2\n",
    )
    forms = {normalised(candidate("c", text).diff) for text in texts}
    assert len(forms) == 1
    assert normalised(candidate("c", "    return value // 4\n").diff) not in forms


def test_size_is_counted_in_changed_lines() -> None:
    sizes = [size(one.diff) for one in (candidate("a"), candidate("b", "    x\n    y\n"))]
    assert sizes == [2, 3]
    assert all(a <= b for a, b in itertools.pairwise(sizes))
