from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles.trees import TextTree
from tools.code.pack.choose import Market, choose
from tools.code.pack.contents import Tier
from tools.code.pack.offers import Candidate, Shown
from tools.code.pack.sheet import Sheet

BODY = "".join(
    f"        step_{number} = self.do({number}, 'something longer')\n" for number in range(8)
)
SHOP = f"""\
import math


class Cart:
    currency = "EUR"

    def add(self, item):
{BODY}
    def total(self):
{BODY}
    def clear(self):
{BODY}

def helper():
    return 1
"""


def candidate(
    text: str, chances: Mapping[str, float], chance: float = 0.5, path: str = "shop.py"
) -> Candidate:
    tree = TextTree({path: text})
    outline = tree.outlines[path]
    places = {one.qualified: place for place, one in enumerate(outline.definitions)}
    return Candidate.of(
        path,
        outline,
        chance,
        {places[name]: value for name, value in chances.items()},
        Sheet(text.rstrip("\n").split("\n")),
    )


def filled(files: list[Candidate], room: int, room_for_tests: int = 0) -> list[Shown]:
    return choose(Market.open(files, room, 0.0), room, room_for_tests)


def tiers(shown: Shown) -> list[tuple[str, str]]:
    names = [one.qualified for one in shown.file.definitions]
    return [
        (str(offer.tier), names[offer.definition] if offer.definition >= 0 else "")
        for offer, _ in shown.taken
    ]


def test_what_is_worth_most_for_its_cost_comes_first() -> None:
    chances = {"Cart.total": 0.3, "Cart.add": 0.02, "helper": 0.2}
    [shown] = filled([candidate(SHOP, chances, chance=0.0)], 900)
    assert tiers(shown)[:2] == [("definition", "helper"), ("definition", "Cart.total")]


def test_a_method_comes_with_the_header_of_its_class_and_the_imports() -> None:
    [shown] = filled([candidate(SHOP, {"Cart.total": 0.9})], 900)
    assert [shown.sheet.lines[first - 1] for first, _ in shown.sheet.runs()] == [
        "import math",
        "class Cart:",
        "    def total(self):",
    ]


def test_where_the_body_does_not_fit_its_signature_is_shown() -> None:
    [shown] = filled([candidate(SHOP, {"Cart.total": 0.9})], 250)
    assert tiers(shown)[0] == ("signature", "Cart.total")
    assert Tier.DEFINITION not in [offer.tier for offer, _ in shown.taken]


def test_of_a_large_class_its_own_lines_come_before_what_is_in_it() -> None:
    [shown] = filled([candidate(SHOP, {"Cart": 0.9})], 500)
    assert ("own lines", "Cart") in tiers(shown)
    text = [
        line for first, last in shown.sheet.runs() for line in shown.sheet.lines[first - 1 : last]
    ]
    assert '    currency = "EUR"' in text
    assert not any("step_1" in line for line in text)


def test_with_room_enough_the_file_is_whole() -> None:
    [shown] = filled([candidate(SHOP, {"Cart.total": 0.1})], 10_000)
    assert len(shown.sheet.runs()) == 1
    assert not shown.sheet.gaps()


def test_a_whole_class_has_earned_what_is_in_it() -> None:
    file = candidate(SHOP, {"Cart": 0.5, "Cart.add": 0.2, "helper": 0.1})
    shown = Shown(file, file.sheet.blank())
    whole = next(offer for offer in file.offers(0.0) if offer.definition == file.within(-1)[0])
    assert whole.tier is Tier.DEFINITION
    assert shown.worth(whole) == pytest.approx(0.7 + 0.5)
    shown.take(whole)
    inner = [
        offer for offer in file.offers(0.0) if offer.definition in file.within(whole.definition)
    ]
    assert [shown.worth(offer) for offer in inner] == [0.0] * len(inner)
    assert shown.cost(whole) == 0


def test_tests_keep_to_their_own_room() -> None:
    def tests_shown(room_for_tests: int) -> list[str]:
        code = candidate(SHOP, {"helper": 0.1})
        outline = TextTree({"test_shop.py": SHOP}).outlines["test_shop.py"]
        test = Candidate.of("test_shop.py", outline, 0.9, {1: 0.9}, code.sheet, test=True)
        return [shown.file.path for shown in filled([code, test], 5_000, room_for_tests)]

    assert "test_shop.py" in tests_shown(2_000)
    assert tests_shown(50) == ["shop.py"]


def test_nothing_that_is_worth_nothing_is_taken() -> None:
    assert filled([candidate(SHOP, {}, chance=0.0)], 10_000) == []
    assert filled([], 10_000) == []


def test_a_file_that_nests_absurdly_costs_no_more_than_another() -> None:
    text = "".join(f"class A{i} {{\n int x{i};\n" for i in range(2_000)) + "}\n" * 2_000
    outline = TextTree({"A.java": text}).outlines["A.java"]
    chances = dict.fromkeys(range(len(outline.definitions)), 0.01)
    file = Candidate.of("A.java", outline, 0.5, chances, Sheet(text.split("\n")))
    offers = list(file.offers(0.0))
    assert len(offers) < 50
    assert max(len(offer.spans) for offer in offers) < 15


names = st.sampled_from(["Cart", "Cart.add", "Cart.total", "Cart.clear", "helper"])
files = st.lists(
    st.tuples(st.dictionaries(names, st.floats(0.001, 1.0)), st.floats(0.0, 1.0)), max_size=4
)


@given(files, st.integers(0, 6_000))
def test_the_room_is_never_exceeded(
    chances: list[tuple[dict[str, float], float]], room: int
) -> None:
    candidates = [
        candidate(SHOP, inner, chance, f"shop{number}.py")
        for number, (inner, chance) in enumerate(chances)
    ]
    shown = filled(candidates, room)
    assert sum(cost for one in shown for _, cost in one.taken) <= room
    again = filled(candidates, room)
    assert [one.sheet.runs() for one in again] == [one.sheet.runs() for one in shown]
    for one in shown:
        assert all(one.sheet.shows(span) for offer, _ in one.taken for span in offer.spans)
