"""The cache keeps what it is given, gives nothing that it was not given, and never raises."""

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tools.code import cache
from tools.code.cache import FILE, OutlineCache

ROOT = Path(__file__).parents[3]
KEYS = [(f"{number:040x}", "python@1") for number in range(200)]


def outline(number: int) -> bytes:
    return b"outline %d " % number * 50


def words(number: int) -> bytes:
    return b"words %d " % number * 400


def fill(store: OutlineCache) -> None:
    store.put((key, outline(number), words(number)) for number, key in enumerate(KEYS))


def check(store: OutlineCache) -> int:
    """How many records there are; each is what was put."""
    found = dict(store.outlines(KEYS))
    for key, content in found.items():
        assert content == outline(KEYS.index(key))
    for key, content in store.words(KEYS):
        assert content == words(KEYS.index(key))
    return len(found)


def is_whole(folder: Path) -> bool:
    """Whether a fresh object of the folder works again."""
    store = OutlineCache(folder)
    fill(store)
    whole = check(store) == len(KEYS)
    store.close()
    return whole and not store.trouble


@pytest.mark.parametrize("in_memory", [True, False])
def test_records_are_kept_and_given_in_the_order_of_the_keys(tmp_path: Path, in_memory: bool):
    store = OutlineCache(None if in_memory else tmp_path / "new" / "folder")
    fill(store)
    wanted = [KEYS[9], ("0" * 40, "other"), KEYS[3], ("f" * 40, "python@1")]
    assert list(store.outlines(wanted)) == [(KEYS[9], outline(9)), (KEYS[3], outline(3))]
    assert list(store.words(wanted)) == [(KEYS[9], words(9)), (KEYS[3], words(3))]
    store.put([(KEYS[3], b"new", b"newer")])
    assert dict(store.outlines([KEYS[3]])) == {KEYS[3]: b"new"}
    store.close()


def test_another_object_of_the_folder_sees_them(tmp_path: Path):
    first, second = OutlineCache(tmp_path), OutlineCache(tmp_path)
    fill(first)
    assert check(second) == len(KEYS)
    first.close()
    second.close()
    third = OutlineCache(tmp_path)
    assert check(third) == len(KEYS)
    third.close()


@pytest.mark.parametrize("seed", range(15))
def test_a_damaged_file_gives_only_what_is_undamaged(tmp_path: Path, seed: int):
    store = OutlineCache(tmp_path)
    fill(store)
    store.close()
    file = tmp_path / FILE
    generator = random.Random(seed)
    data = bytearray(file.read_bytes())
    for _ in range(generator.choice([1, 20, 400])):
        start = generator.randrange(len(data))
        length = generator.choice([1, 16, 4096])
        data[start : start + length] = generator.randbytes(len(data[start : start + length]))
    file.write_bytes(data)
    store = OutlineCache(tmp_path)
    check(store)
    store.close()
    assert is_whole(tmp_path)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.999])
def test_a_truncated_file_gives_only_what_is_there(tmp_path: Path, share: float):
    store = OutlineCache(tmp_path)
    fill(store)
    store.close()
    data = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(data[: int(len(data) * share)])
    store = OutlineCache(tmp_path)
    check(store)
    store.close()
    assert is_whole(tmp_path)


def test_a_file_that_breaks_while_it_is_open_is_begun_anew(tmp_path: Path):
    store = OutlineCache(tmp_path)
    fill(store)
    size = (tmp_path / FILE).stat().st_size
    (tmp_path / FILE).write_bytes(random.Random(1).randbytes(size))
    check(store)
    fill(store)
    store.close()
    assert is_whole(tmp_path)


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE records (blob, maker, day, outline, words)"],
        ["CREATE TABLE other (a)", "CREATE VIEW records AS SELECT a AS blob FROM other"],
        [cache._SCHEMA, "PRAGMA user_version = 99"],
        [
            cache._SCHEMA,
            f"PRAGMA user_version = {cache._VERSION}",
            "CREATE TRIGGER t AFTER INSERT ON records BEGIN DELETE FROM records; END",
        ],
    ],
    ids=["other columns", "a view", "another version", "a trigger"],
)
def test_a_database_that_is_not_ours_is_begun_anew(tmp_path: Path, statements: list[str]):
    database = sqlite3.connect(tmp_path / FILE)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()
    assert is_whole(tmp_path)


def test_a_file_that_is_no_database_is_begun_anew(tmp_path: Path):
    (tmp_path / FILE).write_text("hello\n" * 10_000)
    assert is_whole(tmp_path)


def test_values_of_another_type_are_no_records(tmp_path: Path):
    store = OutlineCache(tmp_path)
    fill(store)
    store.close()
    database = sqlite3.connect(tmp_path / FILE)
    database.execute("UPDATE records SET outline = 'text', words = 5, day = 'today'")
    database.commit()
    database.close()
    store = OutlineCache(tmp_path)
    assert check(store) == 0
    store.close()


def test_where_nothing_can_be_written_it_works_in_memory_and_says_so(tmp_path: Path):
    (tmp_path / "file").write_text("")
    store = OutlineCache(tmp_path / "file" / "folder")
    fill(store)
    assert check(store) == len(KEYS)
    assert "in memory only" in store.trouble
    store.close()


def test_a_folder_in_place_of_the_file_is_said(tmp_path: Path):
    (tmp_path / FILE / "x").mkdir(parents=True)
    store = OutlineCache(tmp_path)
    fill(store)
    assert check(store) == len(KEYS)
    assert "in memory only" in store.trouble
    store.close()


def test_a_file_that_another_holds_is_not_waited_for_long(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(cache, "_BUSY_MILLISECONDS", 50)
    other = OutlineCache(tmp_path)
    store = OutlineCache(tmp_path)
    other._database.execute("BEGIN EXCLUSIVE")
    fill(store)
    assert "not written" in store.trouble
    other._database.execute("ROLLBACK")
    fill(store)
    assert check(store) == len(KEYS)
    store.close()
    other.close()


def at(folder: Path, days: int, monkeypatch) -> OutlineCache:
    """The cache as it is opened so many days after 1 January 2030."""
    monkeypatch.setattr(cache, "time", lambda: (21_915 + days) * 24 * 3600)
    return OutlineCache(folder)


def test_what_nobody_asks_for_is_dropped_in_the_end(tmp_path: Path, monkeypatch):
    store = at(tmp_path, 0, monkeypatch)
    fill(store)
    store.close()
    store = at(tmp_path, 40, monkeypatch)
    assert len(list(store.outlines(KEYS[:5]))) == 5
    store.close()
    store = at(tmp_path, 60, monkeypatch)
    assert len(list(store.words(KEYS))) == len(KEYS)
    store.close()
    store = at(tmp_path, 61, monkeypatch)
    assert [key for key, _ in store.outlines(KEYS)] == KEYS[:5]
    store.close()


def test_a_file_that_grew_too_large_keeps_what_is_used_now(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(cache, "_MOST_BYTES", 10_000)
    monkeypatch.setattr(cache, "_TOUCHED_DAYS", 1)
    store = at(tmp_path, 0, monkeypatch)
    fill(store)
    store.close()
    store = at(tmp_path, 1, monkeypatch)
    assert len(list(store.outlines(KEYS[:5]))) == 5
    store.close()
    store = at(tmp_path, 2, monkeypatch)
    assert [key for key, _ in store.outlines(KEYS)] == KEYS[:5]
    store.close()


WRITER = """\
import random, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests/tools/code"]
import test_cache
from tools.code.cache import FILE, OutlineCache
generator = random.Random(sys.argv[3])
folder = Path(sys.argv[2])
for turn in range(12):
    store = OutlineCache(folder)
    places = generator.sample(range(len(test_cache.KEYS)), 60)
    store.put((test_cache.KEYS[n], test_cache.outline(n), test_cache.words(n)) for n in places)
    test_cache.check(store)
    if sys.argv[4] == "vandal" and turn % 5 == 0:
        with (folder / FILE).open("r+b") as file:
            file.seek(generator.randrange(8_000))
            file.write(generator.randbytes(2_000))
    store.close()
print("done")
"""


@pytest.mark.parametrize("manner", ["peaceful", "vandal"])
def test_several_processes_share_it(tmp_path: Path, manner: str):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, ROOT, tmp_path, str(number), manner],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for process in processes:
        out, errors = process.communicate(timeout=120)
        assert (out, process.returncode) == ("done\n", 0), errors
    if manner == "peaceful":
        store = OutlineCache(tmp_path)
        assert check(store) == len(KEYS)
        store.close()
    assert is_whole(tmp_path)


def test_a_process_that_is_killed_while_it_writes_leaves_a_whole_file(tmp_path: Path):
    script = WRITER.replace("range(12)", "range(100_000)")
    for pause in (0.2, 0.3, 0.4):
        process = subprocess.Popen([sys.executable, "-c", script, ROOT, tmp_path, "1", "peaceful"])
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(pause)
        process.kill()
        process.wait()
        store = OutlineCache(tmp_path)
        check(store)
        assert not store.trouble
        store.close()
    assert is_whole(tmp_path)
