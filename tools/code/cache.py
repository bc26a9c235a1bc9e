"""Records of files that were read before, in one SQLite file that several processes share.

Nothing in the file is trusted. A record carries its checksum and is dropped when that is wrong; a
file that is no database, is damaged, or has another schema than ours is thrown away and begun anew.
Losing it costs time only, so writes are not synchronised with the disk, and a write that cannot be
made is dropped and told in :attr:`OutlineCache.trouble`.

A record's key is the blob's id and a name that says what made it: see :func:`tools.code.index.key`.
"""

import contextlib
import fcntl
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from time import time

Key = tuple[str, str]
"""Blob id and maker."""

FILE = "outlines.sqlite"
_DAY = 24 * 3600
_KEPT_DAYS = 60
"""A record that no run has asked for in so many days is dropped."""
_MOST_BYTES = 1024**3
"""A larger file is emptied of all that no run has asked for since yesterday."""
_TOUCHED_DAYS = 7
"""A record's day of last use is written again only when it is that old."""
_BUSY_MILLISECONDS = 5_000
_CHECK = 4
_SCHEMA = (
    "CREATE TABLE records (blob TEXT NOT NULL, maker TEXT NOT NULL, day INTEGER NOT NULL, "
    "outline BLOB NOT NULL, words BLOB NOT NULL, PRIMARY KEY (blob, maker))"
)
_VERSION = 1
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
"""The last is what a statement gives that names a table that is there no longer."""


class OutlineCache:
    """The cache in a folder; without one, it lives in memory as long as the object does."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._today = int(time() // _DAY)
        self.trouble = ""
        """Why the cache is not in its folder, or what could not be written to it."""
        self._database = self._open()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def outlines(self, keys: Iterable[Key]) -> Iterator[tuple[Key, bytes]]:
        """The outlines that are there, in the order of the keys."""
        stale = []
        for key, (outline, day) in self._select("outline, day", keys):
            if self._today - day >= _TOUCHED_DAYS:
                stale.append((self._today, *key))
            yield key, outline
        if stale:
            self._write("UPDATE records SET day = ? WHERE blob = ? AND maker = ?", stale)

    def words(self, keys: Iterable[Key]) -> Iterator[tuple[Key, bytes]]:
        """The words that are there, in the order of the keys."""
        for key, (words, _) in self._select("words, day", keys):
            yield key, words

    def put(self, records: Iterable[tuple[Key, bytes, bytes]]) -> None:
        """Keep records, each a key, an outline and words."""
        rows = [
            (*key, self._today, _sealed(key, outline), _sealed(key, words))
            for key, outline, words in records
        ]
        self._write("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)", rows)

    def _select(self, columns: str, keys: Iterable[Key]) -> Iterator[tuple[Key, tuple[bytes, int]]]:
        statement = f"SELECT {columns} FROM records WHERE blob = ? AND maker = ?"  # noqa: S608 - ours
        for key in keys:
            try:
                row = self._database.execute(statement, key).fetchone()
            except sqlite3.DatabaseError as error:
                self._give_up(error, "not read")
                return
            if row is not None and (content := _unsealed(key, row[0])) is not None:
                yield key, (content, row[1] if isinstance(row[1], int) else 0)

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        try:
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                self._database.executemany(statement, rows)
        except sqlite3.DatabaseError as error:
            self._give_up(error, "not written")

    def _open(self) -> sqlite3.Connection:
        if self._folder is None:
            return _created(sqlite3.connect(":memory:"))
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with _alone(self._folder):
                return self._open_file(self._folder / FILE)
        except (OSError, sqlite3.DatabaseError) as error:
            self.trouble = f"kept in memory only: {error}"
            return _created(sqlite3.connect(":memory:"))

    def _open_file(self, path: Path) -> sqlite3.Connection:
        try:
            database = _connect(path)
            if _is_ours(database):
                _prune(database, self._today, path.stat().st_size)
                return database
            database.close()
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        for leftover in (path, path.with_name(f"{FILE}-journal")):
            leftover.unlink(missing_ok=True)
        return _created(_connect(path))

    def _give_up(self, error: sqlite3.DatabaseError, what: str) -> None:
        """Begin anew when the file is damaged; say so when it is busy, full or read-only."""
        if not _is_damage(error):
            self.trouble = f"{what}: {error}"
            return
        # Other processes that have the file open go on with theirs until they end.
        self._database.close()
        if self._folder is not None:
            with contextlib.suppress(OSError), _alone(self._folder):
                (self._folder / FILE).unlink(missing_ok=True)
        self._database = self._open()


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_MILLISECONDS / 1000)
    database.text_factory = bytes  # a damaged text must not fail to decode
    # One file that a dead process cannot leave half written: a rollback journal and not a
    # write-ahead log, which would have to be thrown away together with it.
    for pragma in ("journal_mode = TRUNCATE", "synchronous = OFF", "trusted_schema = OFF"):
        database.execute(f"PRAGMA {pragma}")
    return database


def _prune(database: sqlite3.Connection, today: int, size: int) -> None:
    """Once a day, drop what nobody has asked for in a long time, and more when there is too much.

    The file's application id, which SQLite leaves to its user, holds the day it was last done.
    """
    (last,) = database.execute("PRAGMA application_id").fetchone()
    if last == today:
        return
    oldest = today - (_KEPT_DAYS if size < _MOST_BYTES else 1)
    with contextlib.suppress(sqlite3.OperationalError):  # busy: another does it, or tomorrow will
        database.execute("DELETE FROM records WHERE day < ?", (oldest,))
        database.execute(f"PRAGMA application_id = {today}")


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _DAMAGE


def _created(database: sqlite3.Connection) -> sqlite3.Connection:
    database.execute(_SCHEMA)
    database.execute(f"PRAGMA user_version = {_VERSION}")
    return database


def _is_ours(database: sqlite3.Connection) -> bool:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    schema = database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return bool(version == _VERSION and schema == [(_SCHEMA.encode(),)])


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that no two processes look at the file and replace it at once."""
    with (folder / f"{FILE}.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sealed(key: Key, content: bytes) -> bytes:
    return _seal(key, content) + content


def _unsealed(key: Key, stored: object) -> bytes | None:
    if not isinstance(stored, bytes):
        return None
    content = stored[_CHECK:]
    return content if stored[:_CHECK] == _seal(key, content) else None


def _seal(key: Key, content: bytes) -> bytes:
    # With the key, because a damaged page may lead from one key to the record of another.
    return zlib.crc32(content, zlib.crc32(repr(key).encode())).to_bytes(_CHECK)
