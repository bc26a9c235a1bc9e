"""Real reports, read without their runners: whole, cut off, mixed up and forged."""

import json
from pathlib import PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samples.checks.shape import SAMPLES_FOLDER, Sample
from samples.checks.table import SAMPLES
from tools.checks.base import Framework, Outcome, Outputs
from tools.checks.frameworks import FRAMEWORKS

NAMED = {framework.name: framework for framework in FRAMEWORKS}
RECORDED = {
    sample.framework: json.loads(
        (SAMPLES_FOLDER / "recorded" / f"{sample.folder}.json").read_text(encoding="utf-8")
    )
    for sample in SAMPLES
}
BY_NAME = {sample.framework: sample for sample in SAMPLES}
each = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.framework for sample in SAMPLES])
one = st.sampled_from(sorted(RECORDED))
slowly = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def outputs(name: str, **changes: str) -> Outputs:
    return Outputs(**{**RECORDED[name], "files": {**RECORDED[name]["files"], **changes}})


def readers(sample: Sample) -> list[Framework]:
    return [NAMED[sample.framework], NAMED["command"]]


@each
def test_a_whole_report_is_read_alike_by_its_framework_and_through_a_script(sample: Sample) -> None:
    for framework in readers(sample):
        cases, lines = framework.parse(outputs(sample.framework))
        assert {case.name: case.outcome.value for case in cases} == {
            name: outcome for name, (outcome, _) in sample.expected.items()
        }
        messages = {case.name: case.message for case in cases}
        assert all(words in messages[name] for name, (_, words) in sample.expected.items())
        assert lines == []


@slowly
@given(one, st.floats(0, 1))
def test_a_report_that_was_cut_off_makes_no_failure_a_success(name: str, share: float) -> None:
    sample = BY_NAME[name]
    cut = {path: text[: int(len(text) * share)] for path, text in RECORDED[name]["files"].items()}
    cases, _ = NAMED[name].parse(outputs(name, **cut))
    for case in cases:
        if case.outcome is Outcome.PASSED:
            assert sample.expected.get(case.name, ("passed",))[0] == "passed"


@slowly
@given(one, st.data())
def test_a_report_with_holes_never_raises(name: str, data: st.DataObject) -> None:
    files = RECORDED[name]["files"]
    path = data.draw(st.sampled_from(sorted(files)))
    text = files[path]
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    text = text[:start] + data.draw(st.text(max_size=20)) + text[end:]
    for framework in readers(BY_NAME[name]):
        framework.parse(outputs(name, **{path: text}))


@slowly
@given(one, st.text(), st.text(), st.text())
def test_garbage_is_no_test(name: str, text: str, printed: str, root: str) -> None:
    garbage = dict.fromkeys(RECORDED[name]["files"], text)
    cases, _ = NAMED[name].parse(Outputs(files=garbage, printed=printed, root=root))
    assert not any(case.outcome is Outcome.PASSED for case in cases)


@each
def test_a_report_under_another_name_is_not_read(sample: Sample) -> None:
    files = RECORDED[sample.framework]["files"]
    moved = {f"/workspace/{PurePosixPath(path).name}.old": text for path, text in files.items()}
    assert NAMED[sample.framework].parse(Outputs(files=moved, root="/workspace")) == ([], [])


@each
def test_no_output_is_no_case(sample: Sample) -> None:
    for framework in readers(sample):
        assert framework.parse(Outputs()) == ([], [])


@each
def test_the_records_tell_nothing_of_a_machine(sample: Sample) -> None:
    text = json.dumps(RECORDED[sample.framework])
    assert not any(word in text for word in ("/root", "/home/", "/tmp/", 'hostname=\\"l'))
