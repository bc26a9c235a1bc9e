"""Which of a repository's files belong to its tests.

The harness restores these from the base before a verdict, so that no patch grades itself. A file
called production by mistake could be tampered with; one called test by mistake is left out of the
patch. Names that test frameworks collect by default therefore count wherever they lie, but a word
in a name, as in ``latest.py`` or ``src/test_data_loader/read.py``, does not.
"""

import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

FOLDERS = frozenset(("tests", "__tests__", "__snapshots__", "__mocks__", "testdata"))
"""What lies in a folder of this name, at any depth, belongs to the tests."""

TOP_FOLDERS = frozenset(("test", "spec"))
"""These count at the repository's root and under ``src`` (``src/test/java``); deeper, packages ship
code under such names (``django/test``), unless the code is of a language where none does."""

NAMES = (
    # Python: https://docs.pytest.org/en/stable/explanation/goodpractices.html
    *("test_*.py", "*_test.py", "tests.py", "conftest.py", "pytest.ini", ".pytest.ini", "tox.ini"),
    # Go: https://pkg.go.dev/cmd/go#hdr-Test_packages
    "*_test.go",
    # JavaScript: https://jestjs.io/docs/configuration#testmatch-arraystring
    *("jest.config.*", "jest.setup.*", "vitest.config.*", "karma.conf.js", ".mocharc.*", "*.snap"),
    # Ruby, Elixir, Dart, PHP, Java, C++
    *("*_spec.rb", "*_test.rb", "*_test.exs", "*_test.dart", "*Test.php", "phpunit.xml*"),
    *("*Test.java", "*Tests.java", "*Test.kt", "*_test.cc", "*_test.cpp", "*_unittest.cc"),
)
"""Patterns of file names that belong to the tests in any folder."""

_SCRIPT_TEST = re.compile(r".+\.(test|spec)\.[cm]?[jt]sx?")
_NEVER_SHIPS_TEST_FOLDER = frozenset((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".rb", ".dart"))


def is_test_path(path: str) -> bool:
    """Whether this file, given relative to the repository's root, belongs to its tests."""
    file = PurePosixPath(path)
    folders = file.parts[:-1]
    return (
        not FOLDERS.isdisjoint(folders)
        or _in_top_folder(folders, file.suffix)
        or any(fnmatchcase(file.name, pattern) for pattern in NAMES)
        or _SCRIPT_TEST.fullmatch(file.name) is not None
    )


def _in_top_folder(folders: tuple[str, ...], suffix: str) -> bool:
    if suffix in _NEVER_SHIPS_TEST_FOLDER:
        return not TOP_FOLDERS.isdisjoint(folders)
    beneath = folders[folders.index("src") + 1 :] if "src" in folders else ()
    return bool(TOP_FOLDERS.intersection((*folders[:1], *beneath[:1])))
