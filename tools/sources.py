"""A tree of a repository, read: what is in its files, and how it is tested."""

from collections.abc import Callable, Sequence

from tools.checks.frameworks import direct_command, find_command
from tools.code.cache import OutlineCache
from tools.code.index import Index, Map, here
from tools.git import Objects

_CONFIGURATION_BYTES = 1_000_000


def command_of(objects: Objects, tree: str, named: str | None = None) -> str | None:
    """The command that runs a tree's tests, or None when no framework is at home there.

    One that is named is taken as it is, but for tox and nox: what they would run is run directly.
    """
    blobs = {entry.path: entry.blob for entry in objects.entries(tree) if entry.regular}

    def read(path: str) -> str:
        return objects.get(blobs[path])[:_CONFIGURATION_BYTES].decode(errors="replace")

    if named:
        return direct_command(named, list(blobs), read)
    return find_command(list(blobs), read)


def index_tree(
    objects: Objects,
    tree: str,
    cache: OutlineCache,
    *,
    deadline: float | None = None,
    progress: Callable[[int, int], None] | None = None,
    priority: Sequence[str] = (),
    map: Map = here,  # noqa: A002 - it is one
) -> Index:
    """The index of a tree; links and submodules are no files.

    The keyword arguments are those of :meth:`Index.build`.
    """
    return Index.build(
        [(entry.path, entry.blob) for entry in objects.entries(tree) if entry.regular],
        objects.get_many,
        cache,
        deadline=deadline,
        progress=progress,
        priority=priority,
        sizes=objects.sizes,
        map=map,
    )
