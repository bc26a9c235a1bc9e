"""Which changes an exchange of functions' code is enough for."""

from types import FunctionType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles.local_box import MakeBox
from tools.checks.base import Request
from tools.checks.patchwright_report.bodies import exchanged, functions
from tools.checks.run import run_checks
from tools.checks.trials import Change, try_changes

MODULE = '''\
LIMIT = 3


def first(a, b=LIMIT):
    """Says what it is."""
    return a + b


class Shop:
    rate = 2

    def price(self, n):
        return [n * self.rate for _ in range(n)]


twice = lambda n: n + n
'''


def names(before: str, after: str) -> list[str] | None:
    found = exchanged(compile(before, "m.py", "exec"), compile(after, "m.py", "exec"))
    return None if found is None else [old.co_name for old, _ in found]


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("a + b", "a - b", ["first"]),
        ("n * self.rate for", "n / self.rate for", ["price"]),
        ("n + n", "n * n", ["<lambda>"]),
        ("    return a + b", "    c = a\n    return c + b", ["first", "price", "<lambda>"]),
    ],
)
def test_a_change_inside_of_functions_is_theirs(old: str, new: str, changed: list[str]) -> None:
    assert names(MODULE, MODULE.replace(old, new)) == changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 3", "LIMIT = 4"),
        ("LIMIT = 3", "LIMIT = 3.0"),
        ("rate = 2", "rate = 1"),
        ("b=LIMIT", "b=1"),
        ("(a, b", "(b, a"),
        ("(a, b=LIMIT)", "(a, b=LIMIT, *c)"),
        ("Says", "Tells"),
        ("return a + b", "yield a + b"),
        ("def price", "def prices"),
        ("    def price", "    @staticmethod\n    def price"),
    ],
)
def test_a_change_that_is_seen_before_the_call_is_not(old: str, new: str) -> None:
    assert names(MODULE, MODULE.replace(old, new)) is None


@given(
    st.lists(st.sampled_from(["a", "b", "1", "2.0", "'x'"]), min_size=2, max_size=4),
    st.sampled_from(["+", "*", "==", "and"]),
)
def test_the_new_code_does_what_the_new_text_does(parts: list[str], sign: str) -> None:
    before = "def f(a, b):\n    return a\n"
    after = f"def f(a, b):\n    return {f' {sign} '.join(parts)}\n"
    old, new = (compile(text, "m.py", "exec") for text in (before, after))
    pairs = exchanged(old, new)
    assert pairs is not None
    living = FunctionType(functions(old)[0], {})
    for _, code in pairs:
        living.__code__ = code

    def outcome(function: object) -> object:
        try:
            return function(3, 4)  # type: ignore[operator]
        except TypeError as error:
            return str(error)

    names: dict[str, object] = {}
    exec(after, names)
    assert outcome(living) == outcome(names["f"])


def test_what_ran_while_tests_were_collected_is_imported_anew(make_box: MakeBox) -> None:
    """What a module computes of itself, closures and cases that call it change with the code."""
    shop = """\
def make(n):
    def scaled(a):
        return a * n
    return scaled


double = make(2)
pair = lambda a: a, lambda a: a


def rate():
    return 1
"""
    tests = """\
import pytest
from shop import double, pair, rate


@pytest.mark.parametrize("n", range(rate()))
def test_cases(n):
    assert rate() == 2


def test_double():
    assert double(3) == 7


def test_pair():
    assert pair[0](1) == 2 and pair[1](1) == 1
"""
    box = make_box({"shop.py": shop, "test_shop.py": tests})
    request = Request("python3 -m pytest", tests=("test_shop.py",), seconds_per_test=5.0)
    changes = [
        Change("shop.py", "a * n", "a * n + 1"),
        Change("shop.py", "return 1", "return 2"),
        Change("shop.py", "lambda a: a, lambda", "lambda a: a + 1, lambda"),
        Change("shop.py", "make(2)", "make(3)"),
    ]
    found = try_changes(box, request, changes, seconds=60.0, each=20.0)
    for change, report in zip(changes, found.reports, strict=True):
        (box.root / "shop.py").write_text(shop.replace(change.old, change.new))
        alone = run_checks(box, request)
        assert report is not None
        assert [(c.name, c.outcome) for c in report.cases] == [
            (c.name, c.outcome) for c in alone.cases
        ]
    assert [len(report.passed) for report in found.reports if report] == [1, 2, 1, 0]
