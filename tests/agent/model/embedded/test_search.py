"""Whole searches on small repositories whose bug is one of many places."""

import pytest

from agent.model.embedded import Bounds, Embedded

CART = """\
\"\"\"A shopping cart.\"\"\"

from shop.ware import Ware


class Cart:
    def __init__(self, limit=5):
        self.limit = limit
        self.wares = []
        self.coupons = set()

    def add(self, ware):
        if len(self.wares) > self.limit:
            raise ValueError("the cart is full")
        self.wares.append(ware)

    def redeem(self, code, percent):
        if code in self.coupons:
            return False
        for ware in self.wares:
            ware.price = ware.price * (100 - percent) // 100
        return True

    def total(self):
        return sum(ware.price for ware in self.wares)
"""
WARE = "class Ware:\n    def __init__(self, name, price):\n        self.name = name\n" + (
    "        self.price = price\n"
)
CART_TESTS = """\
from shop.cart import Cart
from shop.ware import Ware

def filled(count, limit=5):
    cart = Cart(limit)
    for number in range(count):
        cart.add(Ware(str(number), 100))
    return cart

def test_total():
    assert filled(3).total() == 300

def test_full():
    try:
        filled(3, limit=2)
    except ValueError:
        return
    raise AssertionError("more than the limit")

def test_limit_itself():
    assert filled(2, limit=2).total() == 200

def test_coupon():
    cart = filled(2)
    assert cart.redeem("A", 10)
    assert cart.total() == 180
"""
COUPON_TWICE = """\
def test_coupon_twice():
    cart = filled(1)
    assert cart.redeem("A", 50)
    assert not cart.redeem("A", 50)
    assert cart.redeem("B", 50)
    assert cart.total() == 25
"""
TREE = """\
class Node:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right


def contains(node, value):
    while node is not None:
        if node.value == value:
            return True
        if value < node.value:
            node = node.left
        else:
            node = node.left
    return False


def depth(node):
    if node is None:
        return 0
    return 1 + max(depth(node.left), depth(node.right))


def values(node):
    if node.left:
        yield from values(node.left)
    yield node.value
    if node.right:
        yield from values(node.right)
"""
TREE_TESTS = """\
from tree import Node, contains, depth, values

TREE = Node(4, Node(2, Node(1), Node(3)), Node(6))

def test_contains():
    assert contains(TREE, 1)
    assert contains(TREE, 6)
    assert not contains(TREE, 5)

def test_depth():
    assert depth(TREE) == 3
    assert depth(None) == 0

def test_values():
    assert list(values(TREE)) == [1, 2, 3, 4, 6]
"""
EMPTY_TREE = "def test_empty():\n    assert list(values(None)) == []\n"
RIGHT_TREE = TREE.replace(
    "        else:\n            node = node.left", "        else:\n            node = node.right"
)
RIGHT_CART = CART.replace("> self.limit", ">= self.limit")


def _cart(cart, tests):
    return {
        "shop/__init__.py": "",
        "shop/ware.py": WARE,
        "shop/cart.py": cart,
        "tests/test_cart.py": tests,
    }


@pytest.mark.parametrize(
    ("files", "path", "function", "expected"),
    [
        (_cart(CART, CART_TESTS), "shop/cart.py", "", ">= self.limit"),
        (
            _cart(RIGHT_CART, CART_TESTS + COUPON_TWICE),
            "shop/cart.py",
            "def redeem",
            "self.coupons.add(code)",
        ),
        (
            {"tree.py": TREE, "test_tree.py": TREE_TESTS},
            "tree.py",
            "def contains",
            "node = node.right",
        ),
        (
            {"tree.py": RIGHT_TREE, "test_tree.py": TREE_TESTS + EMPTY_TREE},
            "tree.py",
            "def values",
            "node",
        ),
    ],
    ids=["boundary", "missing statement", "attribute", "missing guard"],
)
def test_the_bug_is_found_among_working_code(harness, files, path, function, expected):
    made = harness(files, path, function)
    assert made.converse(Embedded(Bounds(candidates=300)))
    text = (made.folder / path).read_text()
    assert expected in text
    assert text != files[path]
    count = sum(text.count("def test_") for text in files.values())
    assert made.run_tests().startswith(f"{count} passed, 0 failed")


def test_it_works_with_pytest_itself(harness):
    files = {"tree.py": TREE, "test_tree.py": TREE_TESTS}
    made = harness(files, "tree.py", "def contains", quick=False)
    assert made.converse(Embedded(Bounds(candidates=30, batch=4)))
    assert "node = node.right" in (made.folder / "tree.py").read_text()
