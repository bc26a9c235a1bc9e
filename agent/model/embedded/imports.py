"""The files of a repository that a Python file may import."""

import ast
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath

_ROOTS = ("", "src", "lib")
"""Where packages lie, from a repository's root."""


def imported(path: str, text: str) -> list[str]:
    """The paths that a file's imports may mean, as they are looked for; none if it cannot be read.

    Whether such files are there is not known here; names of the standard library are not meant.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return []
    found: list[str] = []
    for stem in _stems(tree, PurePosixPath(path).parent):
        found += [f"{stem}.py", f"{stem}/__init__.py"]
    return list(dict.fromkeys(found))


def _stems(tree: ast.Module, folder: PurePosixPath) -> Iterator[PurePosixPath]:
    """Where the modules lie that are imported, without the ends of their names."""
    roots = [*map(PurePosixPath, _ROOTS), folder]
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                own = [alias.name for alias in names if not _is_standard(alias.name)]
                yield from (root / _parts(name) for name in own for root in roots)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                for root in () if _is_standard(module) else roots:
                    yield root / _parts(module)
                    yield from (root / _parts(module) / alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                above = [folder, *folder.parents][level - 1 : level]
                for base in above:
                    within = base / _parts(module or "")
                    yield within
                    yield from (within / alias.name for alias in names)


def _is_standard(name: str) -> bool:
    return name.split(".")[0] in sys.stdlib_module_names


def _parts(name: str) -> PurePosixPath:
    return PurePosixPath(*name.split(".")) if name else PurePosixPath()
