import pytest

from tools.checks.files import files_of

PATHS = [
    *("tests/test_a.py", "tests/sub/test_b.py", "polls/tests.py", "test/half.test.js"),
    *("src/test/java/com/example/HalfTest.java", "src/main/java/com/example/Half.java"),
]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("tests/test_a.py::TestX::test_y[a::b]", "tests/test_a.py"),
        ("tests/sub/test_b.py", "tests/sub/test_b.py"),
        ("test/half.test.js > halves > is half", "test/half.test.js"),
        ("polls.tests.PollTests.test_one", "polls/tests.py"),
        ("com.example.HalfTest#halves", "src/test/java/com/example/HalfTest.java"),
        ("sub.test_b.Case.test", "tests/sub/test_b.py"),
        ("half of four", None),
        ("", None),
    ],
)
def test_a_name_tells_its_file_or_nothing(name: str, file: str | None) -> None:
    assert files_of([name], PATHS) == ([file] if file else [])


def test_each_file_is_told_once_in_the_order_of_the_tests() -> None:
    names = ["tests/sub/test_b.py::x", "tests/test_a.py::y", "tests/sub/test_b.py::z"]
    assert files_of(names, PATHS) == ["tests/sub/test_b.py", "tests/test_a.py"]
