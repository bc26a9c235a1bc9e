from collections.abc import Sequence

from agent.evidence.baseline import Baseline, measure
from tools.checks.base import Case, Outcome, Report

FILES = [f"tests/test_{number}.py" for number in range(50)]


class Runs:
    """A suite of which only so many files end in time."""

    def __init__(self, most: int, seconds: float = 1.0) -> None:
        self.most = most
        self.seconds = seconds
        self.asked: list[int] = []

    def __call__(self, tests: Sequence[str]) -> Report:
        self.asked.append(len(tests))
        files = list(tests) or FILES
        cases = [Case(name=f"{file}::test", outcome=Outcome.PASSED) for file in files]
        timed_out = len(files) > self.most
        return Report(command="c", cases=cases, seconds=self.seconds, timed_out=timed_out)


def test_a_cheap_suite_is_run_twice_and_a_long_one_once() -> None:
    cheap, long = Runs(100), Runs(100, seconds=61)
    measure(cheap)
    measure(long)
    assert (cheap.asked, long.asked) == ([0, 0], [0])


def test_of_a_suite_that_does_not_end_the_nearest_files_are_run() -> None:
    runs = Runs(12)
    baseline = measure(runs, lambda: FILES)
    assert runs.asked == [0, 40, 10, 10]
    assert baseline.chosen == FILES[:10]
    assert baseline.left_out == FILES[10:]
    assert len(baseline.reliable) == 10


def test_where_not_even_three_files_end_that_is_what_is_known() -> None:
    runs = Runs(1)
    baseline = measure(runs, lambda: FILES)
    assert runs.asked == [0, 40, 10, 3]
    assert baseline.report.timed_out
    assert baseline.chosen == []


def test_slow_tests_are_told_apart() -> None:
    cases = [Case(name=str(s), outcome=Outcome.PASSED, seconds=s) for s in (1.0, 9.0, 30.0)]
    baseline = Baseline(report=Report(command="c", cases=cases))
    assert [case.seconds for case in baseline.slow] == [30.0, 9.0]


def test_tests_that_were_stopped_are_not_waited_for_twice() -> None:
    message = "the test ran longer than 2 s, the limit for one test"
    stopped = [Case(name=n, outcome=Outcome.FAILED, seconds=2.0, message=message) for n in "ab"]
    flaky = iter([Outcome.PASSED, Outcome.FAILED])
    asked: list[list[str]] = []

    def run(tests: Sequence[str]) -> Report:
        asked.append(list(tests))
        cases = [*([] if tests else stopped), Case(name="c", outcome=next(flaky))]
        return Report(command="t", cases=cases, seconds=4.5)

    baseline = measure(run)
    assert asked == [[], ["c"]]
    assert baseline.unstable == ["c"]
    assert [case.name for case in baseline.failing] == ["a", "b"]


def test_where_all_tests_were_stopped_there_is_nothing_to_run_again() -> None:
    message = "the test ran longer than 2 s, the limit for one test"
    case = Case(name="a", outcome=Outcome.FAILED, seconds=2.0, message=message)
    asked: list[list[str]] = []

    def run(tests: Sequence[str]) -> Report:
        asked.append(list(tests))
        return Report(command="t", cases=[case], seconds=2.2)

    assert measure(run).unstable == []
    assert asked == [[]]
