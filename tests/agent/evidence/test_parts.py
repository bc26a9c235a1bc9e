"""What of a patch is judged, refused, and left out with a word on it."""

from pathlib import Path

import pytest

from agent.evidence.finding import Action
from agent.evidence.parts import Parts, divided
from doubles.suites import FILES, tree_with
from tools.git import ObjectStore


def parts(store: ObjectStore, after: dict[str, str], gone: tuple[str, ...] = ()) -> Parts:
    start = tree_with(store, FILES)
    kept = {path: text for path, text in FILES.items() if path not in gone}
    patched = tree_with(store, kept, after)
    return divided(store, start, store.changes(start, patched), patched)


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("tests/conftest.py", "test_configuration"),
        ("pytest.ini", "test_configuration"),
        ("tests/test_new.py", "test_files"),
        (".github/workflows/ci.yml", "pipelines"),
        (".gitlab-ci.yml", "pipelines"),
        ("junit.xml", "report_files"),
        ("target/surefire-reports/TEST-a.xml", "report_files"),
    ],
)
def test_what_has_a_say_in_the_judgement_is_left_out(
    store: ObjectStore, path: str, rule: str
) -> None:
    found = parts(store, {path: "x\n"})
    assert found.own == ()
    assert found.left_out == [path]
    assert [(f.rule, f.action) for f in found.findings] == [(rule, Action.LEFT_OUT)]


def test_a_deleted_and_a_skipped_test_are_called_so(store: ObjectStore) -> None:
    gone = parts(store, {}, gone=("tests/test_code.py",))
    assert gone.findings[0].text.endswith("the patch deletes it")
    skipped = {"tests/test_code.py": "import pytest\n@pytest.mark.skip\ndef test_bug(): pass\n"}
    assert "adds 'skip' to it" in parts(store, skipped).findings[0].text


def test_a_link_is_refused(store: ObjectStore) -> None:
    start = tree_with(store, FILES)
    patched = store.with_file(start, "data", b"/etc/passwd", mode="120000")
    found = divided(store, start, store.changes(start, patched), patched)
    assert [(f.rule, f.action, f.path) for f in found.findings] == [
        ("links", Action.REFUSED, "data")
    ]


def test_the_products_own_part_is_judged(store: ObjectStore) -> None:
    found = parts(store, {"code.py": "x = 1\n", "docs/a.md": "y\n"})
    assert [change.path for change in found.own] == ["code.py", "docs/a.md"]
    assert found.findings == ()
