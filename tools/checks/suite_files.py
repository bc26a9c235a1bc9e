"""Which of a repository's files belong to its tests, and which say how these are run.

The harness restores these from the base before a verdict, so that no patch grades itself. A file
called production by mistake could be tampered with; one called test by mistake is left out of the
patch. Names that test frameworks collect by default therefore count wherever they lie, but a word
in a name, as in ``latest.py`` or ``src/test_data_loader/read.py``, does not.
"""

import re
from fnmatch import translate
from functools import cache
from pathlib import PurePosixPath
from posixpath import splitext

FOLDERS = frozenset(
    (
        *("tests", "Tests", "__tests__", "__snapshots__", "__mocks__", "__fixtures__"),
        *("testdata", "test-data", "test_data", "unittests", "e2e"),
    )
)
"""What lies in a folder of this name, at any depth, belongs to the tests."""

TOP_FOLDERS = frozenset(("test", "spec", "specs", "integration-tests"))
"""These count at the repository's root and under ``src`` (``src/test/java``); deeper, packages ship
code under such names (``django/test``), unless the code is of a language where none does."""

SOURCE_SETS = frozenset(("it", "androidTest", "integrationTest", "testFixtures", "functionalTest"))
"""Maven's, Gradle's and Android's names for folders of tests, which count under ``src``."""

NAMES = (
    # Python: https://docs.pytest.org/en/stable/explanation/goodpractices.html
    *("test_*.py", "*_test.py", "*_tests.py", "tests.py"),
    # Go: https://pkg.go.dev/cmd/go#hdr-Test_packages
    "*_test.go",
    # Rust: a module of its own beside the one that it tests
    *("tests.rs", "test.rs", "*_test.rs", "*_tests.rs"),
    # JavaScript: https://jestjs.io/docs/configuration#testmatch-arraystring
    *("*.snap", "*.cy.js", "*.cy.ts"),
    # Java, Kotlin, Scala, Groovy:
    # https://maven.apache.org/surefire/maven-surefire-plugin/test-mojo.html#includes
    *("*Test.java", "*Tests.java", "*TestCase.java", "*IT.java", "*Test.kt", "*Tests.kt"),
    *("*Test.scala", "*Spec.scala", "*Suite.scala", "*Test.groovy", "*Spec.groovy"),
    # Ruby, PHP, Perl, shell
    *("*_spec.rb", "*_test.rb", "test_*.rb", "*Test.php", "*Cest.php", "*.phpt", "*.t", "*.bats"),
    # C and C++: https://google.github.io/googletest/quickstart-cmake.html, and what is usual
    *("*_test.c", "*_test.cc", "*_test.cpp", "*_test.cxx", "*_unittest.cc", "*_unittest.cpp"),
    *("*_tests.c", "*_tests.cc", "*_tests.cpp", "*-test.c", "*-test.cc", "*-test.cpp"),
    *("test_*.c", "test_*.cc", "test_*.cpp", "test-*.c", "test-*.cc", "test-*.cpp"),
    # Elixir, Dart, Swift, Lua
    *("*_test.exs", "*_test.dart", "*Tests.swift", "*_spec.lua"),
)
"""Patterns of file names that belong to the tests in any folder."""

CONFIGURATION = (
    # pytest, tox, nox, coverage: https://docs.pytest.org/en/stable/reference/customize.html
    *("conftest.py", "pytest.ini", ".pytest.ini", "pytest.toml", "tox.ini", "noxfile.py"),
    *(".coveragerc", ".stestr.conf", "nose2.cfg", "unittest.cfg"),
    # What every Python that starts runs: https://docs.python.org/3/library/site.html
    *("sitecustomize.py", "usercustomize.py"),
    # Jest, Vitest, Mocha and others
    *("jest.config.*", "jest.setup.*", "jest.preset.*", "setupJest.*", "setupTests.*"),
    *("vitest.config.*", "vitest.workspace.*", "vitest.setup.*", ".mocharc.*", ".mocharc"),
    *("mocha.opts", "karma.conf.*", "ava.config.*", ".taprc", ".c8rc*", ".nycrc*"),
    *("cypress.config.*", "playwright.config.*", "wdio.conf.*"),
    # RSpec, Minitest, test-unit
    *(".rspec", ".rspec-local", "spec_helper.rb", "rails_helper.rb", "test_helper.rb"),
    *("minitest_helper.rb", "test-unit.yml", ".test-unit.yml"),
    # PHPUnit, Pest, Codeception
    *("phpunit.xml", "phpunit.xml.*", "phpunit.*.xml", "Pest.php", "codeception.yml"),
    # JUnit's platform, TestNG, Spock; CTest; cargo-nextest; prove
    *("junit-platform.properties", "testng.xml", "testng*.xml", "SpockConfig.groovy"),
    *("CTestCustom.cmake", "CTestCustom.ctest", "CTestConfig.cmake", "nextest.toml", ".proverc"),
)
"""Patterns of file names that say how a suite is run, and nothing else."""

SHARED = frozenset(
    (
        *("pyproject.toml", "setup.cfg", "setup.py", "package.json", "babel.config.js"),
        *("vite.config.js", "vite.config.ts", "vite.config.mjs", "vite.config.mts"),
        *("Cargo.toml", "config.toml", "pom.xml", "build.gradle", "build.gradle.kts"),
        *("settings.gradle", "settings.gradle.kts", "gradle.properties", "maven.config"),
        *("jvm.config", "composer.json", "Gemfile", "Rakefile", "Makefile", "GNUmakefile"),
        *("makefile", "CMakeLists.txt", "CMakePresets.json", "go.mod", "go.work", "justfile"),
    )
)
"""Names of files that a product needs, in which its suite may be configured too."""

_PERLS = "t"
_SCRIPT_TEST = re.compile(r".+[.-](test|spec|tests|specs)\.[cm]?[jt]sx?")
_NEVER_SHIPS_TEST_FOLDER = frozenset((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".rb", ".dart"))


def is_test_path(path: str) -> bool:
    """Whether this file, given relative to the repository's root, belongs to its tests.

    What configures the suite and nothing else does; what a product needs besides does not.
    """
    # Taken apart by hand: rankings ask of every file of a repository, and a path object costs more
    # than all that follows.
    *folders, name = path.split("/")
    return (
        not FOLDERS.isdisjoint(folders)
        or _in_top_folder(folders, splitext(name)[1])
        or _fits(name, NAMES)
        or _SCRIPT_TEST.fullmatch(name) is not None
        or _fits(name, CONFIGURATION)
    )


def is_suite_configuration(path: str) -> bool:
    """Whether this file says how tests are collected or run: a change of it may fake a result."""
    return _fits(PurePosixPath(path).name, CONFIGURATION)


def may_configure_suite(path: str) -> bool:
    """Whether this file is a product's own, and may say how its tests are run besides.

    ``pyproject.toml`` for one: it cannot be restored like a test, as a repair may need its change.
    """
    return PurePosixPath(path).name in SHARED


def _in_top_folder(folders: list[str], suffix: str) -> bool:
    if suffix in _NEVER_SHIPS_TEST_FOLDER and not {"test", "spec"}.isdisjoint(folders):
        return True
    beneath = folders[folders.index("src") + 1 :] if "src" in folders else []
    if folders[:1] == [_PERLS] or not SOURCE_SETS.isdisjoint(beneath[:1]):
        return True
    return bool(TOP_FOLDERS.intersection((*folders[:1], *beneath[:1])))


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return _as_one(patterns).match(name) is not None


@cache
def _as_one(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all: rankings ask of every file of a repository."""
    return re.compile("|".join(map(translate, patterns)))
