"""How much time a test gets, and which tests count: canned answers instead of a harness."""

import pytest

from agent.model.embedded.look import Findings, look, read
from agent.model.embedded.observe import Broken, Suspect, TestRun
from agent.model.embedded.turns import Bounds
from prompts import render

SLOW = "    the test ran longer than 1 s, the limit for one test"
BOUNDS = Bounds(first_seconds=1.0, patience=5.0)


def answered(answers, task=""):
    """What the first look finds when its runs are answered with these texts, and its calls."""
    talk = look(task, BOUNDS)
    turn = next(talk)
    calls = []
    for answer in answers:
        calls.append(turn.calls[0][1])
        try:
            turn = talk.send([answer])
        except StopIteration as stopped:
            return stopped.value, calls
    raise AssertionError("it asks for more")


def test_a_quick_failure_needs_one_run():
    found, calls = answered(
        ["2 passed, 1 failed, 0 errors, 0 skipped in 0.60 s\nFAILED a (0.01 s)"]
    )
    assert isinstance(found, Findings)
    assert found.seconds == 1.0
    assert calls == [{"coverage": True, "seconds_per_test": 1.0}]


def test_a_loop_is_asked_once_more_and_gets_no_more_time():
    stopped = f"1 passed, 1 failed, 0 errors, 0 skipped in 1.60 s\nFAILED a (1.00 s)\n{SLOW}"
    again = f"0 passed, 1 failed, 0 errors, 0 skipped in 5.50 s\nFAILED a (5.00 s)\n{SLOW}"
    found, calls = answered([stopped, again])
    assert found.seconds == 1.0
    assert calls[1] == {"tests": ["a"], "seconds_per_test": 5.0}


def test_a_loop_that_the_task_tells_of_is_not_waited_for() -> None:
    task = "a\n\nHow they fail:\n\na\n    the test ran longer than 2 s, the limit for one test\n"
    stopped = f"1 passed, 1 failed, 0 errors, 0 skipped in 0.60 s\nFAILED a (0.30 s)\n{SLOW}"
    found, calls = answered([stopped], task)
    assert calls == [{"coverage": True, "seconds_per_test": 0.3}]
    assert [test.name for test in found.targets] == ["a"]


def test_a_slow_failure_gives_all_tests_more_time():
    stopped = f"1 passed, 1 failed, 0 errors, 0 skipped in 1.60 s\nFAILED a (1.00 s)\n{SLOW}"
    again = "0 passed, 1 failed, 0 errors, 0 skipped in 2.50 s\nFAILED a (2.00 s)\n    E   assert 1"
    found, _ = answered([stopped, again])
    assert found.seconds == 6.0


def test_a_test_that_was_only_slow_is_no_failure():
    stopped = (
        "1 passed, 2 failed, 0 errors, 0 skipped in 1.60 s\n"
        f"FAILED a (0.01 s)\n    E   assert 1\nFAILED b (1.00 s)\n{SLOW}"
    )
    passes = "1 passed, 0 failed, 0 errors, 0 skipped in 2.00 s"
    base = "2 passed, 1 failed, 0 errors, 0 skipped in 3.00 s\nFAILED a (0.01 s)"
    found, calls = answered([stopped, passes, base])
    assert [test.name for test in found.targets] == ["a"]
    assert calls[2] == {"coverage": True, "seconds_per_test": 15.0}


def test_only_the_tests_that_the_task_names_must_pass():
    run = "1 passed, 3 failed, 0 errors, 0 skipped in 0.6 s\n" + "\n".join(
        f"FAILED {name} (0.01 s)"
        for name in ("t.py::test_1[a]", "t.py::test_1[b]", "t.py::test_10")
    )
    found, _ = answered([run], task="Make these pass:\n\n  t.py::test_1[a]\n    E   assert 1\n")
    assert [test.name for test in found.targets] == ["t.py::test_1[a]", "t.py::test_1[b]"]
    assert answered([run])[0].targets == found.base.broken


def test_no_run_and_no_failure_end_the_search():
    assert "No test" in answered(["The call of `run_tests` was not carried out."])[0]
    assert "Every test" in answered(["3 passed, 0 failed, 0 errors, 0 skipped in 0.6 s"])[0]


def test_lines_that_ran_at_import_are_those_of_every_test() -> None:
    """Of a file that failing tests ran code in; below what those alone ran."""
    text = "LIMIT = compute(3)\n\n\ndef first(a):\n    return a + LIMIT\n"
    base = TestRun(True, 3, 1.0, [Broken("t")], [Suspect(1.0, "near.py", 5)])
    found = Findings(base, base.broken, 1.0)
    talk = read(found, "The issue", Bounds())
    next(talk)
    lines = text.split("\n")[:5]
    with pytest.raises(StopIteration):
        talk.send([render("observations/read", problem="", path="near.py", first=1, last=5,
                          total=5, lines=lines)])  # fmt: skip
    assert [place.line for place in found.sites][:2] == [5, 1]
    assert found.sites[1].suspicion < 0.3 * found.sites[0].suspicion


def test_where_lines_do_not_decide_the_words_of_the_issue_and_the_order_of_files_do() -> None:
    """One failing test and no passing one: every line that ran is as suspicious as any other."""
    same = "def first(a):\n    return a + 1\n\n\ndef second(a):\n    return a + 1\n"
    texts = {"near.py": same, "other.py": same}
    code = "".join(f"## {name} (whole)\n```\n{text}```\n\n" for name, text in texts.items())
    suspects = [Suspect(1.0, name, line) for name in texts for line in (2, 6)]
    base = TestRun(True, 0, 1.0, [Broken("t")], suspects)

    def best(issue: str, chosen: str = code) -> tuple[str, int]:
        found = Findings(base, base.broken, 1.0)
        talk = read(found, f"# Code\n\n{chosen}\n# The issue\n\n{issue}\n", Bounds())
        shown = [
            render("observations/read", problem="", path=path, first=1, last=6, total=6,
                   lines=text.split("\n")[:6])
            for path, text in texts.items()
        ]  # fmt: skip
        next(talk)
        with pytest.raises(StopIteration):
            talk.send(shown)
        return found.sites[0].source.path, found.sites[0].line

    assert best("The second one is wrong.") == ("near.py", 6)
    assert best("The first one is wrong.") == ("near.py", 2)
    parts = code.split("## ")
    assert best("The second one is wrong.", f"## {parts[2]}## {parts[1]}") == ("other.py", 6)
