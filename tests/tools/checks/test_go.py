import json

from hypothesis import given
from hypothesis import strategies as st

from tools.checks.base import Case, Outcome, Outputs
from tools.checks.cases import STILL_RUNNING
from tools.checks.go import GO


def told(*events: object, complaints: str = "") -> list[Case]:
    text = "".join((e if isinstance(e, str) else json.dumps(e)) + "\n" for e in events)
    files = {"/s/reports/go-test-1.json": text, "/s/reports/go-test-1.err": complaints}
    return GO.parse(Outputs(files=files))[0]


def event(action: str, test: str = "", output: str = "", **others: object) -> dict[str, object]:
    return {"Action": action, "Package": "m/p", "Test": test, "Output": output, **others}


def test_output_is_the_reason_of_a_failure() -> None:
    assert told(
        event("run", "TestA"),
        event("output", "TestA", "=== RUN   TestA\n"),
        event("output", "TestA", "    a_test.go:3: wrong\n"),
        event("output", "TestA", "--- FAIL: TestA (0.25s)\n"),
        event("fail", "TestA", Elapsed=0.25),
        event("fail", Elapsed=0.3),
    ) == [
        Case(name="m/p::TestA", outcome=Outcome.FAILED, seconds=0.25, message="a_test.go:3: wrong")
    ]


def test_a_package_that_fails_though_its_tests_pass_is_a_case() -> None:
    cases = told(
        event("run", "TestA"),
        event("pass", "TestA"),
        event("output", output="exit status 3\n"),
        event("fail"),
    )
    assert cases[1:] == [Case(name="m/p", outcome=Outcome.ERROR, message="exit status 3")]


def test_a_package_that_cannot_be_built_says_why() -> None:
    complaints = "# m/q\nq.go:1: other\n# m/p [m/p.test]\np.go:2:3: undefined: x\n"
    [case] = told("FAIL\tm/p [build failed]", complaints=complaints)
    assert (case.name, case.outcome) == ("m/p", Outcome.ERROR)
    assert "undefined: x" in case.message
    assert "other" not in case.message


def test_newer_ones_tell_it_in_events() -> None:
    cases = told(
        {
            "ImportPath": "m/p [m/p.test]",
            "Action": "build-output",
            "Output": "p.go:2: undefined: x\n",
        },
        {"ImportPath": "m/p [m/p.test]", "Action": "build-fail"},
        event("output", output="FAIL\tm/p [build failed]\n"),
        event("fail", FailedBuild="m/p [m/p.test]"),
    )
    assert [(case.name, case.outcome.value) for case in cases] == [("m/p", "error")]
    assert "undefined: x" in cases[0].message


def test_a_test_that_never_ended_has_failed() -> None:
    [case] = told(event("run", "TestA"), event("output", "TestA", "going on\n"))
    assert (case.outcome, case.message) == (Outcome.FAILED, STILL_RUNNING)


def test_packages_without_tests_are_no_cases() -> None:
    assert told(event("output", output="?   m/p [no test files]\n"), event("skip")) == []


def test_a_result_of_another_kind_means_nothing() -> None:
    assert told({"Action": ["pass"], "Package": {}, "Test": 3}, [1], '"text"', "[" * 10_000) == []
    assert told(event("pass", "TestA", Elapsed=10**400))[0].seconds == 0


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())
keys = st.sampled_from(["Action", "Package", "Test", "Output", "Elapsed", "ImportPath"])
actions = st.sampled_from(["run", "pass", "fail", "skip", "output", "build-output"])


@given(st.lists(st.dictionaries(keys, values)), st.lists(actions), st.text())
def test_forged_events_never_raise(
    events: list[dict[str, object]], kinds: list[str], complaints: str
) -> None:
    named = [{**one, "Action": kind} for one, kind in zip(events, kinds, strict=False)]
    told(*events, *named, complaints=complaints)
