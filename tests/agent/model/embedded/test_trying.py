"""How the search tries changes: together where that is had, and by the same verdicts without."""

import pytest

from agent.model.base import AssistantMessage
from agent.model.embedded import Bounds, Embedded
from agent.model.embedded.observe import attempts
from prompts import render
from tools.checks.base import Case, Outcome, Report
from tools.checks.trials import Trials

FILES = {
    "price.py": "def total(prices, discount):\n    return sum(prices) + discount\n",
    "test_price.py": (
        "from price import total\n\n\ndef test_discount():\n    assert total([5, 6], 3) == 8\n"
    ),
}
RIGHT = "sum(prices) - discount"


def answer(reports, unchanged="1 broken"):
    """What ``try_changes`` says of reports, given as outcomes."""
    names = ["unchanged", *(str(number) for number in range(1, len(reports) + 1))]
    made = [_report(outcome) for outcome in (unchanged, *reports)]
    lines = [(name, report, "E boom" if report and report.broken else "") for name, report in
             zip(names, made, strict=True)]  # fmt: skip
    return render("observations/try_changes", found=Trials(seconds=0.5), lines=lines)


def _report(outcome):
    if outcome is None:
        return None
    case = Case(name="t", outcome=Outcome.PASSED if outcome == "passed" else Outcome.FAILED)
    return Report(command="pytest", cases=[case], timed_out=outcome == "cut")


@pytest.fixture
def together(harness):
    """A harness that tries many in one run, by the rule of a function of the changed text."""

    def make(verdict, **fields):
        made = harness(FILES, "price.py", **fields)
        made.calls = []

        def try_changes(changes, **_):
            made.calls.append(changes)
            text = (made.folder / "price.py").read_text()
            return answer([verdict(text.replace(c["old"], c["new"])) for c in changes])

        made.try_changes = try_changes
        return made

    return make


def said(harness):
    return "\n".join(m.content for m in harness.messages if isinstance(m, AssistantMessage))


def test_what_passes_beside_others_is_run_by_itself_and_submitted(together):
    made = together(lambda text: "passed" if RIGHT in text else "broken")
    assert made.converse(Embedded())
    assert RIGHT in (made.folder / "price.py").read_text()
    assert len(made.calls) == 1
    assert any(RIGHT in text for state in made.results for text in state)


def test_what_was_stopped_soon_gets_all_its_time_in_the_end(harness):
    made = harness(FILES, "price.py")
    limits = []

    def try_changes(changes, seconds_per_test, **_):
        limits.append(seconds_per_test)
        text = (made.folder / "price.py").read_text()
        right = [RIGHT in text.replace(c["old"], c["new"]) for c in changes]
        slow = "0 passed, 1 broken; Failed: the test ran longer than 0.3 s"
        outcome = slow if seconds_per_test < 1 else "1 passed, 0 broken"
        lines = [f"{i}: {outcome if is_right else '0 passed, 1 broken'}"
                 for i, is_right in enumerate(right, 1)]  # fmt: skip
        return "\n".join(["Tried in 0.5 s.", "unchanged: 0 passed, 1 broken", *lines])

    made.try_changes = try_changes
    assert made.converse(Embedded(Bounds(sample=5000)))
    assert RIGHT in (made.folder / "price.py").read_text()
    assert limits[0] < 1 <= limits[-1]


def test_the_best_that_were_stopped_soon_get_a_second_chance_early(harness):
    made = harness(FILES, "price.py")
    limits = []

    def try_changes(changes, seconds_per_test, **_):
        limits.append(seconds_per_test)
        text = (made.folder / "price.py").read_text()
        slow = "0 passed, 1 broken; Failed: the test ran longer than 0.3 s"
        right = "1 passed, 0 broken" if seconds_per_test > 0.5 else slow
        lines = [
            f"{i}: {right if RIGHT in text.replace(c['old'], c['new']) else '0 passed, 1 broken'}"
            for i, c in enumerate(changes, 1)
        ]
        return "\n".join(["Tried in 0.5 s.", "unchanged: 0 passed, 1 broken", *lines])

    made.try_changes = try_changes
    assert made.converse(Embedded(Bounds(large_batch=3, sample=5000)))
    assert RIGHT in (made.folder / "price.py").read_text()
    assert max(limits) == limits[2]


def test_that_the_tests_do_not_settle_it_is_said(together):
    made = together(lambda text: "passed")
    assert made.converse(Embedded(Bounds(large_batch=30)))
    said_so = made.submitted["summary"]
    assert "pass with 23 other changes of the same batch as well" in said_so
    assert "and 20 more" in said_so


def test_a_verdict_that_does_not_stand_by_itself_ends_trying_together(together):
    made = together(lambda text: "broken")
    assert made.converse(Embedded(Bounds(large_batch=3, sample=1)))
    assert "ended differently" in said(made)


def test_what_was_not_tried_for_time_is_tried_in_the_next_turn(together):
    first = []

    def slow(text):
        first.append(text)
        return ("passed" if RIGHT in text else "broken") if len(first) % 3 == 1 else None

    made = together(slow)
    assert made.converse(Embedded())
    tried = [change["new"] for changes in made.calls for change in changes]
    assert tried.count(next(new for new in tried if RIGHT in new)) >= 1
    assert RIGHT in (made.folder / "price.py").read_text()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (render("observations/try_changes", found=Trials("no fork"), lines=[]), "no fork"),
        (answer([], unchanged="passed"), "the unchanged files pass there"),
        (answer([None]), "one change takes longer than a turn may"),
        ("", "no answer came"),
    ],
)
def test_where_it_cannot_be_done_each_gets_a_run_and_the_reason_is_said(harness, text, reason):
    made = harness(FILES, "price.py")
    made.try_changes = lambda **_: text
    assert made.converse(Embedded())
    assert said(made).count(f"Many changes cannot be tried in one run here ({reason})") == 1


def test_the_answer_is_read_back_as_it_was_meant():
    found = attempts(answer(["passed", "broken", None, "cut"]))
    assert found.problem == ""
    assert found.seconds == 0.5
    assert not found.unchanged.good
    assert {number: attempt.good for number, attempt in found.changes.items()} == {
        1: True,
        2: False,
        4: False,
    }
    assert found.changes[2].why == "E boom"
    assert found.changes[4].cut
