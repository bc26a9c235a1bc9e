"""A repository as those see it who look for its tests: names of files, and their texts."""

import json
import posixpath
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

LANGUAGES = {
    **dict.fromkeys((".py", ".pyx", ".pyi"), "Python"),
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts"), "JavaScript"),
    **dict.fromkeys((".vue", ".svelte"), "JavaScript"),
    ".go": "Go",
    ".rs": "Rust",
    **dict.fromkeys((".java", ".kt", ".groovy", ".scala"), "Java"),
    **dict.fromkeys((".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx"), "C++"),
    ".rb": "Ruby",
    ".php": "PHP",
    **dict.fromkeys((".pl", ".pm", ".t"), "Perl"),
}
"""The language of a file by its suffix; one that shares its test runners counts as another."""

FOREIGN = frozenset(
    (
        *("node_modules", "vendor", "third_party", "third-party", "external", "deps", "extern"),
        *("fixtures", "fixture", "__fixtures__", "testdata", "samples", "templates", "template"),
        *("example", "examples", "demo", "demos", "docs", "doc", "website", "bench", "benchmarks"),
    )
)
"""Folders that hold other projects' manifests, or ones that are only to be shown."""

Read = Callable[[str], str]


class Repository:
    """The files of one repository.

    Args:
        paths: Every file, relative to the repository's root.
        read: Returns the text of one of them, which may be cut off.
    """

    def __init__(self, paths: Sequence[str], read: Read) -> None:
        self.paths = sorted(paths, key=lambda path: (path.count("/"), path))
        self._known = frozenset(paths)
        self._read = read

    def __contains__(self, path: str) -> bool:
        return path in self._known

    def text(self, path: str) -> str:
        """The text of a file; empty where there is none."""
        return self._read(path) if path in self._known else ""

    def json(self, path: str) -> dict[str, Any]:
        """A JSON object; empty where there is none that makes sense."""
        try:
            value = json.loads(self.text(path) or "{}")
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def toml(self, path: str) -> dict[str, Any]:
        """A TOML document; empty where there is none that makes sense."""
        try:
            return tomllib.loads(self.text(path))
        except (ValueError, RecursionError):
            return {}

    def named(self, *patterns: str) -> list[str]:
        """The project's own files of these names, those nearest to the root first.

        A pattern with a slash is for whole paths, and its ``*`` crosses slashes.
        """
        return [path for path in self.paths if _fits(path, patterns) and not _is_foreign(path)]

    def beside(self, path: str, name: str) -> str:
        """The path of a file in the folder of another."""
        return posixpath.join(posixpath.dirname(path), name)

    def share(self, language: str) -> float:
        """How much of the source code, by number of files, is in a language; 0 to 1."""
        return self._languages[language] / max(1, self._languages.total())

    @cached_property
    def _languages(self) -> Counter[str]:
        suffixes = Counter(
            PurePosixPath(path).suffix for path in self.paths if not _is_foreign(path)
        )
        found: Counter[str] = Counter()
        for suffix, count in suffixes.items():
            if suffix in LANGUAGES:
                found[LANGUAGES[suffix]] += count
        return found


def section(table: Any, *names: str) -> dict[str, Any]:
    """A table within tables; empty where anything on the way is something else."""
    for name in names:
        table = table.get(name) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def in_folder(folder: str, command: str) -> str:
    """The command, run in a folder that is relative to the repository's root."""
    return f"cd {folder} && {command}" if folder else command


def _fits(path: str, patterns: Sequence[str]) -> bool:
    name = posixpath.basename(path)
    return any(fnmatchcase(path if "/" in p else name, p) for p in patterns)


def _is_foreign(path: str) -> bool:
    return not FOREIGN.isdisjoint(path.split("/")[:-1])
