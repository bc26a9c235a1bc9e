"""The programs that stand before the real ones: what they hand on, and what they add."""

from collections.abc import Callable
from pathlib import Path

import pytest

from doubles.local_box import LocalBox, MakeBox
from tools.checks.base import Report, Request
from tools.checks.run import run_checks

FAKE = """\
#!/bin/sh
# Notes its arguments, one a line, and whether it runs inside of a run.
for argument; do printf '%s\\n' "$argument"; done > "$NOTES"
echo "owner=${PATCHWRIGHT_OWNER:-none}" > "$NOTES.owner"
case $1 in
    list) echo example.com/m ;;
    --help) echo --output-junit ;;
esac
exit 7
"""

Run = Callable[..., tuple[list[str], Report]]


@pytest.fixture
def run(make_box: MakeBox, tmp_path: Path) -> Run:
    """Runs a command with stand-ins for the real programs; gives their last arguments."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("go", "cargo", "ctest", "gradle", "node"):
        (programs / name).write_text(FAKE)
        (programs / name).chmod(0o755)
    notes = tmp_path / "notes"

    def run(command: str, **options: object) -> tuple[list[str], Report]:
        box: LocalBox = make_box({"a/b.js": ""})
        box.environment = {"PATH": f"{programs}:/usr/bin:/bin", "NOTES": str(notes)}
        report = run_checks(box, Request(command, **options))  # type: ignore[arg-type]
        text = notes.read_text() if notes.exists() else ""
        text = text.replace(str(box.root), "ROOT").replace(str(box.scratch), "SCRATCH")
        return text.splitlines(), report

    return run


@pytest.mark.parametrize(
    "command",
    [
        "go build ./...",
        "go vet",
        "cargo build --release",
        "cargo +nightly run -- test",
        "ctest -N",
        "ctest --version",
        "node a/b.js 'two words' ''",
    ],
)
def test_what_is_no_test_is_handed_on_as_it_is(run: Run, command: str) -> None:
    arguments, report = run(command)
    words = [word.strip("'") for word in command.replace("two words", "two_words").split()[1:]]
    assert arguments == [word.replace("two_words", "two words") for word in words]
    assert report.exit_code == 7


@pytest.mark.parametrize(
    ("command", "options", "expected"),
    [
        ("go test", {}, ["test", "-json", "-count=1"]),
        ("go test -count=3 ./...", {}, ["test", "-json", "-count=3", "./..."]),
        ("go test -run . ./a", {}, ["test", "-json", "-count=1", "-run", ".", "./a"]),
        (
            "go test ./... -args -x ./y",
            {"stop_early": True},
            ["test", "-json", "-failfast", "-count=1", "./...", "-args", "-x", "./y"],
        ),
        (
            "go test -v ./...",
            {"tests": ["example.com/m/a::TestB/c", "example.com/m::TestA"]},
            [
                *("test", "-json", "-count=1", "-run", "^(TestB|TestA)$"),
                *("example.com/m", "example.com/m/a", "-v"),
            ],
        ),
        (
            "go test -race -timeout 5s . ./b",
            {"tests": ["example.com/m/a"]},
            ["test", "-json", "-count=1", "example.com/m/a", "-race", "-timeout", "5s"],
        ),
    ],
)
def test_go_is_told_what_to_run(
    run: Run, command: str, options: dict[str, object], expected: list[str]
) -> None:
    assert run(command, **options)[0] == expected


def test_go_runs_nothing_where_nothing_of_the_module_was_asked_for(run: Run) -> None:
    arguments, report = run("go test ./...", tests=["example.com/other::TestA"])
    assert arguments == ["list", "-m"]
    assert (report.cases, report.exit_code) == ([], 0)


@pytest.mark.parametrize(
    ("command", "options", "expected"),
    [
        ("cargo test", {}, ["test", "--no-fail-fast"]),
        ("cargo test", {"stop_early": True}, ["test"]),
        ("cargo +1.70 test -p a", {}, ["+1.70", "test", "-p", "a", "--no-fail-fast"]),
        ("cargo t --no-fail-fast", {}, ["t", "--no-fail-fast"]),
        ("cargo test -- --ignored a", {}, ["test", "--no-fail-fast", "--", "--ignored", "a"]),
    ],
)
def test_cargo_goes_on_behind_a_failure(
    run: Run, command: str, options: dict[str, object], expected: list[str]
) -> None:
    assert run(command, **options)[0] == expected


def test_ctest_is_told_what_to_run(run: Run) -> None:
    arguments, _ = run("ctest -j4", tests=["a(b)", "c"], seconds_per_test=2.5, stop_early=True)
    assert arguments[:2] == ["-j4", "--output-junit"]
    assert arguments[3:] == ["-R", r"^(a\(b\)|c)$", "--timeout", "2.5", "--stop-on-failure"]


@pytest.mark.parametrize("command", ["gradle test", "sh -c 'gradle test'", "gradle test | cat"])
def test_gradle_gets_its_script_once(run: Run, command: str) -> None:
    arguments, _ = run(command)
    assert arguments.count("--init-script") == 1
    assert arguments[arguments.index("--init-script") + 1].endswith("/gradle/report.gradle")


@pytest.mark.parametrize(
    "command", ["go test ./...", "cargo test", "ctest", "gradle test", "node --test"]
)
def test_what_a_test_starts_is_handed_on_as_it_is(run: Run, command: str) -> None:
    arguments, _ = run(f"PATCHWRIGHT_OWNER=1 sh -c '{command}'")
    assert arguments == command.split()[1:]


@pytest.mark.parametrize(
    ("command", "owned"),
    [("go test", True), ("cargo test", True), ("ctest", True), ("go build", False)],
)
def test_what_reports_says_so_to_what_it_starts(
    run: Run, tmp_path: Path, command: str, owned: bool
) -> None:
    run(command)
    owner = (tmp_path / "notes.owner").read_text().strip()
    assert (owner != "owner=none") == owned


def test_a_program_that_is_not_there_is_not_found(run: Run) -> None:
    ours = '"$(dirname "$(command -v go)")"'
    arguments, report = run(f"cp {ours}/go {ours}/go-of-nowhere; go-of-nowhere test")
    assert (arguments, report.exit_code) == ([], 127)
    assert report.output == "go-of-nowhere: not found\n"
