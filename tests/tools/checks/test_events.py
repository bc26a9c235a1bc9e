import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tools.checks.base import Case, CoveredLine, Outcome
from tools.checks.cases import STILL_RUNNING
from tools.checks.events import gather


def lines(*events: object) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


REPORT = lines(
    ["start", "a.py::one"],
    ["case", "a.py::one", "passed", 0.5, ""],
    ["start", "a.py::two"],
    ["lines", {"src/a.py": [[1, 3, 0, 1]]}],
    ["case", "a.py::two", "failed", 1, "assert 1 == 2"],
    ["lines", {"src/a.py": [[3, 4, 1, 0]]}],
    ["end", 1],
)


def test_cases_come_in_the_order_they_ended() -> None:
    cases, _ = gather(REPORT)
    assert cases == [
        Case(name="a.py::one", outcome=Outcome.PASSED, seconds=0.5),
        Case(name="a.py::two", outcome=Outcome.FAILED, seconds=1, message="assert 1 == 2"),
    ]


def test_lines_add_up_and_those_of_passing_tests_alone_are_left_out() -> None:
    _, covered = gather(REPORT)
    assert covered == [
        CoveredLine(path="src/a.py", line=3, failing=1, passing=1),
        CoveredLine(path="src/a.py", line=4, failing=1, passing=0),
    ]


@given(st.integers(0, len(REPORT)))
def test_any_truncation_is_read_up_to_there(end: int) -> None:
    cases, covered = gather(REPORT[:end])
    whole, all_covered = gather(REPORT)
    ended = [case for case in cases if case.message != STILL_RUNNING]
    assert ended == whole[: len(ended)]
    assert {case.name for case in cases} <= {case.name for case in whole}
    assert {(line.path, line.line) for line in covered} <= {
        (line.path, line.line) for line in all_covered
    }


def test_a_test_that_never_ended_has_failed_and_comes_last() -> None:
    cases, _ = gather(lines(["start", "a"], ["start", "b"], ["case", "b", "passed", 0.1, ""]))
    assert [(case.name, case.outcome) for case in cases] == [
        ("b", Outcome.PASSED),
        ("a", Outcome.FAILED),
    ]
    assert cases[1].message == STILL_RUNNING


def test_a_test_that_died_in_its_second_run_counts_once() -> None:
    cases, _ = gather(lines(["start", "a"], ["case", "a", "passed", 0, ""], ["start", "a"]))
    assert [(case.name, case.outcome) for case in cases] == [("a", Outcome.FAILED)]


def test_of_two_results_for_one_name_the_graver_stays() -> None:
    for first, second in (("failed", "passed"), ("passed", "failed"), ("skipped", "failed")):
        cases, _ = gather(lines(["case", "a", first, 0, ""], ["case", "a", second, 0, ""]))
        assert [case.outcome for case in cases] == [Outcome.FAILED]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
words = st.sampled_from(["start", "case", "lines", "end", "command", "exit"])


@settings(max_examples=40)
@given(st.lists(st.tuples(words, json_values, json_values, json_values, json_values)))
def test_forged_events_never_raise(events: list[tuple[object, ...]]) -> None:
    gather(lines(*events))
    gather(lines(*([event[0], event[1]] for event in events)))


@given(st.text())
def test_garbage_never_raises(text: str) -> None:
    assert gather(text) == ([], [])


def test_forged_sizes_cost_nothing() -> None:
    cases, covered = gather(
        lines(
            ["lines", {"a.py": [[1, 10**9, 1, 0], [-5, -1, 1, 0], [2, 2, 1, -7], [3], "x"]}],
            ["case", "a", "passed", float("inf"), ""],
            ["case", "b", "passed", 10**400, "m" * 10**6],
        )
        + "[" * 100_000
    )
    assert covered == [CoveredLine(path="a.py", line=2, failing=1, passing=0)]
    assert [case.seconds for case in cases] == [0, 0]
    assert 3000 < len(cases[1].message) <= 4096


def test_a_flood_of_lines_is_cut_off() -> None:
    assert gather("\n" * 2_000_000 + REPORT) == ([], [])


def test_text_is_made_fit_for_every_store() -> None:
    cases, _ = gather('["case", "a\\ud800", "failed", 0, "x\\u0000y\\ud83d\\ude00"]\n')
    assert cases[0].name.encode()
    assert cases[0].message == "x\ufffdy\U0001f600"
