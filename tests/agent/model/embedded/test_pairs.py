"""Two changes at once, built from ones that had an effect."""

from itertools import islice

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.model.embedded.candidates import candidates
from agent.model.embedded.observe import Attempt
from agent.model.embedded.pairs import pairs
from agent.model.embedded.spans import parse

TEXT = (
    "def clamp(value, low, high):\n"
    "    if value > low:\n"
    "        return low\n"
    "    if value < high:\n"
    "        return high\n"
    "    return value\n"
)
RIGHT = TEXT.replace("value > low", "value < low").replace("value < high", "value > high")
UNCHANGED = Attempt(0, 1, "E assert 1 == 2")


def singles(sites):
    return list(islice(candidates(sites(TEXT), frozenset()), 300))


def test_a_repair_of_two_places_is_among_the_first(sites):
    found = singles(sites)
    helps = TEXT.replace("value > low", "value < low")
    outcomes = [(c, Attempt(1 if c.text == helps else 0, 1, UNCHANGED.why)) for c in found]
    texts = [pair.text for pair in pairs(outcomes, UNCHANGED, {"code.py": TEXT})]
    assert RIGHT in texts[:30]


def test_without_an_effect_nothing_is_combined(sites):
    outcomes = [(candidate, UNCHANGED) for candidate in singles(sites)]
    assert not list(pairs(outcomes, UNCHANGED, {"code.py": TEXT}))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_pairs_are_programs_of_their_own(sites, data):

    found = list(islice(candidates(sites(TEXT), frozenset()), 80))
    effects = data.draw(st.lists(st.booleans(), min_size=len(found), max_size=len(found)))
    outcomes = [(c, Attempt(int(e), 1)) for c, e in zip(found, effects, strict=True)]
    made = list(islice(pairs(outcomes, Attempt(0, 1), {"code.py": TEXT}), 40))
    assert len({pair.key for pair in made}) == len(made)
    for pair in made:
        parse(pair.text)
        assert pair.text not in {candidate.text for candidate in found}
