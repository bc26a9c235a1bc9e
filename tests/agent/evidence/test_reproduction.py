import pytest

from agent.evidence.reproduction import accept, rewritten
from doubles.candidates import diff_of
from tools.checks.base import Case, Outcome, Report
from tools.patch import parse

FILE = "tests/test_new.py"
NAME = f"{FILE}::test_new"
ASSERTION = "tests/test_new.py:3: AssertionError\nE   assert 3 == 2"


def report(message: str = ASSERTION, outcome: Outcome = Outcome.FAILED) -> Report:
    return Report(command="c", cases=[Case(name=NAME, outcome=outcome, message=message)])


def test(body: str) -> dict[str, str]:
    return {FILE: f"import code\n\n\ndef test_new():\n    {body}\n"}


test.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "body",
    [
        "assert code.half(4) == 2",
        "with pytest.raises(ValueError):\n        code.half('x')",
        "assert code.half(4) != 1",
        "assert 'two' in code.spell(4)\n    assert 'three' not in code.spell(4)",
        "assert open('out.txt').read() == 'x'",
    ],
)
def test_a_test_that_says_what_should_be_is_accepted(body: str) -> None:
    found = accept([report(), report()], [], "half is wrong", test(body))
    assert [case.name for case in found.accepted] == [NAME]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("assert False", "fails whatever the code does"),
        ("pytest.fail('bug')", "fails whatever the code does"),
        ("assert 'three' not in code.spell(4)", "only says that a text should not be there"),
        ("assert code.spell(4) != 'three'", "only says that a text should not be there"),
        ("assert '// 2' in open('src/code.py').read()", "reads the source's text"),
        ("assert '// 2' in inspect.getsource(code.half)", "reads the source's text"),
    ],
)
def test_a_test_that_says_nothing_of_what_should_be_is_not(body: str, reason: str) -> None:
    found = accept([report(), report()], [], "half is wrong", test(body))
    assert found.accepted == ()
    assert reason in found.reasons[0]


@pytest.mark.parametrize(
    ("message", "issue", "accepted"),
    [
        (ASSERTION, "", True),
        ("E   ZeroDivisionError: division by zero", "", True),
        ("E   AttributeError: no attribute 'half'", "", True),
        ("E   NameError: name 'half' is not defined", "", False),
        ("E   NameError: name 'half' is not defined", "It raises NameError", True),
        ("E   ModuleNotFoundError: No module named 'x'", "", False),
        ("E   fixture 'box' not found", "", False),
        ("E   assert 'ImportError' == ''\nE   AssertionError: x", "", True),
    ],
)
def test_it_has_to_fail_for_the_stated_reason(message: str, issue: str, accepted: bool) -> None:
    found = accept([report(message)] * 2, [], issue, test("assert code.half(4) == 2"))
    assert bool(found.accepted) is accepted


def test_it_has_to_fail_each_time() -> None:
    runs = [report(), report("", Outcome.PASSED)]
    found = accept(runs, [], "", test("assert code.half(4) == 2"))
    assert found.reasons == (f"{NAME} does not fail each time it is run",)


def test_what_was_there_before_and_what_could_not_run_is_passed_over() -> None:
    texts = test("assert code.half(4) == 2")
    assert accept([report(), report()], [NAME], "", texts).accepted == ()
    broken = report("E   SyntaxError", Outcome.ERROR)
    assert accept([broken, broken], [], "", texts).accepted == ()


BEFORE = "import a\n\n\ndef test_old():\n    assert a.x == 1\n"


@pytest.mark.parametrize(
    ("after", "is_rewritten"),
    [
        (BEFORE + "\n\ndef test_new():\n    assert a.y == 1\n", False),
        (BEFORE.replace("import a", "import a, b") + "\n\ndef test_new():\n    pass\n", False),
        (BEFORE.replace("== 1", "in (1, 2)"), True),
        (BEFORE.replace("    assert a.x == 1\n", "    pass\n"), True),
    ],
)
def test_tests_that_were_there_may_only_be_added_to(after: str, is_rewritten: bool) -> None:
    diff = diff_of(FILE, BEFORE, after).encode()
    assert bool(rewritten(parse(diff))) is is_rewritten
