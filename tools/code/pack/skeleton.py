"""The repository's files as a tree, folded until it fits its share of the budget.

It depends on the paths and the share alone, not on the issue, so that a server's prefix cache
serves it for every issue of a commit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from tools.checks.suite_files import is_test_path
from tools.code.pack.quoting import shown_path
from tools.code.pack.weight import weigh

_NAMES = 60
"""Files of one folder that are listed by name; the others are counted."""

_DEEPEST = 40
"""Folders inside each other; what lies deeper is named by its path from there."""

_TESTS_WAIT = 3
"""Levels by which the folders of tests are unfolded later."""


@dataclass(slots=True, eq=False)
class _Folder:
    path: str
    name: str
    folders: dict[str, "_Folder"] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    kept_out: int = 0
    total: int = 0
    depth: int = 0
    unfolded: "list[_Folder] | None" = None
    """The folders in it, once it is unfolded."""

    def unfolding(self) -> "list[_Folder]":
        """The folders in it, a chain of folders with nothing else in them as one."""
        return [_end_of_chain(folder, self.depth + 1) for folder in self.folders.values()]

    @property
    def line(self) -> str:
        """Its own line, with the number of files as long as it is folded."""
        indent = "  " * self.depth
        count = f" ({self.total} file{'s' * (self.total > 1)})" if self.unfolded is None else ""
        return f"{indent}{shown_path(f'{self.name}/')}{count}"

    @property
    def names(self) -> str:
        """Its own files in one line."""
        names = [shown_path(name) for name in self.files[:_NAMES]]
        more = len(self.files) - len(names) + self.kept_out
        return " ".join([*names, *([f"(+{more})"] if more else [])])


def skeleton(paths: Sequence[str], kept_out: Mapping[str, str], room: int) -> list[str]:
    """The tree's lines, of ``room`` units at most; none where the first level does not fit.

    Folders are unfolded level by level, those of tests later; a folder that does not fit stays
    one line with the number of files in it. Files that are kept out are counted, not named.
    """
    root = _tree(paths, kept_out)
    room -= weigh(root.line)
    queue = [(0, "", root)]
    while queue:
        _, _, folder = heappop(queue)
        folded = weigh(folder.line)
        inner = folder.unfolded = folder.unfolding()
        cost = weigh("\n".join([folder.line, *(child.line for child in inner), folder.names]))
        if cost - folded > room:
            folder.unfolded = None
        else:
            room -= cost - folded
            for child in inner:
                wait = _TESTS_WAIT if is_test_path(f"{child.path}/x") else 0
                heappush(queue, (child.depth + wait, child.path, child))
    return list(_lines(root)) if root.unfolded is not None and paths else []


def _tree(paths: Sequence[str], kept_out: Mapping[str, str]) -> _Folder:
    root = _Folder("", ".")
    for path in paths:
        folder = root
        folder.total += 1
        *parents, name = path.split("/", _DEEPEST)
        for part in parents:
            if part not in folder.folders:
                folder.folders[part] = _Folder(f"{folder.path}/{part}".lstrip("/"), part)
            folder = folder.folders[part]
            folder.total += 1
        if path in kept_out:
            folder.kept_out += 1
        else:
            folder.files.append(name)
    return root


def _end_of_chain(folder: _Folder, depth: int) -> _Folder:
    names = [folder.name]
    while len(folder.folders) == 1 and not folder.files and not folder.kept_out:
        (folder,) = folder.folders.values()
        names.append(folder.name)
    folder.name, folder.depth = "/".join(names), depth
    return folder


def _lines(root: _Folder) -> Iterator[str]:
    # A stack of our own: folders may be nested deeper than Python calls may.
    stack: list[_Folder | str] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
            continue
        yield item.line
        if item.unfolded is not None:
            if item.names:
                stack.append(f"{'  ' * (item.depth + 1)}{item.names}")
            stack.extend(reversed(item.unfolded))
