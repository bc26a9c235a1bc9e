"""What the embedded model says of itself: what it is, what it does, why it stops."""

from collections.abc import Sequence

from agent.model.embedded.candidates import Candidate
from agent.model.embedded.language import Place

HELLO = (
    "I am the embedded model: a classical program repair search. No language model is at work. "
    "I run the tests with coverage, rank the statements that failing tests ran, and try small "
    "changes of the kinds that people make most often, until the tests pass."
)
SLOW = "A test was stopped at its time limit. I give it longer, to tell a slow test from a loop."
AGAIN = "It was only slow. I run all tests again with more time."
NO_TESTS = "No test was seen to run, so there is nothing to search by. I stop here."
NOTHING_FAILS = "Every test passes. A search without a failing test has no goal, so I stop here."
NO_PLACE = (
    "The failing tests ran no Python or JavaScript code of this repository that I can read and "
    "change, so I have no place to search. I stop here."
)
DISAGREED = "a run by itself ended differently"
TESTS = (
    "The run does not say which lines the failing tests ran, and no failure names a place in the "
    "code. I read the tests, to see what they import."
)
REMEMBERING = "I look at the small changes that earlier commits made to these files and near them."
RESTORING = "I put the files back as they were."
RECOVERING = "A file is not as I left it. I read what is there."

Texts = tuple[str, str, str]
"""A call, what one change makes of it, and what another does."""

_NAMED = 8
_OTHERS = 3


def reading(paths: Sequence[str]) -> str:
    """Before the suspicious files are read."""
    return f"Failing tests ran code in {', '.join(paths)}. I read it."


def importing(paths: Sequence[str]) -> str:
    """Before the files are read that failing tests may import; not all of them need be there."""
    return f"I look for what they import: {', '.join(paths)}."


def trying(batch: Sequence[Candidate], tried: int) -> str:
    """Before a batch of changes is tried; ``tried`` counts those before it."""
    kinds = [f"{c.template} at {c.path}:{c.line}" for c in batch]
    counts = [f"{kind} ({kinds.count(kind)} ways)" for kind in dict.fromkeys(kinds)]
    places = ", ".join(counts[:_NAMED]).replace(" (1 ways)", "")
    more = f" and {len(counts) - _NAMED} more kinds" if len(counts) > _NAMED else ""
    return f"Changes {tried + 1} to {tried + len(batch)}: {places}{more}."


def one_by_one(reason: str) -> str:
    """When many changes cannot be tried in one run."""
    return f"Many changes cannot be tried in one run here ({reason}), so each gets its own run."


def sampling(candidate: Candidate) -> str:
    """Before a change that failed beside others is run by itself."""
    return f"To be sure of such verdicts, I run {_name(candidate)}, which failed, by itself."


def verifying(candidate: Candidate) -> str:
    """Before the whole test command is run."""
    return (
        f"The failing tests pass with {_name(candidate)}. "
        "I run everything, to see whether it breaks something else."
    )


def sparing(candidates: Sequence[Candidate], tests: Sequence[str]) -> str:
    """Before changes that the failing tests pass with are run on tests that such ones broke."""
    more = f" and {len(tests) - _NAMED} more" if len(tests) > _NAMED else ""
    return (
        f"The failing tests pass with {len(candidates)} more changes. I run on these first what "
        f"others like them broke: {', '.join(tests[:_NAMED])}{more}."
    )


def submitting(candidate: Candidate) -> str:
    """With the submission."""
    return f"All tests pass with {_name(candidate)}. I submit it."


def comparing(candidates: Sequence[Candidate]) -> str:
    """Before changes that the failing tests pass with are compared on other inputs."""
    return (
        f"The failing tests pass with {len(candidates)} changes. I compare what these do on inputs "
        "near to those of the tests."
    )


def compared(inputs: int, alike: int, differing: Sequence[tuple[Candidate, Texts]]) -> str:
    """What a comparison with the other changes has shown of the one that is submitted."""
    if not inputs or not (alike or differing):
        return ""
    text = f"On {inputs} inputs near to those of the tests, {alike} of these do the same as this"
    if not differing:
        return f"{text} one, and none does something else."
    examples = "; ".join(
        f"{call} comes to {mine} with this one and to {theirs} with {_name(other)}"
        for other, (call, mine, theirs) in differing[:_OTHERS]
    )
    return (
        f"{text} one and {len(differing)} DO SOMETHING ELSE, which no test decides: {examples}. "
        "Please say in a test which is right."
    )


def summary(candidate: Candidate, tried: int, others: Sequence[Candidate], seen: str) -> str:
    """The summary of a submission.

    ``others`` are changes that the failing tests pass with too, ``seen`` what came of comparing.
    """
    doubt = f" {_doubt(others)}" if others else ""
    return _found(candidate, tried) + doubt + (f" {seen}" if seen else "")


def _doubt(others: Sequence[Candidate]) -> str:
    """That the tests do not tell the change from others, which are the more the less they ask."""
    named = "; ".join(dict.fromkeys(_name(other) for other in others[:_OTHERS]))
    more = f" and {len(others) - _OTHERS} more" if len(others) > _OTHERS else ""
    return (
        f"The failing tests pass with {len(others)} other changes of the same batch as well, so "
        f"they alone do not say which is meant: {named}{more}. This one was preferred as it "
        "keeps most of what passing tests see, and is the most usual and the smallest."
    )


def _found(candidate: Candidate, tried: int) -> str:
    return (
        f"Found by classical search, without a language model: {_name(candidate)} makes the "
        f"failing tests pass; {tried} changes were tried. Passing tests are all the search knows: "
        "please check that the change says what you mean."
    )


def exhausted(tried: int, places: Sequence[Place]) -> str:
    """When no change was good."""
    files = sorted({site.source.path for site in places})
    return (
        f"I tried {tried} small changes at {len(places)} statements in "
        f"{', '.join(files)}; none makes the failing tests pass and keeps the others. "
        "The repair is likely out of reach for this kind of search, so I stop here."
    )


def _name(candidate: Candidate) -> str:
    return f"the change '{candidate.template}' at {candidate.path}:{candidate.line}"
