"""A tree of a repository, indexed: which of its objects can be read, and what is in them."""

from collections.abc import Callable, Sequence

from tools.code.cache import OutlineCache
from tools.code.index import Index, Map, here
from tools.git import Objects


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
