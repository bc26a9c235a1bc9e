from pathlib import Path

import pytest

from doubles.indexes import make_index
from tools.code.definition_signals import definition_signals
from tools.code.index import Index
from tools.code.issue import read_issue
from tools.code.view import Evidence, View

SHOP = {
    "cart.py": """\
class Cart:
    discount = 0

    def total(self):
        return sum(self.prices)

    def empty_basket(self):
        # The discount of a basket that is emptied is lost.
        self.prices = []
""",
    "mail.py": """\
def send(address):
    return address.strip()
""",
}


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return make_index(SHOP, tmp_path)


def signals_of(text: str, index: Index) -> dict[str, dict[str, float]]:
    """By signal, the values of definitions by their qualified names."""
    signals = definition_signals(View.of(read_issue(text), index, Evidence()), sorted(SHOP))
    return {
        name: {
            index.outlines[path].definitions[place].qualified: value
            for (path, place), value in values.items()
        }
        for name, values in signals.items()
    }


def test_words_of_the_title_are_told_from_those_of_the_body(index: Index) -> None:
    found = signals_of("Basket wrong\n\nThe address, I think.", index)
    assert max(found["title words"], key=found["title words"].__getitem__) == "Cart.empty_basket"
    assert found["title words"].get("send", 0.0) == 0.0
    assert found["signature words"]["send"] > 0


def test_words_in_a_name_are_those_that_it_is_made_of(index: Index) -> None:
    found = signals_of("The basket is not empty\n\nI send it a total of nothing.", index)
    assert set(_above_zero(found["title words in its name"])) == {"Cart.empty_basket"}
    assert set(_above_zero(found["prose words in its name"])) == {
        "Cart.empty_basket",
        "Cart.total",
        "send",
    }


def test_what_is_much_of_its_file_and_one_of_many(index: Index) -> None:
    found = signals_of("Anything", index)
    assert found["is much of its file"]["send"] == 1.0
    # A class counts without its methods, which count by themselves.
    assert found["is much of its file"]["Cart"] == pytest.approx(4 / 9)
    assert found["is one of many"]["send"] < found["is one of many"]["Cart"]


def _above_zero(values: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if value > 0}
