"""What one change broke is run first on the next ones by which the failing tests pass."""

import pytest

from agent.model.base import AssistantMessage
from agent.model.embedded import Bounds, Embedded
from agent.model.embedded.observe import test_run as read_run

FILES = {
    "price.py": (
        "def total(prices, discount, least, most):\n"
        "    if discount > most:\n"
        "        return 0\n"
        "    if discount < least:\n"
        "        return sum(prices)\n"
        "    return sum(prices) - most\n"
    ),
    "test_price.py": (
        "from price import total\n\n"
        "def test_discount():\n    assert total([5, 6], 3, 1, 4) != 7\n\n"
        "def test_little():\n    assert total([5, 6], 0, 1, 4) == 11\n\n"
        "def test_least():\n    assert total([5, 6], 1, 1, 4) in (7, 10)\n\n"
        "def test_most():\n    assert total([5, 6], 4, 1, 4) == 7\n\n"
        "def test_much():\n    assert total([5, 6], 5, 1, 4) == 0\n"
    ),
}

MOST_WHOLE_RUNS = 4
"""With witnesses; without them each of eight changes gets one."""


@pytest.fixture
def observed(harness):
    """A harness that tries changes by a run of its own each, and keeps what was asked for."""

    def make(seconds, flaky=False):
        made = harness(FILES, "price.py")
        made.asked = []

        def try_changes(changes, tests, **_):
            made.asked.append(tests)
            path = made.folder / "price.py"
            text = path.read_text()
            lines = []
            for number, change in enumerate([None, *changes]):
                path.write_text(text.replace(change["old"], change["new"]) if change else text)
                run = read_run(made.run_tests(tests))
                broken = 1 if flaky and len(made.asked) > 1 else len(run.broken)
                name = number or "unchanged"
                lines.append(f"{name}: {run.passed} passed, {broken} broken; E boom")
            path.write_text(text)
            return "\n".join(["Tried in 0.5 s.", *lines])

        run_tests = made.run_tests

        def timed(**arguments):
            return run_tests(**arguments).replace(" in 0.50 s", f" in {seconds:.2f} s")

        made.try_changes = try_changes
        made.run_tests = lambda tests=(), **more: timed(tests=tests, **more)
        return made

    return make


def whole_runs(made):
    calls = [
        call
        for message in made.messages
        if isinstance(message, AssistantMessage)
        for call in message.calls
    ]
    whole = [c for c in calls if c.name == "run_tests" and not c.arguments.get("tests")]
    return len(whole) - 1


def test_changes_that_break_what_another_broke_get_no_run_of_their_own(observed):
    made = observed(seconds=60.0)
    assert made.converse(Embedded(Bounds(large_batch=60)))
    assert read_run(made.run_tests()).good
    witnesses = [tests for tests in made.asked if "test_price.py::test_discount" not in tests]
    assert witnesses
    assert whole_runs(made) <= MOST_WHOLE_RUNS


def test_where_the_whole_suite_takes_no_time_it_is_run_alone(observed):
    made = observed(seconds=0.001)
    assert made.converse(Embedded(Bounds(large_batch=60)))
    assert read_run(made.run_tests()).good
    assert all(tests == ["test_price.py::test_discount"] for tests in made.asked)
    assert whole_runs(made) > MOST_WHOLE_RUNS


def test_a_witness_that_fails_with_no_change_too_refuses_none(observed):
    made = observed(seconds=60.0, flaky=True)
    assert made.converse(Embedded(Bounds(large_batch=60)))
    assert read_run(made.run_tests()).good
    assert whole_runs(made) > MOST_WHOLE_RUNS
