"""What ``agent/model/embedded/language.py`` promises, asked of every language that is repaired."""

from dataclasses import dataclass
from itertools import islice

import pytest

from agent.model.embedded.candidates import candidates
from agent.model.embedded.language import Language, Place, Text
from agent.model.embedded.languages import LANGUAGES, at_import, language_of, parsed, places_of
from agent.model.embedded.observe import Attempt, Broken, Suspect
from agent.model.embedded.pairs import pairs
from agent.model.embedded.python import PYTHON
from agent.model.embedded.script.language import SCRIPT
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.table import ENDLESS, NOTHING, TYPE


@dataclass(frozen=True)
class Sample:
    """One program with a bug, told in a language."""

    language: Language
    path: str
    text: str
    bug: int
    """The line that is wrong."""
    right: str
    """The line as it should be."""
    same: tuple[str, str, str]
    """A passage, another way to write it, and something else."""
    trace: str
    """A failure's text that names line 5."""
    nothing: str
    """A failure's text that speaks of a missing value."""


PY = Sample(
    PYTHON,
    "shop/cart.py",
    "LIMIT = 3\n\n\ndef total(prices, discount):\n    price = sum(prices)  # übrig\n"
    "    if price > discount:\n        return price + discount\n    return 0\n",
    7,
    "        return price - discount",
    ("price > discount", "discount < price", "price >= discount"),
    "test_cart.py:3: in test_total\nshop/cart.py:5: in total",
    "AttributeError: 'NoneType' object has no attribute 'price'",
)
JS = Sample(
    SCRIPT,
    "lib/cart.js",
    "const LIMIT = 3\n\n\nfunction total (prices, discount) {\n"
    "  const price = sum(prices) // übrig\n"
    "  if (price > discount) {\n    return price + discount\n  }\n  return 0\n}\n",
    7,
    "    return price - discount",
    ("price > discount", "discount < price", "price >= discount"),
    "TypeError: x is not a function\n    at total (lib/cart.js:5:3)\n"
    "    at Context.<anonymous> (test/cart.test.js:3:5)",
    "TypeError: Cannot read properties of undefined (reading 'price')",
)
TS = Sample(
    SCRIPT,
    "src/cart.ts",
    JS.text.replace("(prices, discount)", "(prices: number[], discount: number): number"),
    7,
    JS.right,
    JS.same,
    JS.trace.replace("lib/cart.js", "src/cart.ts"),
    JS.nothing,
)
SAMPLES = [PY, JS, TS]


@pytest.fixture(params=SAMPLES, ids=["Python", "JavaScript", "TypeScript"])
def sample(request: pytest.FixtureRequest) -> Sample:
    found: Sample = request.param
    return found


def covered(sample: Sample) -> list[Suspect]:
    lines = range(5, sample.text.count("\n") + 1)
    return [Suspect(1.0 if line == sample.bug else 0.6, sample.path, line) for line in lines]


def places(sample: Sample) -> list[Place]:
    return places_of(
        parsed({sample.path: sample.text}), covered(sample), [Broken("t")], frozenset()
    )


def source(sample: Sample) -> Text:
    return sample.language.source(sample.path, sample.text)


def test_each_file_has_one_language(sample: Sample) -> None:
    assert language_of(sample.path) is sample.language
    assert language_of("README.md") is None
    assert len({suffix for one in LANGUAGES for suffix in one.suffixes}) == sum(
        len(one.suffixes) for one in LANGUAGES
    )


def test_what_does_not_parse_is_left_out(sample: Sample) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        sample.language.source(sample.path, "if (")
    assert parsed({sample.path: "if ("}) == []


def test_the_most_suspicious_statement_is_the_one_that_failing_tests_alone_ran(
    sample: Sample,
) -> None:
    found = places(sample)
    assert found[0].line == sample.bug
    assert all(0 < place.suspicion <= 1.2 for place in found)
    assert [place.suspicion for place in found] == sorted(
        (place.suspicion for place in found), reverse=True
    )


def test_files_are_found_by_lines_and_else_by_the_failure(sample: Sample) -> None:
    assert sample.language.files(covered(sample), []) == [sample.path]
    assert sample.language.files([], [Broken("t", message=sample.trace)]) == [sample.path]


def test_a_place_that_a_failure_names_goes_first_where_no_line_is_known(sample: Sample) -> None:
    broken = [Broken("t", message=sample.trace)]
    assert places_of([source(sample)], [], broken, frozenset())[0].line == 5


def test_the_code_of_a_file_runs_at_import_but_for_functions_that_nothing_calls_then(
    sample: Sample,
) -> None:
    assert at_import(source(sample)) & {1, sample.bug} == {1}
    called = sample.text + "\ntotal([1], 2)\n"
    assert sample.bug in at_import(sample.language.source(sample.path, called))


def test_the_repair_is_among_the_first_changes(sample: Sample) -> None:
    texts = [c.text for c in islice(candidates(places(sample), frozenset()), 40)]
    assert any(text.split("\n")[sample.bug - 1] == sample.right for text in texts)


def test_every_change_is_a_program_unlike_the_others(sample: Sample) -> None:
    found = list(islice(candidates(places(sample), frozenset()), 400))
    assert len(found) > 100
    assert len({candidate.text for candidate in found}) == len(found)
    for candidate in found:
        assert candidate.text != sample.text
        sample.language.source(sample.path, candidate.text)


def test_a_change_that_takes_away_a_name_the_error_complains_of_goes_before(sample: Sample) -> None:
    def place(accused: frozenset[str]) -> int:
        found = candidates(places(sample), frozenset(), accused=accused)
        return next(n for n, one in enumerate(found) if "sum(" not in one.text)

    assert place(frozenset({"sum"})) < place(frozenset({"unknown"}))


def test_changes_come_best_first_and_the_same_each_time(sample: Sample) -> None:
    found = list(islice(candidates(places(sample), frozenset()), 100))
    assert [c.priority for c in found] == sorted((c.priority for c in found), reverse=True)
    again = list(islice(candidates(places(sample), frozenset()), 100))
    assert [c.text for c in found] == [c.text for c in again]


def test_what_means_the_same_has_the_same_key(sample: Sample) -> None:
    parts = sample.language.parts(source(sample))
    old, same, other = sample.same
    start = sample.text.index(old)

    def key(text: str) -> tuple[str, str] | None:
        return parts.key([Edit(start, start + len(old), text)])

    assert key(same) is None
    assert key(old) is None
    assert key(other) is not None
    assert key(f"({other})") == key(other)
    assert key("((") is None


def test_two_changes_are_joined(sample: Sample) -> None:
    found = list(islice(candidates(places(sample), frozenset()), 200))
    outcomes = [(c, Attempt(1, 1) if c.line == sample.bug else Attempt(0, 2)) for c in found]
    both = next(pairs(outcomes, Attempt(0, 2), {sample.path: sample.text}))
    assert len(both.edits) >= 2
    sample.language.source(sample.path, both.text)


def test_symptoms_are_read_from_the_failure(sample: Sample) -> None:
    assert {NOTHING, TYPE} <= sample.language.symptoms(sample.nothing)
    assert ENDLESS in sample.language.symptoms("the test ran longer than 2 s")
    assert sample.language.symptoms("all is well") == set()
