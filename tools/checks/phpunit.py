"""PHP's PHPUnit, and Pest, which is built on it.

A test's name is that of its file and its own, ``tests/HalfTest.php::testParts with data set #0``:
``phpunit --filter '::testParts with data set #0$' tests/HalfTest.php`` runs it.

JUnit's XML is only written at the end; where a run was cut off, its log for TeamCity speaks.
"""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Outcome, Outputs, Request, Suite
from tools.checks.finding import Repository, in_folder, section
from tools.checks.hooks import export, helper_files
from tools.checks.junit import read_junit
from tools.checks.shell_line import any_command, runs_program
from tools.checks.teamcity import read_teamcity

_CONFIGURATIONS = ("phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml")
_PROGRAMS = ("phpunit", "phpunit.phar", "simple-phpunit", "pest", "paratest")
_LOCATION = re.compile(r"php_qn://(?P<file>.+?)::.*")


class _PHPUnit:
    """The framework."""

    name = "PHPUnit"

    def find(self, repository: Repository) -> Suite | None:
        """PHPUnit or Pest of the package's own, as Composer installs it, or the system's."""
        for evidence in repository.named(*_CONFIGURATIONS, "composer.json"):
            folder = posixpath.dirname(evidence)
            package = repository.json(repository.beside(evidence, "composer.json"))
            needed = section(package, "require-dev") | section(package, "require")
            command = _command(needed, configured=evidence.endswith("xml") or ".xml" in evidence)
            if command is not None:
                return Suite(self.name, in_folder(folder, command), "PHP", evidence, folder)
        return None

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is PHPUnit or Pest."""
        return any_command(command, lambda words: runs_program(words, *_PROGRAMS))

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command as it is; a script run before PHPUnit adds reports to its arguments."""
        return Invocation(
            command=request.command,
            setup=[
                export("PATCHWRIGHT_FOLDER", str(folder)),
                f'export PHP_INI_SCAN_DIR="${{PHP_INI_SCAN_DIR:-}}:"{folder}/php',
            ],
            files=_helpers() | _choice(request),
        )

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases of all runs of PHPUnit; a test that began and never ended has failed."""
        told = _logged(outputs)
        cases = [
            case if case.message or case.name not in told else _with_message(case, told[case.name])
            for text in outputs.named("phpunit-*.xml")
            for case in read_junit(text, _name_of_element(outputs.root))
        ]
        names = {case.name for case in cases}
        return [*cases, *(case for case in told.values() if case.name not in names)], []


PHPUNIT = _PHPUnit()


@cache
def _helpers() -> dict[str, str]:
    return helper_files("php")


def _command(needed: Mapping[str, object], *, configured: bool) -> str | None:
    if "pestphp/pest" in needed:
        return "vendor/bin/pest"
    if "symfony/phpunit-bridge" in needed and "phpunit/phpunit" not in needed:
        return "vendor/bin/simple-phpunit"
    if "phpunit/phpunit" in needed:
        return "vendor/bin/phpunit"
    return "phpunit" if configured else None


def _choice(request: Request) -> dict[str, str]:
    files = {"php/filter": _filter(request.tests)}
    return files | {"php/stop-early": ""} if request.stop_early else files


def _filter(tests: Sequence[str]) -> str:
    """A pattern for classes and their methods; none where a whole folder is asked for.

    A class has the name of its file, by PSR-4.
    """
    patterns: dict[str, None] = {}
    for name in tests:
        file, _, test = name.partition("::")
        if not file.endswith(".php"):
            return ""
        group = re.escape(PurePosixPath(file).stem)
        patterns[
            rf"(^|\\){group}::" + (f"{_quoted(test)}( with data set .*)?$" if test else "")
        ] = None
    return f"/{'|'.join(patterns)}/" if patterns else ""


def _quoted(test: str) -> str:
    return re.escape(test).replace("/", r"\/").replace('\\"', '"')


def _logged(outputs: Outputs) -> dict[str, Case]:
    """The cases of the logs, which know why a test was skipped, and which of them never ended."""
    return {
        case.name: case
        for text in outputs.named("phpunit-*.teamcity")
        for case in read_teamcity(text, _name_of_message(outputs.root))
    }


def _with_message(case: Case, other: Case) -> Case:
    message = other.message if case.outcome is Outcome.SKIPPED else case.message
    return case.model_copy(update={"message": message})


def _relative(file: str, root: str) -> str:
    return file.removeprefix(root.rstrip("/") + "/")


def _name_of_element(root: str) -> Callable[[Mapping[str, str]], str]:
    def name_of(attributes: Mapping[str, str]) -> str:
        # Pest puts the test's name behind the file's.
        file = _relative(attributes.get("file", "").partition("::")[0], root)
        name = attributes.get("name", "")
        return f"{file}::{name}" if file else name or attributes["suite"]

    return name_of


def _name_of_message(root: str) -> Callable[[str, str], str]:
    def name_of(name: str, location: str) -> str:
        found = _LOCATION.fullmatch(location)
        return f"{_relative(found['file'], root)}::{name}" if found else name

    return name_of
