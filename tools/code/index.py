"""What is known of one tree of a repository: which files it has, and the outline of each."""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from time import monotonic

from tools.code import reading
from tools.code.cache import Key, OutlineCache
from tools.code.languages.maker import maker
from tools.code.outline import Outline, Words
from tools.code.parse import unparsed, words_of
from tools.code.triage import LARGEST, keep_out_path

Read = Callable[[Sequence[str]], Iterator[bytes]]
"""From blob ids to their bytes, in order, one after the other as they are asked for."""
Sizes = Callable[[Sequence[str]], Sequence[int | None]]
"""From blob ids to their sizes in bytes, None for one that is not there, as in a partial clone."""
Map = Callable[[Iterable[bytes]], Iterator[tuple[int, bytes | None]]]
"""Applies :func:`tools.code.reading.answer`: each item's number with its answer, as they come, None
for one that could not be answered. In production it is that of a pool of processes, because a
grammar is C code that a hostile file may crash."""

_TOGETHER = 256
"""Records written to the cache at a time."""


def here(requests: Iterable[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """The map that works in this process: for texts that are trusted not to crash a parser."""
    for number, request in enumerate(requests):
        yield number, reading.answer(request)


class Index:
    """The files of one tree with their outlines; made by :meth:`build`."""

    def __init__(
        self,
        entries: Sequence[tuple[str, str]],
        read: Read,
        cache: OutlineCache,
        outlines: Mapping[str, Outline],
        kept_out: Mapping[str, str],
    ) -> None:
        self.paths = tuple(path for path, _ in entries)
        """All files of the tree, those that are kept out too, in the order given."""
        self.outlines = outlines
        """By path, of every indexed file."""
        self.kept_out = kept_out
        """By path, why a file has no outline."""
        self.unread = tuple(
            path for path in self.paths if path not in outlines and path not in kept_out
        )
        """Files that were not read because the deadline came first."""
        self._blobs = dict(entries)
        self._read = read
        self._cache = cache

    @classmethod
    def build(
        cls,
        entries: Sequence[tuple[str, str]],
        read: Read,
        cache: OutlineCache,
        *,
        deadline: float | None = None,
        progress: Callable[[int, int], None] | None = None,
        priority: Sequence[str] = (),
        sizes: Sizes | None = None,
        map: Map = here,  # noqa: A002 - it is one
    ) -> "Index":
        """Look up what the cache has, read the rest, and keep that in the cache.

        Args:
            entries: Path and blob id of every regular file of the tree.
            read: Gives blobs.
            cache: Where records are looked up and kept.
            deadline: When to stop reading, on the clock of :func:`time.monotonic`; what is in
                hand then is still taken.
            progress: Told (done, total) of the files that had to be read.
            priority: Paths to read first, best first.
            sizes: Asked before ``read``, so that a blob that is huge or absent is not asked for.
            map: What does the reading.
        """
        kept_out = {path: why for path, _ in entries if (why := keep_out_path(path))}
        keys = {path: key(path, blob) for path, blob in entries if path not in kept_out}
        found = dict(_known(cache, dict.fromkeys(keys.values())))
        missing = _missing(keys, found, priority)
        if sizes is not None:
            found |= _unreadable(missing, sizes)
            missing = {one: path for one, path in missing.items() if one not in found}
        found |= dict(_fresh(missing, read, cache, map, deadline, progress or _ignore))
        outlines = {}
        for path, one in keys.items():
            outline_or_reason = found.get(one)
            if isinstance(outline_or_reason, Outline):
                outlines[path] = outline_or_reason
            elif outline_or_reason is not None:
                kept_out[path] = outline_or_reason
        return cls(entries, read, cache, outlines, kept_out)

    def words(self) -> Iterator[tuple[str, Words]]:
        """The words of every indexed file, one file at a time; nothing is kept."""
        for path in self.outlines:
            yield path, self.words_of(path)

    def words_of(self, path: str) -> Words:
        """The words of one indexed file."""
        wanted = key(path, self._blobs[path])
        for _, packed in self._cache.words([wanted]):
            with suppress(reading.BadRecord):
                return reading.unpack_words(packed)
        # Somebody threw the record away meanwhile. No parser runs here, where it could do harm.
        return words_of(self._bytes(path), self.outlines[path])

    def texts(self, paths: Sequence[str]) -> Iterator[str]:
        """The texts of several files of the tree, in order."""
        for data in self._read([self._blobs[path] for path in paths]):
            yield data.decode("utf-8", "replace")

    def text(self, path: str) -> str:
        """The text of a file of the tree; bytes that are no UTF-8 are replaced."""
        return self._bytes(path).decode("utf-8", "replace")

    def _bytes(self, path: str) -> bytes:
        return next(iter(self._read([self._blobs[path]])))


def key(path: str, blob: str) -> Key:
    """The key of a file's record: its bytes, and all that shapes what is made of them."""
    return blob, maker(path)


def _known(cache: OutlineCache, keys: Iterable[Key]) -> Iterator[tuple[Key, Outline | str]]:
    for one, packed in cache.outlines(keys):
        with suppress(reading.BadRecord):
            yield one, reading.unpack_outline(packed)


def _missing(
    keys: Mapping[str, Key], found: Mapping[Key, object], priority: Sequence[str]
) -> dict[Key, str]:
    """The keys that are not known with a path of each, in the order of reading."""
    missing: dict[Key, str] = {}
    for path in (*(path for path in priority if path in keys), *keys):
        if keys[path] not in found:
            missing.setdefault(keys[path], path)
    return missing


def _unreadable(missing: Collection[Key], sizes: Sizes) -> dict[Key, Outline | str]:
    """Why some of the blobs are not to be asked for."""
    found = zip(missing, sizes([blob for blob, _ in missing]), strict=True)
    return {
        one: "huge" if size is not None else "not in this clone"
        for one, size in found
        if size is None or size > LARGEST
    }


def _fresh(
    missing: Mapping[Key, str],
    read: Read,
    cache: OutlineCache,
    map: Map,  # noqa: A002 - it is one
    deadline: float | None,
    progress: Callable[[int, int], None],
) -> Iterator[tuple[Key, Outline | str]]:
    """Read files, keep their records, and yield their outlines."""
    waiting: dict[int, tuple[Key, bytes]] = {}
    records: list[tuple[Key, bytes, bytes]] = []
    answers = map(_requests(missing, read, deadline, waiting)) if missing else iter(())
    for done, (number, body) in enumerate(answers, start=1):
        one, data = waiting.pop(number)
        outline, words = reading.record(body) if body is not None else _died(data)
        records.append((one, outline, words))
        if len(records) == _TOGETHER:
            cache.put(records)
            records = []
        yield one, reading.unpack_outline(outline)
        progress(done, len(missing))
    cache.put(records)


def _requests(
    missing: Mapping[Key, str],
    read: Read,
    deadline: float | None,
    waiting: dict[int, tuple[Key, bytes]],
) -> Iterator[bytes]:
    blobs = read([blob for blob, _ in missing])
    with closing(_closable(blobs)) as contents:
        pairs = zip(missing.items(), contents, strict=True)
        for number, ((one, path), content) in enumerate(pairs):
            if deadline is not None and monotonic() > deadline:
                return
            data = content[: LARGEST + 1]  # enough to be seen as too large
            waiting[number] = one, data
            yield reading.request(path, data)


def _closable(items: Iterator[bytes]) -> Generator[bytes]:
    yield from items


def _died(data: bytes) -> tuple[bytes, bytes]:
    outline, words = unparsed(data, "parser died or took too long")
    return reading.pack_outline(outline), reading.pack_words(words)


def _ignore(done: int, total: int) -> None:
    pass
