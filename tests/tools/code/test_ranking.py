import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doubles.indexes import make_index
from tools.code.index import Index
from tools.code.issue import read_issue
from tools.code.ranking import Model, Ranking, learned, rank
from tools.code.view import Evidence

SHOP = {
    "shop/__init__.py": "",
    "shop/cart.py": """\
from shop.prices import apply_discount


class Cart:
    def __init__(self):
        self.items = []

    def total(self):
        return sum(apply_discount(item) for item in self.items)
""",
    "shop/prices.py": """\
RATE = 0.1


def apply_discount(item):
    return item.price * RATE


def format_price(value):
    return f"{value:.2f}"
""",
    "shop/mail.py": """\
def send_receipt(address):
    return address.strip()
""",
    "tests/test_prices.py": """\
from shop.prices import apply_discount


def test_discount():
    assert apply_discount(Item(10)) == 9
""",
    "CHANGELOG.md": "# Changes\n\n- receipts\n",
    "logo.png": "\0binary",
}


@dataclass(frozen=True)
class Past:
    id: str
    message: str
    paths: tuple[str, ...] = field(default=())


@pytest.fixture
def shop(tmp_path: Path) -> Index:
    return make_index(SHOP, tmp_path)


def names(ranking: Ranking, index: Index) -> list[str]:
    return [index.outlines[s.path].definitions[s.definition].qualified for s in ranking.definitions]


def ranked(text: str, index: Index, evidence: Evidence | None = None) -> Ranking:
    return rank(read_issue(text), index, evidence or Evidence())


def test_what_the_issue_is_about_comes_first(shop: Index) -> None:
    ranking = ranked("The discount is wrong\n\n`apply_discount` gives 1 for a price of 10", shop)
    assert ranking.files[0].path == "shop/prices.py"
    assert names(ranking, shop)[0] == "apply_discount"
    assert "tests/test_prices.py" not in {suspect.path for suspect in ranking.files}
    assert ranking.tests[0].path == "tests/test_prices.py"


def test_a_stack_trace_leads_to_its_frames(shop: Index) -> None:
    trace = 'It breaks\n\n  File "/site-packages/shop/mail.py", line 2, in send_receipt\n'
    ranking = ranked(trace, shop)
    assert ranking.files[0].path == "shop/mail.py"
    assert names(ranking, shop)[0] == "send_receipt"


def test_a_fix_of_the_past_leads_to_what_it_changed(shop: Index) -> None:
    diff = b"--- a/shop/mail.py\n+++ b/shop/mail.py\n@@ -1,0 +2 @@ def send_receipt(address):\n+x\n"
    past = Past("c1", "Umlauts get lost\n\nEncode them.", ("shop/mail.py",))
    others = [Past(f"c{n}", "Rename a thing", ("shop/cart.py",)) for n in range(2, 30)]
    evidence = Evidence([past, *others], lambda ids: {i: diff for i in ids if i == "c1"})
    ranking = ranked("Umlauts get lost once more", shop, evidence)
    assert ranking.files[0].path == "shop/mail.py"
    assert names(ranking, shop)[0] == "send_receipt"
    assert ranking.fixes == [("c1", "Umlauts get lost", diff.decode())]


def test_lines_of_failing_tests_count(shop: Index) -> None:
    evidence = Evidence(covered={"shop/prices.py": {9: 1.0}})
    ranking = ranked("It does not work", shop, evidence)
    assert ranking.files[0].path == "shop/prices.py"
    assert names(ranking, shop)[0] == "format_price"


def test_probabilities_fall_and_say_why(shop: Index) -> None:
    ranking = ranked("apply_discount of a cart is wrong", shop)
    for suspects in (ranking.files, ranking.definitions):
        chances = [suspect.probability for suspect in suspects]
        assert chances == sorted(chances, reverse=True)
        assert all(0 <= chance <= 1 for chance in chances)
    name, part = ranking.files[0].signals[0]
    assert name in learned().files.weights
    assert part > 0


@pytest.mark.parametrize("text", ["", "zzz qqq", "\0\ud800", "a" * 100_000])
def test_any_issue_and_an_empty_tree_are_ranked(text: str, shop: Index, tmp_path: Path) -> None:
    ranked(text, shop)
    assert ranked(text, make_index({}, tmp_path / "empty")) == Ranking([], [], [], [])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_the_same_input_gives_the_same_ranking(shop: Index, text: str) -> None:
    assert ranked(text, shop) == ranked(text, shop)


def test_every_learned_weight_is_of_a_signal_there_is() -> None:
    path = Path(__file__).parents[3] / "tools" / "code" / "weights.json"
    assert set(json.loads(path.read_text())) == {"alone", "files", "definitions"}
    assert {"words", "frames", "alike", "covered", "is test"} <= set(learned().alone.weights)
    assert set(learned().files.weights) - set(learned().alone.weights) == {
        "alone", "beside", "imported", "importing", "linked", "tested", "together",
    }  # fmt: skip


def test_shares_are_of_one_whole() -> None:
    model: Model[str] = Model({"a": 2.0}, slope=1.0, bias=0.0)
    scores = model.scores({"a": {"x": 1.0, "y": 0.5, "elsewhere": 9.0}}, ["x", "y", "z"])
    assert scores == {"x": 2.0, "y": 1.0, "z": 0.0}
    shares = model.shares(scores)
    assert sum(shares.values()) == pytest.approx(1)
    assert model.chances(scores)["x"] == pytest.approx(shares["x"] / (1 + shares["x"]))
    assert model.reasons({"a": {"x": 1.0}}, ["x"]) == {"x": (("a", 2.0),)}
