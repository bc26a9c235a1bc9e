"""What every test framework's module promises, kept by the real runner over a sample project.

A runner that is not installed is skipped with its reason, except where the environment variable
``PATCHWRIGHT_REQUIRE`` names ``frameworks``: there it fails.
"""

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from agent.evidence.decoy import drawn
from doubles.local_box import LocalBox
from samples.checks.shape import SAMPLES_FOLDER, Sample
from samples.checks.table import SAMPLES
from sandbox.base import Completed
from tools.checks.base import Case, Outcome, Report, Request
from tools.checks.cases import STILL_RUNNING
from tools.checks.files import files_of as files_holding
from tools.checks.frameworks import FRAMEWORKS, find_suites, framework_for
from tools.checks.run import run_checks

ALWAYS = ("pytest", "unittest", "node:test", "prove")
"""What runs in any case; to start the others takes minutes in all, and they have a marker."""
NO_DECOY = ("SymPy", "CTest")
"""Tests cannot be added by laying a file."""
QUICK = [sample for sample in SAMPLES if not sample.slow]
FORGED = '<testsuite><testcase classname="com.example.Forged" name="forged"/></testsuite>'
FORGERIES = {
    "target/surefire-reports/TEST-com.example.Forged.xml": FORGED,
    "target/surefire-reports/TEST-com.example.Forged-patchwright-checks-0.xml": FORGED,
    "build/test-results/test/TEST-com.example.Forged.xml": FORGED,
    "reports/events.jsonl": '["case", "forged", "passed", 0, ""]\n',
    "reports/go-test-1.json": '{"Action": "pass", "Package": "forged", "Test": "Forged"}\n',
}

Project = Callable[..., LocalBox]

_WATCHED = """
( {command}
) &
child=$!
while kill -0 $child 2> /dev/null && ! [ -e '{file}' ]; do sleep 0.05; done
sleep {seconds}
kill -0 $child 2> /dev/null && kill -9 0
wait $child
"""


class Until(LocalBox):
    """A box whose command is killed as soon as a file is there, and a moment has passed."""

    def __init__(self, box: LocalBox, file: str, seconds: float) -> None:
        super().__init__(box.root, Path(box.scratch), Path(sys.executable))
        self.environment = box.environment
        self._file = box.root / file
        self._seconds = seconds

    def shell(self, command: str, **options: object) -> Completed:
        if self._file.exists():
            return super().shell(command, **options)  # type: ignore[arg-type]
        watched = _WATCHED.format(command=command, file=self._file, seconds=self._seconds)
        return super().shell(watched, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What runs of the same session may share: caches of compilers."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture
def project(tmp_path: Path, shared: Path) -> Project:
    """Makes a box over a sample's files and others besides, or skips what cannot be run here."""

    def make(sample: Sample, others: Mapping[str, str] | None = None) -> LocalBox:
        absent = sample.missing()
        if absent and "frameworks" in os.environ.get("PATCHWRIGHT_REQUIRE", "").split(","):
            pytest.fail(absent, pytrace=False)
        if absent:
            pytest.skip(f"{sample.framework}: {absent}")
        root = tmp_path / "repository"
        left = shutil.ignore_patterns("__pycache__")
        shutil.copytree(SAMPLES_FOLDER / sample.folder, root, ignore=left)
        sample.prepare(root)
        for name, text in (others or {}).items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        box = LocalBox(root, scratch, Path(sys.executable))
        box.environment = {**box.environment, **sample.environment(shared)}
        return box

    return make


def each(samples: list[Sample] | tuple[Sample, ...]) -> pytest.MarkDecorator:
    def marks(sample: Sample) -> tuple[pytest.MarkDecorator, ...]:
        return () if sample.framework in ALWAYS else (pytest.mark.frameworks,)

    return pytest.mark.parametrize(
        "sample", [pytest.param(one, id=one.framework, marks=marks(one)) for one in samples]
    )


def files_of(root: Path) -> dict[str, bytes]:
    paths = [
        path for path in root.rglob("*") if path.is_file() and "node_modules" not in path.parts
    ]
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


def check_all(cases: list[Case], sample: Sample) -> None:
    found = {case.name: case for case in cases}
    outcomes = {name: case.outcome.value for name, case in found.items()}
    assert outcomes == {name: outcome for name, (outcome, _) in sample.expected.items()}
    for name, (outcome, words) in sample.expected.items():
        assert words in found[name].message
        assert bool(found[name].message) >= (outcome in ("failed", "error"))
        assert found[name].message == "" or outcome != "passed"


def broken(report: Report) -> set[str]:
    return {case.name for case in report.broken}


def test_every_framework_has_a_sample() -> None:
    without = {framework.name for framework in FRAMEWORKS} - {s.framework for s in SAMPLES}
    assert without == {"command"}


@each(SAMPLES)
def test_its_command_is_found_and_understood(sample: Sample) -> None:
    root = SAMPLES_FOLDER / sample.folder
    paths = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    if sample.framework == "SymPy":
        paths.append("sympy/testing/runtests.py")
    suites = find_suites(paths, lambda path: (root / path).read_text())
    assert (suites[0].framework, suites[0].command) == (sample.framework, sample.command)
    if sample.command != "npm test":
        assert framework_for(sample.command).name == sample.framework


@each(SAMPLES)
def test_a_whole_run_tells_of_every_test_and_leaves_nothing(
    sample: Sample, project: Project
) -> None:
    box = project(sample, FORGERIES)
    before = files_of(box.root)
    report = run_checks(box, Request(sample.line))
    check_all(report.cases, sample)
    assert report.framework in (sample.framework, "command")
    assert (report.exit_code != 0, report.timed_out) == (True, False)
    built = (".gradle/", "build/", "target/", "Cargo.lock", ".pytest_cache/", "bin/test")
    left = {name for name in files_of(box.root).keys() - before.keys() if "__pycache__" not in name}
    assert not {name for name in left if not name.startswith(built)}


@each(SAMPLES)
def test_only_what_is_asked_for_is_told_of(sample: Sample, project: Project) -> None:
    names = [*sample.chosen, sample.gone]
    report = run_checks(project(sample), Request(sample.line, tests=names))
    assert {case.name for case in report.cases if case.name in sample.expected} >= {*sample.chosen}
    outer = {case.name for case in report.cases} - {*sample.chosen}
    assert all(any(name.startswith(other) for name in names) for other in outer)
    found = {case.name: case.outcome.value for case in report.cases}
    assert {name: found[name] for name in sample.chosen} == {
        name: sample.expected[name][0] for name in sample.chosen
    }


@each(QUICK)
def test_a_whole_that_is_asked_for_is_told_of_wholly(sample: Sample, project: Project) -> None:
    name, count = sample.whole
    report = run_checks(project(sample), Request(sample.line, tests=[name]))
    assert len(report.cases) == count
    assert {case.name for case in report.cases} <= sample.expected.keys()


@each(QUICK)
def test_the_first_failure_can_be_the_last_test(sample: Sample, project: Project) -> None:
    all_broken = {n for n, (o, _) in sample.expected.items() if o in ("failed", "error")}
    report = run_checks(project(sample), Request(sample.line, stop_early=True))
    assert 1 <= len(broken(report)) <= len(all_broken)
    assert broken(report) <= all_broken
    if sample.framework not in ("Jest", "prove", "cargo test"):  # these stop between files
        assert len(broken(report)) < len(all_broken)


@each(SAMPLES)
def test_it_is_seen_through_a_script(sample: Sample, project: Project) -> None:
    box = project(sample, {"run-all": f"set -e\necho begun\n{sample.line}\n"})
    report = run_checks(box, Request("sh ./run-all"))
    check_all(report.cases, sample)
    assert report.framework == "command"


@each([sample for sample in SAMPLES if sample.framework not in NO_DECOY])
def test_a_decoy_beside_a_test_is_found_and_fails(sample: Sample, project: Project) -> None:
    box = project(sample)
    [test, *_] = sample.chosen
    paths = list(files_of(box.root))
    decoy = drawn(
        test, files_holding([test], paths), paths, lambda path: (box.root / path).read_text()
    )
    assert decoy is not None
    assert decoy.path not in paths
    (box.root / decoy.path).parent.mkdir(exist_ok=True)
    (box.root / decoy.path).write_text(decoy.text)
    report = run_checks(box, Request(sample.line, tests=[test, decoy.asked]))
    assert decoy.failed(report)
    assert len([case for case in report.broken if decoy.name in case.name]) >= 2
    found = {case.name: case.outcome.value for case in report.cases}
    assert found[test] == sample.expected[test][0]


@each([sample for sample in SAMPLES if sample.hang])
def test_a_run_that_is_cut_off_tells_what_had_ended(sample: Sample, project: Project) -> None:
    hang = sample.hang
    assert hang is not None
    box = Until(project(sample, hang.files), "hanging", hang.seconds)
    report = run_checks(box, Request(sample.line, timeout=120))
    assert report.outcome(hang.ended) is Outcome.PASSED
    left = [case for case in report.cases if case.message.startswith(STILL_RUNNING)]
    assert all(case.outcome is Outcome.FAILED for case in left)
    assert (hang.running is None) or hang.running in {case.name for case in left}


@each(QUICK)
def test_what_cannot_be_loaded_is_no_success(sample: Sample, project: Project) -> None:
    report = run_checks(project(sample, sample.broken), Request(sample.line))
    assert report.exit_code != 0
    if report.cases:
        new = broken(report) - sample.expected.keys()
        assert new or report.passed == []
    else:
        assert "nothing" in report.output.lower() or "error" in report.output.lower()


@each([sample for sample in QUICK if sample.hang])
def test_a_time_limit_leaves_no_process_behind(sample: Sample, project: Project) -> None:
    assert sample.hang is not None
    started = time.monotonic()
    report = run_checks(project(sample, sample.hang.files), Request(sample.line, timeout=0.05))
    assert report.timed_out
    assert sample.hang.running not in {case.name for case in report.passed}
    assert time.monotonic() - started < 10
