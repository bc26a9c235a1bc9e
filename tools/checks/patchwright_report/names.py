"""What tests are called, and which of them were asked for.

pytest's node ids begin with a path from its root folder, which follows from the command's own
arguments. The names here begin with the path from the repository's root, whatever the command.
"""

import os

import pytest


class Names:
    """Turns node ids into names."""

    def __init__(self, root: str, config: "pytest.Config") -> None:
        self._roots = [root, os.path.realpath(root)]
        self._pytest_root = str(getattr(config, "rootpath", None) or config.rootdir)  # type: ignore[attr-defined]

    def of(self, item: "pytest.Item") -> str:
        """The name of one test."""
        path = getattr(item, "path", None)
        # Older pytest has no `path`, and somebody's own kind of item may use the word otherwise.
        file = str(path if isinstance(path, os.PathLike) else item.fspath)
        return self._join(file, item.nodeid)

    def of_node(self, nodeid: str) -> str:
        """The name of what has this node id: a file that could not be collected, for one."""
        return self._join(os.path.join(self._pytest_root, nodeid.partition("::")[0]), nodeid)

    def _join(self, file: str, nodeid: str) -> str:
        _, separator, rest = nodeid.partition("::")
        return self._relative(os.path.normpath(file)) + separator + rest

    def _relative(self, path: str) -> str:
        for root in self._roots:
            if path == root or path.startswith(root + os.sep):
                return path[len(root) + 1 :] or "."
        return path


class Selection:
    """The tests that were asked for: by name, by class, by file or by folder."""

    def __init__(self, root: str, names: "list[str]") -> None:
        self._root = root
        self._names = {name.rstrip("/") for name in names}
        self._files = list(dict.fromkeys(name.partition("::")[0] for name in names))

    def arguments(self) -> "list[str]":
        """Paths that pytest has to collect to find them; what is not there is left out.

        Whole files, not node ids: one id that does not exist would end the whole run.
        """
        paths = [os.path.join(self._root, file) for file in self._files]
        return [path for path in paths if os.path.exists(path)]

    def holds(self, name: str) -> bool:
        """Whether this test, or something that it lies in, was asked for."""
        return name in self._names or any(outer in self._names for outer in _outer(name))


def _outer(name: str) -> "list[str]":
    """What a test lies in: its function without parameters, its classes, its file, its folders."""
    file, _, rest = name.partition("::")
    parts = rest.partition("[")[0].split("::")
    found = ["::".join([file, *parts[:count]]) for count in range(len(parts), 0, -1)]
    while file not in ("", os.sep):
        found.append(file)
        file = os.path.dirname(file)
    return found
