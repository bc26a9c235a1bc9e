"""The index of a tree: what it reads, when, by whom, and that it is always the same."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from hashlib import sha1
from pathlib import Path
from time import monotonic

import pytest

from doubles.repositories import git, make_repository
from sandbox.workers import Workers
from tools.code import index as index_module
from tools.code import reading
from tools.code.cache import FILE, OutlineCache
from tools.code.index import Index, here
from tools.code.outline import Outline
from tools.code.parse import parse
from tools.code.triage import LARGEST, keep_out
from tools.git.objects import Objects
from tools.git.program import GitDirectory

SAMPLES = Path(__file__).parents[2] / "samples" / "code"
TREE = {path.stem: path.read_bytes() for path in sorted(SAMPLES.glob("*.txt"))} | {
    "README.md": b"# Title\n\nSome words.\n",
    "docs/empty.txt": b"",
    "logo.png": b"\x89PNG",
    "data.bin": b"a\0b",
    "uv.lock": b"locked",
    "copy/of/inventory.py": (SAMPLES / "inventory.py.txt").read_bytes(),
    "new\nline.py": b"def odd(): pass\n",
    "\udcff.py": b"def odd(): pass\n",
    "notes": b"def odd(): pass\n",
}


class Blobs:
    """Files by their ids, and which were asked for."""

    def __init__(self, tree: dict[str, bytes]) -> None:
        self.entries = [(path, sha1(data).hexdigest()) for path, data in tree.items()]
        self.contents = {sha1(data).hexdigest(): data for data in tree.values()}
        self.asked: list[str] = []

    def read(self, blobs: Sequence[str]) -> Iterator[bytes]:
        for blob in blobs:
            self.asked.append(blob)
            yield self.contents[blob]

    def sizes(self, blobs: Sequence[str]) -> list[int | None]:
        return [len(self.contents[blob]) if blob in self.contents else None for blob in blobs]

    def build(self, cache: OutlineCache, **options) -> Index:
        return Index.build(self.entries, self.read, cache, **options)


Caches = Callable[..., OutlineCache]


@pytest.fixture
def caches() -> Iterator[Caches]:
    """Opens caches, of a folder or in memory, that are closed in the end."""
    with ExitStack() as stack:
        yield lambda folder=None: stack.enter_context(closing(OutlineCache(folder)))


def whole(index: Index) -> str:
    """Everything an index says."""
    return repr((index.paths, index.outlines, index.kept_out, index.unread, list(index.words())))


def test_every_file_is_indexed_or_said_to_be_kept_out(caches: Caches):
    index = Blobs(TREE).build(caches())
    assert index.paths == tuple(TREE)
    assert index.kept_out == {"logo.png": "binary", "uv.lock": "lock file", "data.bin": "binary"}
    assert index.unread == ()
    assert set(index.outlines) == set(TREE) - set(index.kept_out)
    assert list(index.outlines) == [path for path in TREE if path in index.outlines]
    for path, outline in index.outlines.items():
        assert (outline, index.words_of(path)) == parse(TREE[path], path)


def test_a_blob_is_read_once_for_each_language_it_is_in(caches: Caches):
    blobs = Blobs(TREE)
    blobs.build(caches())
    odd = sha1(b"def odd(): pass\n").hexdigest()
    assert blobs.asked.count(odd) == 2  # as Python and as a text
    assert len(blobs.asked) == len(set(blobs.asked)) + 1


def test_texts_are_decoded_whatever_they_are(caches: Caches):
    blobs = Blobs({"a.txt": b"caf\xe9\n", "b.txt": "café\n".encode()})
    index = blobs.build(caches())
    assert (index.text("a.txt"), index.text("b.txt")) == ("caf\ufffd\n", "café\n")


def test_processes_and_this_one_give_the_same_every_time(tmp_path: Path, caches: Caches):
    expected = whole(Blobs(TREE).build(caches()))
    for number in range(3):
        with Workers("tools.code.reading:answer", count=2) as workers:
            built = Blobs(TREE).build(caches(tmp_path / str(number)), map=workers.map)
        assert whole(built) == expected


def test_what_the_cache_has_is_not_read_again(tmp_path: Path, caches: Caches):
    first = whole(Blobs(TREE).build(caches(tmp_path)))
    blobs = Blobs(TREE)
    assert whole(blobs.build(caches(tmp_path))) == first
    assert blobs.asked == []
    changed = Blobs(TREE | {"router.js": b"function other() {}\n"})
    index = changed.build(caches(tmp_path))
    assert changed.asked == [sha1(b"function other() {}\n").hexdigest()]
    assert [one.name for one in index.outlines["router.js"].definitions] == ["other"]


def test_a_renamed_file_is_read_again_only_in_another_language(tmp_path: Path, caches: Caches):
    Blobs({"a.py": b"x = 1\n"}).build(caches(tmp_path))
    renamed = Blobs({"b/c.py": b"x = 1\n", "d.rb": b"x = 1\n"})
    index = renamed.build(caches(tmp_path))
    assert len(renamed.asked) == 1
    assert index.outlines["d.rb"].language == "ruby"


def test_progress_counts_what_has_to_be_read(tmp_path: Path, caches: Caches):
    told: list[tuple[int, int]] = []
    blobs = Blobs({f"{number}.py": b"x = %d\n" % number for number in range(5)})
    blobs.build(caches(tmp_path), progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 5) for done in range(1, 6)]
    blobs.build(caches(tmp_path), progress=lambda done, total: told.append((done, total)))
    assert len(told) == 5


def test_after_the_deadline_what_is_not_read_is_said(tmp_path: Path, caches: Caches):
    index = Blobs(TREE).build(caches(tmp_path), deadline=monotonic() - 1)
    assert index.outlines == {}
    assert set(index.unread) == set(TREE) - {"logo.png", "uv.lock"}
    assert list(index.words()) == []


def test_files_that_matter_are_read_first_and_kept_when_time_is_up(tmp_path: Path, caches: Caches):
    blobs = Blobs({f"{number}.py": b"x = %d\n" % number for number in range(1_000)})
    clock = iter(range(100))

    def slow(requests):
        for number, request in enumerate(requests):
            next(clock)
            yield number, reading.answer(request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_module, "monotonic", lambda: next(clock))
        index = blobs.build(
            caches(tmp_path), deadline=20, priority=["700.py", "no/file", "5.py"], map=slow
        )
    assert {"700.py", "5.py", "0.py"} <= set(index.outlines)
    assert len(index.outlines) + len(index.unread) == 1_000
    assert len(index.outlines) < 20
    again = Blobs({"700.py": b"x = 700\n"})
    again.build(caches(tmp_path))
    assert again.asked == []


def test_a_file_that_kills_its_parser_is_cut_into_chunks_and_said(caches: Caches):
    def fragile(requests):
        for number, request in enumerate(requests):
            yield number, None if b"bomb" in request else reading.answer(request)

    index = Blobs({"a.py": b"bomb = 1\n", "b.py": b"x = 1\n"}).build(caches(), map=fragile)
    assert index.outlines["a.py"].trouble == "parser died or took too long"
    assert [one.kind for one in index.outlines["a.py"].definitions] == ["chunk"]
    assert index.words_of("a.py").terms == {"bomb": 1}
    assert index.outlines["b.py"].trouble == ""


@pytest.mark.parametrize(
    "data", [b"(" * 100_000, b"a<" * 20_000, b"-" * 300_000, b'"a",' * 400_000]
)
def test_a_hostile_file_costs_no_other_its_outline(data: bytes, caches: Caches):
    tree = {"bad.java": data, "bad.py": data, "good.py": b"def good(): pass\n"}
    with Workers("tools.code.reading:answer", count=2) as workers:
        index = Blobs(tree).build(caches(), map=workers.map)
    assert set(index.outlines) == set(tree)
    assert index.outlines["good.py"].definitions[0].name == "good"


def test_blobs_that_are_huge_or_absent_are_not_asked_for(caches: Caches):
    blobs = Blobs({"a.py": b"x = 1\n", "huge.py": b"#" * (LARGEST + 1), "gone.py": b"gone"})
    del blobs.contents[sha1(b"gone").hexdigest()]
    index = blobs.build(caches(), sizes=blobs.sizes)
    assert index.kept_out == {"huge.py": "huge", "gone.py": "not in this clone"}
    assert len(blobs.asked) == 1


def test_without_sizes_a_huge_file_is_kept_out_when_it_is_seen(caches: Caches):
    index = Blobs({"huge.py": b"x = 1;" * LARGEST}).build(caches())
    assert index.kept_out == {"huge.py": "huge"}


def test_words_are_there_when_the_cache_was_thrown_away_meanwhile(tmp_path: Path, caches: Caches):
    store = caches(tmp_path)
    index = Blobs(TREE).build(store)
    expected = dict(index.words())
    store._database.execute("DELETE FROM records")
    again = dict(index.words())
    assert again.keys() == expected.keys()
    for path, words in again.items():
        assert words.terms == expected[path].terms
        assert words.by_definition == expected[path].by_definition


def test_a_cache_that_is_damaged_changes_nothing_but_time(tmp_path: Path, caches: Caches):
    first = whole(Blobs(TREE).build(caches(tmp_path)))
    (tmp_path / FILE).write_bytes(b"\0" * 5_000)
    assert whole(Blobs(TREE).build(caches(tmp_path))) == first


def test_records_that_are_no_records_are_read_again(tmp_path: Path, caches: Caches):
    blobs = Blobs({"a.py": b"x = 1\n"})
    store = caches(tmp_path)
    key = index_module.key("a.py", blobs.entries[0][1])
    for outline in (b"", b"\xc1", b"\x05", b"\x95\x01\x02\x03\x04\x05"):
        store.put([(key, outline, b"\xc1")])
        index = blobs.build(store)
        assert [one.name for one in index.outlines["a.py"].definitions] == ["x"]
        store.put([(key, outline, b"\xc1")])
        assert index.words_of("a.py").terms == {"x": 1}


def test_an_outline_comes_back_as_it_was():
    for path, data in TREE.items():
        outline, words = parse(data, path)
        assert reading.unpack_outline(reading.pack_outline(outline)) == outline
        assert reading.unpack_words(reading.pack_words(words)) == words
        body = reading.answer(reading.request(path, data))
        found = reading.unpack_outline(reading.record(body)[0])
        assert found == (
            outline if isinstance(found, Outline) else keep_out(path, data, parsed=False)
        )


def test_the_tree_of_a_real_repository(tmp_path: Path, caches: Caches):
    files = {"a.py": "def f(): pass\n", "b/c.go": "package b\n\nfunc G() {}\n"}
    repository = make_repository(tmp_path / "repository", files)
    (repository / "link.py").symlink_to("link.py")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "a loop")
    objects = Objects(GitDirectory(tmp_path / "ours", borrow=repository / ".git" / "objects"))
    tree = objects.tree_of(git(repository, "rev-parse", "HEAD"))
    entries = [(entry.path, entry.blob) for entry in objects.entries(tree) if entry.regular]
    index = Index.build(entries, objects.get_many, caches(), sizes=objects.sizes)
    found = {path: [one.name for one in of.definitions] for path, of in index.outlines.items()}
    assert found == {"a.py": ["f"], "b/c.go": ["G"]}
    assert index.text("a.py") == files["a.py"]


def test_here_is_a_map():
    assert [number for number, _ in here([reading.request("a.py", b"")] * 3)] == [0, 1, 2]
