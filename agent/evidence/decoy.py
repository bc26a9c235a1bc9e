"""A test that has to fail, laid among the reproduction's: who makes everything pass gives it away.

Its name is drawn anew for each verdict, so a patch cannot know it. Whether the framework finds it
is tried on the base; where it does not, the verdict says that there was none.

========================  =====================================================================
pytest, unittest, Django  a module beside the test's own, in its process
node:test, Jest, Mocha,   a script beside the test's own; in TypeScript and JSX for Vitest only,
Vitest                    which takes them as they are
go test                   a file of the test's package, in its binary
cargo test                a target of its own, ``tests/NAME.rs``: another process than the test's,
                          so it gives away what was done to the build and to how tests are run,
                          not what the code under test does
Maven, Gradle             a class of the test's package by JUnit 4, JUnit 5 or TestNG, as the
                          test's file has it; Java only
RSpec, Minitest,          a file beside the test's own, in its process
test-unit
PHPUnit                   a class beside the test's own, in its process
prove                     a script beside the test's own: another process, as with cargo
CTest                     none: each test is a program of its own that the build declares, and one
                          more that fails says nothing of the others
SymPy's, report files,    none: tests cannot be added by laying a file, or not be asked for by it
exit code
========================  =====================================================================
"""

import re
import secrets
import tomllib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from agent.evidence import decoy_texts as texts
from tools.checks.base import Report

_SCRIPTS = (".js", ".mjs", ".cjs")
_TYPED = (".ts", ".mts", ".tsx", ".jsx")
_VITEST = re.compile(r"""\bfrom\s*["']vitest["']""")
_JAVA_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
_PHP_NAMESPACE = re.compile(r"^\s*namespace\s+([\w\\]+)\s*;", re.MULTILINE)
_GO_PACKAGE = re.compile(r"^package\s+(\w+)", re.MULTILINE)
_GO_MODULE = re.compile(r"^module\s+\"?([^\s\"]+)", re.MULTILINE)
_ENDINGS = ("Tests", "TestCase", "Test", "IT", "Spec")


@dataclass(frozen=True, slots=True)
class Decoy:
    """A file of tests that all have to fail."""

    name: str
    """The word that is in the names of all its tests."""
    path: str
    text: str
    asked: str
    """The name by which its framework is asked for it."""

    def failed(self, report: Report) -> bool:
        """Whether its tests ran, and every one of them failed."""
        cases = [case for case in report.cases if self.name in case.name]
        return bool(cases) and all(case.broken for case in cases)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a decoy is laid, and the words that are drawn for it."""

    file: PurePosixPath
    test: str
    text: str
    name: str
    other: str

    def decoy(self, path: str, template: str, asked: str = "", **more: str) -> Decoy:
        """The decoy; it is asked for by its path where nothing else is told."""
        text = template.format(name=self.name, other=self.other, **more)
        return Decoy(self.name, path, text, asked or path)

    def beside(self, name: str) -> str:
        """The path of a file in the same folder."""
        return str(self.file.parent / name)


def beside(test_file: str, test: str, text: str = "") -> Decoy | None:
    """A decoy for the folder of a test file; None for languages that it is not written in.

    Args:
        test_file: The file; for cargo, the manifest of the package.
        test: The name of a test in it, whose form tells by what its framework knows a file.
        text: The file's text, which tells to what else in its folder belongs.
    """
    file = PurePosixPath(test_file)
    name, other = (f"q{secrets.token_hex(5)}" for _ in range(2))
    make = _by_name(file)
    return make(_Place(file, test, text, name, other)) if make else None


def drawn(
    test: str, test_files: Sequence[str], paths: Collection[str], read: Callable[[str], str]
) -> Decoy | None:
    """A decoy for a test of a repository; None where it can have none.

    Args:
        test: Its name.
        test_files: The files that it is in, as far as its name tells.
        paths: All files of the repository.
        read: Gives the text of one.
    """
    group = test.partition("::")[0]
    place = (
        test_files[0]
        if test_files
        # Go names a test by its package, cargo by its target.
        else _in_package(group, paths, read) or _manifest_of(group, paths, read)
    )
    return beside(place, test, read(place)) if place else None


def _by_name(file: PurePosixPath) -> Callable[[_Place], Decoy | None] | None:
    if file.name == "Cargo.toml":
        return _rust
    if file.suffix in (*_SCRIPTS, *_TYPED):
        return _script
    suffixes: dict[str, Callable[[_Place], Decoy | None]] = {
        ".py": _python, ".go": _go, ".java": _java, ".rb": _ruby, ".php": _php, ".t": _perl,
    }  # fmt: skip
    return suffixes.get(file.suffix)


def _python(place: _Place) -> Decoy:
    stem = f"{place.name}_test" if place.file.stem.endswith("_test") else f"test_{place.name}"
    asked = _dotted(place.file, stem, place.test)
    return place.decoy(place.beside(f"{stem}.py"), texts.PYTHON, asked)


def _script(place: _Place) -> Decoy | None:
    imports, known = "", "globalThis.test || globalThis.it"
    if _VITEST.search(place.text):
        imports, known = 'import { test as given } from "vitest";\n', "given"
    elif place.file.suffix in _TYPED:
        return None
    start = "test-" if place.file.name.startswith("test-") else ""
    # What follows the first dot is what runners go by: ``half.test.js``.
    path = place.beside(f"{start}{place.name}.{place.file.name.partition('.')[2]}")
    return place.decoy(path, texts.SCRIPT, place=imports, known=known)


def _go(place: _Place) -> Decoy | None:
    package = _GO_PACKAGE.search(place.text)
    if package is None:
        return None
    # Tests run in the order of their files, and one that panics ends all that follow.
    path = place.beside(f"0{place.name}_test.go")
    asked = f"{place.test.partition('::')[0]}::Test_{place.name}"
    return place.decoy(path, texts.GO, asked, place=package[1])


def _rust(place: _Place) -> Decoy:
    return place.decoy(place.beside(f"tests/{place.name}.rs"), texts.RUST, place.name)


def _java(place: _Place) -> Decoy:
    group = _class_like(place)
    package = _JAVA_PACKAGE.search(place.text)
    mark, assertions = "@org.junit.Test", "org.junit.Assert"
    if "org.junit.jupiter" in place.text:
        mark, assertions = "@org.junit.jupiter.api.Test", "org.junit.jupiter.api.Assertions"
    elif "org.testng" in place.text:
        mark, assertions = "@org.testng.annotations.Test", "org.testng.Assert"
    return place.decoy(
        place.beside(f"{group}.java"),
        texts.JAVA,
        f"{package[1]}.{group}" if package else group,
        place=f"package {package[1]};\n\n" if package else "",
        group=group,
        mark=mark,
        assertions=assertions,
    )


def _php(place: _Place) -> Decoy:
    group = _class_like(place)
    namespace = _PHP_NAMESPACE.search(place.text)
    line = f"\nnamespace {namespace[1]};\n" if namespace else ""
    return place.decoy(place.beside(f"{group}.php"), texts.PHP, place=line, group=group)


def _ruby(place: _Place) -> Decoy:
    stem = place.file.stem
    ending = next((end for end in ("_spec", "_test") if stem.endswith(end)), "")
    return place.decoy(
        place.beside(f"{place.name}{ending}.rb" if ending else f"test_{place.name}.rb"), texts.RUBY
    )


def _perl(place: _Place) -> Decoy:
    return place.decoy(place.beside(f"{place.name}.t"), texts.PERL)


def _class_like(place: _Place) -> str:
    """A class that is known for one of tests by what its neighbour is known by."""
    stem = place.file.stem
    ending = next((end for end in _ENDINGS if stem.endswith(end)), "")
    return f"A{place.name}{ending}" if ending else f"Test{place.name}"


def _in_package(package: str, paths: Collection[str], read: Callable[[str], str]) -> str:
    """A test file of a Go package, in whatever module it is."""
    for manifest in (path for path in paths if PurePosixPath(path).name == "go.mod"):
        module = _GO_MODULE.search(read(manifest))
        if module is None or not f"{package}/".startswith(f"{module[1]}/"):
            continue
        folder = PurePosixPath(manifest).parent / package[len(module[1]) :].lstrip("/")
        tests = [p for p in paths if p.endswith("_test.go") and PurePosixPath(p).parent == folder]
        if tests:
            return min(tests)
    return ""


def _manifest_of(target: str, paths: Collection[str], read: Callable[[str], str]) -> str:
    """The manifest of the cargo package that a target belongs to."""
    known = frozenset(paths)
    for manifest in (path for path in paths if PurePosixPath(path).name == "Cargo.toml"):
        if str(PurePosixPath(manifest).with_name("tests") / f"{target}.rs") in known:
            return manifest
        if target in _crates(read(manifest)):
            return manifest
    return ""


def _crates(manifest: str) -> list[str]:
    """What a package's library and first program are called in names of tests."""
    try:
        parsed = tomllib.loads(manifest)
    except tomllib.TOMLDecodeError:
        return []
    sections = [parsed.get(name) for name in ("package", "lib")]
    names = [section.get("name") for section in sections if isinstance(section, dict)]
    return [name.replace("-", "_") for name in names if isinstance(name, str)]


def _dotted(file: PurePosixPath, stem: str, test: str) -> str:
    """A module beside a test's own, where the test is named by modules: ``polls.tests.VoteTest``.

    Names may begin at any folder of the path.
    """
    if test.startswith(str(file)):
        return ""
    parts = file.with_suffix("").parts
    for first in range(len(parts)):
        if test.startswith(f"{'.'.join(parts[first:])}."):
            return ".".join([*parts[first:-1], stem])
    return ""
