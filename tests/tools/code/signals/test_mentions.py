import pytest

from doubles.indexes import make_index
from tools.code.index import Index
from tools.code.issue import read_issue
from tools.code.signals.mentions import (
    definitions_named,
    definitions_qualified,
    files_defining,
    files_referring,
)
from tools.code.signals.survey import survey

FILES = {
    "shop/cart.py": "class Cart:\n    def total(self):\n        return rounded(1)\n",
    "shop/order.py": "class Order:\n    def total(self):\n        pass\n",
    "shop/money.py": "def rounded(value):\n    return value\n\ndef of(value):\n    pass\n",
    "notes.md": "# total\n",
}


@pytest.fixture(scope="module")
def shop() -> Index:
    return make_index(FILES)


def named(index: Index, scores: dict[tuple[str, int], float]) -> dict[str, float]:
    return {
        f"{path}:{index.outlines[path].definitions[place].qualified}": score
        for (path, place), score in scores.items()
    }


def test_a_name_that_two_share_counts_less_for_each(shop: Index) -> None:
    found = named(shop, definitions_named(read_issue("`total` and `rounded` differ"), shop))
    assert found.keys() == {
        "shop/cart.py:Cart.total",
        "shop/order.py:Order.total",
        "shop/money.py:rounded",
    }
    assert found["shop/money.py:rounded"] > found["shop/cart.py:Cart.total"]


def test_two_letters_are_no_name(shop: Index) -> None:
    assert definitions_named(read_issue("`of` what?"), shop) == {}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Cart.total fails", "shop/cart.py:Cart.total"),
        ("money.rounded fails", "shop/money.py:rounded"),
        ("shop::Order::total fails", "shop/order.py:Order.total"),
    ],
)
def test_names_with_what_encloses_them(written: str, meant: str, shop: Index) -> None:
    found = named(shop, definitions_qualified(read_issue(written), shop))
    assert found == {meant: 1.0}


def test_several_names_make_a_file_surer_and_never_more_than_sure() -> None:
    scores = files_defining({("a", 0): 0.5, ("a", 1): 0.5, ("b", 0): 0.5, ("c", 0): 3.0})
    assert scores == {"a": 0.75, "b": 0.5, "c": 1.0}


def test_files_that_use_a_name_without_defining_it(shop: Index) -> None:
    issue = read_issue("`rounded` is wrong")
    assert files_referring(issue, survey(issue, shop)).keys() == {"shop/cart.py"}
