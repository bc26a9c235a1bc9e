"""Tests that have no say are cut out of their files; what cannot be told apart stays."""

from pathlib import Path

import pytest

from agent.evidence.excision import without
from doubles.suites import tree_with
from tools.git import ObjectStore

PYTHON = """\
import pytest

SOME = 1


def helper():
    return 1


# Shows it.
@pytest.mark.slow
def test_one():
    assert helper()


class TestTwo:
    def test_three(self):
        def inner():
            return 1

        assert inner()

    def test_four(self):
        assert SOME


def test_five():
    assert True
"""


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "store")


def cut(
    store: ObjectStore, files: dict[str, str], unwanted: list[str], wanted: list[str], **base: str
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The files that are left, and the names that are gone."""
    before = tree_with(store, {"code.py": ""}, base)
    tree = tree_with(store, {"code.py": ""}, base, files)
    excision = without(store, before, tree, unwanted, wanted)
    left = {e.path: store.get(e.blob).decode() for e in store.entries(excision.tree)}
    return {path: text for path, text in left.items() if path != "code.py"}, excision.cut


def test_a_function_goes_with_what_belongs_to_it(store: ObjectStore) -> None:
    left, gone = cut(
        store, {"test_a.py": PYTHON}, ["test_a.py::test_one"], ["test_a.py::test_five"]
    )
    start, end = PYTHON.index("\n\n# Shows"), PYTHON.index("\n\nclass")
    assert left == {"test_a.py": PYTHON[:start] + PYTHON[end:]}
    assert gone == ("test_a.py::test_one",)


@pytest.mark.parametrize("form", ["test_a.py::TestTwo::{}", "test_a.TestTwo.{}"])
def test_a_class_goes_with_its_last_method(store: ObjectStore, form: str) -> None:
    three, four = form.format("test_three"), form.format("test_four[x]")
    left, gone = cut(store, {"test_a.py": PYTHON}, [three], [four])
    assert "test_three" not in left["test_a.py"]
    assert "class TestTwo:\n\n    def test_four" in left["test_a.py"]
    left, gone = cut(store, {"test_a.py": PYTHON}, [three, four], [])
    assert "TestTwo" not in left["test_a.py"]
    assert "def test_five" in left["test_a.py"]
    assert gone == (three, four)


def test_a_new_file_of_nothing_else_goes_as_a_whole(store: ObjectStore) -> None:
    text = "import x\n\n\ndef test_one():\n    assert x\n"
    left, gone = cut(store, {"test_b.py": text, "test_a.py": PYTHON}, ["test_b.py::test_one"], [])
    assert left == {"test_a.py": PYTHON}
    assert gone == ("test_b.py::test_one",)


def test_of_a_test_with_parameters_all_cases_stay_or_go(store: ObjectStore) -> None:
    cases = ["test_a.py::test_five[1]", "test_a.py::test_five[2]"]
    assert cut(store, {"test_a.py": PYTHON}, cases[:1], cases[1:])[1] == ()
    assert cut(store, {"test_a.py": PYTHON}, cases, [])[1] == tuple(cases)


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("half.test.js", "test('one', () => { throw new Error('x'); });\n", "half.test.js::one"),
        ("test_a.py", "def test_one():\n    x = (\n", "test_a.py::test_one"),
        ("test_a.py", PYTHON, "test_a.py::test_nowhere"),
        ("test_a.py", PYTHON, "elsewhere.py::test_one"),
        ("test_a.py", PYTHON + "\n\n" + PYTHON, "test_a.py::test_one"),
    ],
)
def test_what_cannot_be_told_stays(store: ObjectStore, path: str, text: str, name: str) -> None:
    assert cut(store, {path: text}, [name], []) == ({path: text}, ())


def test_what_was_there_before_stays(store: ObjectStore) -> None:
    before = {"test_a.py": "def test_one():\n    assert 1\n"}
    after = {"test_a.py": before["test_a.py"] + "\n\ndef test_two():\n    assert 0\n"}
    names = ["test_a.py::test_one", "test_a.py::test_two"]
    left, gone = cut(store, after, names, [], **before)
    assert (left, gone) == (before, ("test_a.py::test_two",))


@pytest.mark.parametrize(
    ("path", "text", "name", "left"),
    [
        (
            "src/test/java/com/example/HalfTest.java",
            "class HalfTest {\n    @Test\n    void even() {}\n\n    @Test\n    void odd() {}\n}\n",
            "com.example.HalfTest#odd",
            "class HalfTest {\n    @Test\n    void even() {}\n}\n",
        ),
        (
            "test/half_test.rb",
            "class A < T\n  def test_one\n    x\n  end\n\n  def test_two\n    y\n  end\nend\n",
            "test/half_test.rb::A#test_two",
            "class A < T\n  def test_one\n    x\n  end\nend\n",
        ),
        (
            "t/ATest.php",
            "<?php\nclass ATest extends T\n{\n    function testA() {}\n\n"
            "    function testB() {}\n}\n",
            "t/ATest.php::testB",
            "<?php\nclass ATest extends T\n{\n    function testA() {}\n}\n",
        ),
    ],
)
def test_other_languages(store: ObjectStore, path: str, text: str, name: str, left: str) -> None:
    assert cut(store, {path: text}, [name], []) == ({path: left}, (name,))
