"""Every action on a real repository in a real box; what the model would read is checked."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from doubles.repositories import make_repository
from doubles.story import PYTEST
from prompts import render
from sandbox.base import Limits
from sandbox.host import HostProvider
from tools.actions.base import Bench, excerpt
from tools.actions.catalogue import ACTIONS
from tools.actions.edit import nearest
from tools.git import ObjectStore
from tools.workspace import Workspace

FILES = {
    "a.py": "def f(x):\n    return x\n\n\ndef g(x):\n    return x\n",
    "deep/b.txt": "one\ntwo\nthree",
    "crlf.txt": "one\r\ntwo\r\n",
    "test_a.py": "from a import f\n\n\ndef test_f():\n    assert f(1) == 2\n",
    "; touch x $(id)\n.txt": "odd name\n",
}
Call = Callable[..., str]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    repository = make_repository(tmp_path / "repository", FILES)
    (repository / "binary").write_bytes(b"\x00\x01\xff")
    store = ObjectStore(tmp_path / "store")
    _, tree = store.fetch(repository)
    tree = store.snapshot(repository, tree)
    with Workspace.open(HostProvider().start(Limits(), run="test"), store, tree) as workspace:
        yield workspace


@pytest.fixture
def call(workspace: Workspace) -> Call:
    bench = Bench(workspace, PYTEST, test_timeout=60, seconds_per_test=10)

    def perform(name: str, **values: Any) -> str:
        action = ACTIONS[name]
        shown = action.perform(bench, action.arguments.model_validate(values))
        return render(f"observations/{name}", **shown)

    return perform


def text(workspace: Workspace, path: str) -> str:
    data = workspace.get(workspace.root / path)
    assert data is not None
    return data.decode()


def test_shell_tells_exit_code_and_both_streams_in_order(call: Call) -> None:
    assert call("shell", command="echo out; echo err >&2; exit 3") == "exit code 3\nout\nerr"


def test_shell_starts_in_the_root_without_input_each_time_anew(call: Call) -> None:
    call("shell", command="cd deep; x=1; exec true")
    assert call("shell", command="cat; ls a.py; echo [$x]") == "exit code 0\na.py\n[]"


def test_shell_cuts_the_middle_of_long_output_and_says_so(call: Call) -> None:
    shown = call("shell", command="seq 1 100000")
    assert len(shown) < 13_000
    assert shown.startswith("exit code 0\n1\n2\n")
    assert shown.endswith("99999\n100000")
    assert "lines were cut here" in shown


def test_shell_kills_what_runs_too_long(call: Call) -> None:
    shown = call("shell", command="echo before; sleep 60 & sleep 60", timeout=2)
    assert shown == "killed after 2.0 seconds, with everything it had started\nbefore"


def test_read_numbers_lines_and_says_how_to_go_on(call: Call) -> None:
    assert call("read", path="deep/b.txt", first=2, last=2).splitlines() == [
        "deep/b.txt, lines 2 to 2 of 3",
        "     2|two",
        "(1 more lines: read again from line 3)",
    ]
    assert call("read", path="deep/b.txt", first=9) == "deep/b.txt has only 3 lines."


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("nowhere.py", "There is no file nowhere.py."),
        ("deep", "There is no file deep."),
        ("binary", "binary is a binary file."),
    ],
)
def test_read_explains_what_it_cannot_show(call: Call, path: str, answer: str) -> None:
    assert call("read", path=path).startswith(answer)


def test_read_does_not_wait_for_a_pipe(call: Call) -> None:
    call("shell", command="mkfifo pipe")
    assert call("read", path="pipe").startswith("There is no file pipe.")


def test_search_finds_lines_by_regular_expression(call: Call) -> None:
    assert call("search", pattern=r"def \w\(").splitlines() == [
        "./a.py:1:def f(x):",
        "./a.py:5:def g(x):",
    ]
    assert "a.py" not in call("search", pattern="one", glob="*.txt")
    assert call("search", pattern="absent") == "Nothing under . matches absent"
    assert "regex parse error" in call("search", pattern="(") or "Unmatched" in call(
        "search", pattern="("
    )


def test_search_takes_odd_patterns_as_patterns(call: Call) -> None:
    assert call("search", pattern="--version; $(id)").startswith("Nothing")


def test_replace_wants_exactly_one_place(call: Call, workspace: Workspace) -> None:
    shown = call("edit", operation="replace", path="a.py", old="    return x\n", new="")
    assert shown.startswith("Not edited: `old` occurs 2 times")
    assert text(workspace, "a.py") == FILES["a.py"]
    old = "def g(x):\n    return x\n"
    new = "def g(x):\n    return -x\n"
    assert call("edit", operation="replace", path="a.py", old=old, new=new).startswith("Edited ")
    assert text(workspace, "a.py") == FILES["a.py"].replace(old, new)


def test_replace_without_a_match_shows_the_nearest_lines(call: Call) -> None:
    shown = call("edit", operation="replace", path="a.py", old="def g(y):\n  return x", new="")
    assert shown.splitlines()[1:] == ["     5|def g(x):", "     6|    return x"]


def test_replace_keeps_every_other_byte(call: Call, workspace: Workspace) -> None:
    call("edit", operation="replace", path="crlf.txt", old="one", new="ONE")
    call("edit", operation="replace", path="binary", old="\x01", new="x")
    assert workspace.get(workspace.root / "crlf.txt") == b"ONE\r\ntwo\r\n"
    assert workspace.get(workspace.root / "binary") == b"\x00x\xff"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (0, "new\none\ntwo\nthree"),
        (1, "one\nnew\ntwo\nthree"),
        (3, "one\ntwo\nthree\nnew\n"),
    ],
)
def test_insert(call: Call, workspace: Workspace, line: int, expected: str) -> None:
    call("edit", operation="insert", path="deep/b.txt", line=line, new="new")
    assert text(workspace, "deep/b.txt") == expected


def test_insert_beyond_the_end_is_refused(call: Call) -> None:
    shown = call("edit", operation="insert", path="deep/b.txt", line=9, new="x")
    assert shown == "Not edited: deep/b.txt has only 3 lines."


def test_create_makes_folders_and_delete_removes(call: Call, workspace: Workspace) -> None:
    call("edit", operation="create", path="new/folder/c d.py", new="x = 1\n")
    assert text(workspace, "new/folder/c d.py") == "x = 1\n"
    call("edit", operation="delete", path="new/folder/c d.py")
    assert workspace.get(workspace.root / "new/folder/c d.py") is None
    assert "Use the operation `create`" in call("edit", operation="delete", path="new/x")


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "deep/../../x"])
def test_edit_stays_in_the_repository(call: Call, path: str) -> None:
    shown = call("edit", operation="create", path=path, new="x")
    assert shown.startswith(f"Not edited: {path} is outside")


def test_run_tests_names_the_failure_and_ranks_the_lines(call: Call) -> None:
    shown = call("run_tests", coverage=True)
    assert shown.startswith("0 passed, 1 failed, 0 errors, 0 skipped in ")
    assert "FAILED test_a.py::test_f" in shown
    assert "assert 1 == 2" in shown
    assert "1.000 a.py:2 failing=1 passing=0" in shown


def test_snapshots_hold_what_changed_and_nothing_else(call: Call, workspace: Workspace) -> None:
    before = workspace.snapshot()
    call("shell", command="rm -rf .git; echo x > new; chmod +x a.py; rm -- ';'*")
    changed = workspace.snapshot()
    assert changed != before
    call("shell", command="git init -q; git add -A")
    assert workspace.snapshot() == changed


def test_a_workspace_can_be_moved_to_a_tree(call: Call, workspace: Workspace) -> None:
    before = workspace.snapshot()
    call("edit", operation="replace", path="crlf.txt", old="one", new="ONE")
    after = workspace.snapshot()
    call("shell", command="git --git-dir=.git checkout --quiet -- crlf.txt")
    assert workspace.snapshot() == before
    workspace.change_to(after)
    assert workspace.snapshot() == after


@pytest.mark.parametrize(("length", "cut"), [(10, False), (100, True)])
def test_excerpt_cuts_at_line_ends(length: int, cut: bool) -> None:
    whole = "".join(f"line {i}\n" for i in range(length))
    part = excerpt(whole, 120)
    assert bool(part.omitted) is cut
    assert whole.startswith(part.head)
    assert whole.endswith(part.tail)
    kept = part.head.count("\n") + part.tail.count("\n")
    assert kept + part.omitted == length


def test_nearest_survives_anything() -> None:
    assert nearest("", "x") == []
    assert nearest("a\nb\n", "a\nb\nc\nd\n") == [(1, "a"), (2, "b")]
