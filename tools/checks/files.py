"""Which files tests are in, as their names tell."""

import re
from collections.abc import Collection, Sequence

_SEPARATORS = re.compile(r"::| > |\s|#|\[")


def files_of(tests: Sequence[str], paths: Collection[str]) -> list[str]:
    """The files of the tests, each once, in the order of the tests.

    A name begins with its file's path (pytest, Jest) or is dotted like a module or class (unittest,
    JUnit); tests whose file cannot be told are passed over.

    Args:
        tests: Names of tests, as their frameworks write them.
        paths: Every file of the repository.
    """
    known = frozenset(paths)
    stems: dict[str, list[str]] = {}
    for path in paths:
        stems.setdefault(path.rpartition("/")[2].partition(".")[0], []).append(path)
    found = (_file(name, known, stems) for name in tests)
    return list(dict.fromkeys(path for path in found if path))


def _file(name: str, known: frozenset[str], stems: dict[str, list[str]]) -> str:
    head = _SEPARATORS.split(name)[0]
    if head in known:
        return head
    parts = head.split(".")
    if len(parts) == 1:
        # A bare word is a name that somebody gave, not a module's.
        return ""
    for end in range(len(parts), 0, -1):
        ending = "/".join(parts[:end])
        for path in sorted(stems.get(parts[end - 1], ()), key=len):
            if f"/{path.partition('.')[0]}".endswith(f"/{ending}"):
                return path
    return ""
