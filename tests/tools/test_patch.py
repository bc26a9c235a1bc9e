from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.git import ObjectStore
from tools.patch import chosen, parse, places

LINES = st.lists(
    st.sampled_from(["a", "b", "-- a", "++ b", "diff --git a/x b/x", "@@ -1 +1 @@", ""])
)
TEXTS = st.builds(lambda lines, end: "\n".join(lines) + end, LINES, st.sampled_from(["", "\n"]))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ObjectStore:
    return ObjectStore(tmp_path_factory.mktemp("store"))


EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def tree_of(store: ObjectStore, files: dict[str, str]) -> str:
    tree = EMPTY
    store._git.git("hash-object", "-t", "tree", "-w", "--stdin")
    for path, text in files.items():
        tree = store.with_file(tree, path, text.encode())
    return tree


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(old=TEXTS, new=TEXTS, path=st.sampled_from(["a.py", "ä b.txt", 'quo"te', "tab\tbed"]))
def test_a_diff_of_gits_making_is_put_together_as_it_was(
    store: ObjectStore, old: str, new: str, path: str
) -> None:
    before, after = tree_of(store, {path: old}), tree_of(store, {path: new})
    diff = store.diff(before, after)
    files = parse(diff)
    assert [file.path for file in files] == ([path] if diff else [])
    assert chosen(files, places(files)) == diff
    for file in files:
        for hunk in file.hunks:
            lines = new.split("\n")
            assert all(lines[n - 1] == text.decode() for n, text in hunk.added.items())


def test_some_hunks_make_a_diff_that_git_applies(store: ObjectStore) -> None:
    lines = [f"line {number}\n" for number in range(60)]
    changed = list(lines)
    changed[5], changed[30], changed[55] = "five\n", "thirty\n", "fifty-five\n"
    before = tree_of(store, {"a": "".join(lines), "b": "x\n"})
    after = tree_of(store, {"a": "".join(changed), "c": "new\n"})
    files = parse(store.diff(before, after))
    assert [(f.path, f.whole, len(f.hunks)) for f in files] == [
        ("a", False, 3),
        ("b", True, 1),
        ("c", True, 1),
    ]
    tree = store.apply(before, chosen(files, [(0, 1), (2, 0)]))
    texts = {entry.path: store.get(entry.blob).decode() for entry in store.entries(tree)}
    lines[30] = "thirty\n"
    assert texts == {"a": "".join(lines), "b": "x\n", "c": "new\n"}


def test_a_binary_file_and_a_mode_are_taken_as_a_whole(store: ObjectStore, tmp_path: Path) -> None:
    before = tree_of(store, {"a": "x\0", "run": "x\n"})
    after = store.with_file(tree_of(store, {"a": "y\0"}), "run", b"x\n", mode="100755")
    files = parse(store.diff(before, after))
    assert [(file.path, file.whole) for file in files] == [("a", True), ("run", True)]
    assert store.apply(before, chosen(files, places(files))) == after
    assert store.apply(before, chosen(files, [(1, 0)])) != after


def test_a_carriage_return_is_part_of_a_line(store: ObjectStore) -> None:
    before = tree_of(store, {"a": "one\rtwo\r\nthree\n"})
    after = tree_of(store, {"a": "one\rTWO\r\nthree\n"})
    [file] = parse(store.diff(before, after))
    [hunk] = file.hunks
    assert (hunk.added, hunk.removed) == ({1: b"one\rTWO"}, {1: b"one\rtwo"})
