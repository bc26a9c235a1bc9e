import pytest

from agent.model.embedded.observe import (
    Suspect,
    accused,
    differences,
    edited,
    frames,
    missing,
    passage,
    symptoms,
    test_run,
)
from agent.model.embedded.templates import table
from prompts import render
from tools.checks.base import Case, CoveredLine, Outcome, Report

MESSAGE = "tests/test_a.py:3: in test_b\n    assert f(1) == 2\nshop/a.py:7: in f\nE   assert 1 == 2"


def _rendered(cases, ranked=()):
    report = Report(command="pytest", cases=cases, seconds=1.5)
    return render("observations/run_tests", report=report, shown=1, ranked=list(ranked))


def test_a_run_is_read_back():
    cases = [
        Case(name="t.py::a", outcome=Outcome.PASSED),
        Case(name="t.py::b[x y]", outcome=Outcome.FAILED, seconds=0.25, message=MESSAGE),
        Case(name="t.py::c", outcome=Outcome.ERROR, message="E   boom"),
    ]
    ranked = [(0.707, CoveredLine(path="shop/a.py", line=7, failing=2, passing=1))]
    run = test_run(_rendered(cases, ranked))
    assert (run.counted, run.passed, run.seconds, run.good) == (True, 1, 1.5, False)
    assert run.names == {"t.py::b[x y]", "t.py::c"}
    assert run.broken[0].seconds == 0.25
    assert "shop/a.py:7: in f" in run.broken[0].message
    assert run.suspects == [Suspect(0.707, "shop/a.py", 7)]


def test_a_good_run_is_good_and_an_empty_one_is_not():
    assert test_run(_rendered([Case(name="t.py::a", outcome=Outcome.PASSED)])).good
    assert not test_run(_rendered([])).good
    assert not test_run("The call of `run_tests` was not carried out.").counted


def test_a_passage_is_read_back():
    lines = ["def f():", "\treturn 'ü|'", "", "x = 1  "]
    values = {"path": "a.py", "first": 3, "last": 6, "total": 9, "problem": "", "lines": lines}
    found = passage(render("observations/read", **values))
    assert found is not None
    assert list(found.lines) == lines
    assert (found.last, found.total) == (6, 9)
    assert passage("There is no file a.py.") is None


def test_an_edit_is_told_from_a_refusal():
    done = render("observations/edit", problem="", path="a.py", operation="replace")
    refused = render("observations/edit", problem="no change", path="a.py", operation="replace")
    assert edited(done)
    assert not edited(refused)


def test_places_come_from_short_and_long_tracebacks():
    assert frames(MESSAGE) == [("tests/test_a.py", 3), ("shop/a.py", 7)]
    assert frames('  File "shop/a.py", line 9, in f') == [("shop/a.py", 9)]


def test_failures_are_told_apart():
    assert table.ONE_OFF in symptoms("E   assert 1 == 2")
    assert table.LENGTH in symptoms("E       assert [1] == [1, 2]")
    assert table.TRUTH in symptoms("E   assert False == True")
    assert table.INDEX in symptoms("E   IndexError: list index out of range")
    assert table.NOTHING in symptoms("E   AttributeError: 'NoneType' object has no attribute 'a'")
    assert table.ENDLESS in symptoms("the test ran longer than 2 s, the limit for one test")
    assert table.ENDLESS in symptoms("E   RecursionError: maximum recursion depth exceeded")
    assert symptoms("E   assert 'a' == 'b'") == set()


def test_what_should_have_been_equal_is_read_from_assertions():
    message = (
        "E   AssertionError: assert 'push' == 'push --all'\n"
        "E     - push --all\nAssertionError: 0 != 90 : too old\n"
        "AssertionError: True != False\nAssertionError: [1] != [2]\nE   assert 1 == '1'\n"
        "E   assert 2 == f(2)\n"
    )
    assert differences(message) == [("push", "push --all"), (0, 90)]


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("E   AttributeError: 're.Match' object has no attribute 'spam'", {"spam"}),
        ("AttributeError: module 'os' has no attribute 'pathh'. Did you mean: 'path'?", {"pathh"}),
        ("AttributeError: 'NoneType' object has no attribute 'spam'", set()),
        ("NameError: name 'lenght' is not defined", {"lenght"}),
        ("UnboundLocalError: local variable 'a' referenced before assignment", {"a"}),
        ("cannot access local variable 'a' where it is not associated with a value", {"a"}),
        ("TypeError: f() got an unexpected keyword argument 'deep'", {"deep"}),
        ("E   assert 'name' == 'other'", set()),
    ],
)
def test_names_that_an_error_complains_of(message, names):
    assert accused(message) == names


def test_parameters_that_a_call_gives_nothing_for():
    one = "E   TypeError: sub() missing 1 required positional argument: 'string'"
    more = "TypeError: f() missing 3 required keyword-only arguments: 'a', 'b', and 'c'"
    assert missing(one) == ["string"]
    assert missing(more) == ["a", "b", "c"]
    assert missing("TypeError: f() missing 2 required positional arguments: 'a' and 'b'") == [
        "a",
        "b",
    ]
    assert missing("KeyError: 'a'") == []
