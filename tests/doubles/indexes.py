"""Indexes of files in memory, made by the real parser."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tools.code.cache import OutlineCache
from tools.code.index import Index


def make_index(files: Mapping[str, str], folder: Path | None = None) -> Index:
    """The index of these files; its cache lies in the folder, or in memory."""

    def read(blobs: Sequence[str]) -> Iterator[bytes]:
        return (files[blob.removeprefix("blob ")].encode() for blob in blobs)

    entries = [(path, f"blob {path}") for path in files]
    return Index.build(entries, read, OutlineCache(folder))
