import re

from hypothesis import given
from hypothesis import strategies as st

from tools.code.pack.skeleton import skeleton
from tools.code.pack.weight import weigh

PATHS = [
    "README.md",
    "docs/index.rst",
    "src/main/java/App.java",
    "src/main/java/Tool.java",
    "tests/test_a.py",
    "tests/data/x.json",
]

names = st.text(st.sampled_from("ab\n `\u202e"), min_size=1, max_size=4)
trees = st.lists(st.lists(names, min_size=1, max_size=5).map("/".join), max_size=25, unique=True)


def test_with_room_enough_every_file_is_named() -> None:
    assert skeleton(PATHS, {}, 10_000) == [
        "./",
        "  docs/",
        "    index.rst",
        "  src/main/java/",
        "    App.java Tool.java",
        "  tests/",
        "    data/",
        "      x.json",
        "    test_a.py",
        "  README.md",
    ]


def test_with_less_the_deeper_and_the_tests_stay_folded() -> None:
    assert skeleton(PATHS, {}, 110) == [
        "./",
        "  docs/",
        "    index.rst",
        "  src/main/java/",
        "    App.java Tool.java",
        "  tests/ (2 files)",
        "  README.md",
    ]
    assert skeleton(PATHS, {}, 20) == []


def test_what_is_kept_out_is_counted() -> None:
    paths = ["a.py", *(f"b{i}.png" for i in range(3)), *(f"c{i:03}.py" for i in range(100))]
    kept_out = dict.fromkeys(paths[1:4], "binary")
    (root, files) = skeleton(paths, kept_out, 10_000)
    assert root == "./"
    assert files.split()[:2] == ["a.py", "c000.py"]
    assert files.endswith(" (+44)")


def test_folders_nested_very_deep_are_no_trouble() -> None:
    path = "/".join("d" * 2000)
    lines = skeleton([path, "a/b"], {}, 100_000)
    assert lines[0] == "./"
    assert "/".join("d" * 1900) in "".join(lines)


@given(trees, st.integers(0, 600))
def test_every_line_is_one_line_and_every_file_is_accounted_for(
    paths: list[str], room: int
) -> None:
    lines = skeleton(paths, {}, room)
    assert all(line.isprintable() for line in lines)
    assert weigh("\n".join(lines)) <= room
    if not lines:
        return
    folded = sum(
        int(count)
        for count in re.findall(r"/\"? \((\d+) files?\)$", "\n".join(lines), re.MULTILINE)
    )
    names = [line for line in lines if not re.search(r"/\"?(?: \(\d+ files?\))?$", line)]
    quoted = r'"(?:[^"\\]|\\.)*"|[^\s"]+'
    listed = sum(len(re.findall(quoted, line)) for line in names)
    assert folded + listed == len(paths)
