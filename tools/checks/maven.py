"""Maven's Surefire and Failsafe, by whichever framework they run their tests.

A test's name is that of its class and its method, ``com.example.HalfTest#odd``, which
``mvn test -Dtest=`` takes; a class that could not be made ready is a case of its own.

Reports lie in each module's own folder: that cannot be changed from outside, but their names can,
so that only this run's are read.
https://maven.apache.org/surefire/maven-surefire-plugin/test-mojo.html#reportNameSuffix
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from tools.checks.base import (
    Case,
    CoveredLine,
    Invocation,
    Outputs,
    ReportFiles,
    Request,
    Suite,
)
from tools.checks.finding import Repository, in_folder
from tools.checks.hooks import prepend
from tools.checks.junit import read_junit
from tools.checks.shell_line import Words, any_command, program, with_arguments

_PROGRAMS = ("mvn", "mvnw", "mvnd")
_PHASES = frozenset(("test", "package", "verify", "install", "integration-test"))
_SUFFIX = re.compile(r"\(?patchwright-[\w-]+\)?$")
_PARAMETERS = re.compile(r"[\[({].*", re.DOTALL)
_METHOD = re.compile(r"[A-Za-z_$][\w$]*")
_CLASS = re.compile(r"[\w$.]+")


class _Maven:
    """The framework."""

    name = "Maven"

    def find(self, repository: Repository) -> Suite | None:
        """``./mvnw test`` where the wrapper is there, else ``mvn test``."""
        for manifest in repository.named("pom.xml"):
            folder = manifest.rpartition("/")[0]
            wrapper = repository.beside(manifest, "mvnw") in repository
            command = f"{'./mvnw' if wrapper else 'mvn'} --batch-mode --offline test"
            return Suite(self.name, in_folder(folder, command), "Java", manifest, folder)
        return None

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is Maven, up to a phase that tests."""
        return any_command(command, _runs_maven)

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command, with properties for every Maven it starts; tests fail no other module's."""
        goes_on = () if request.stop_early else ("--fail-at-end",)
        suffix = f"patchwright-{folder.name}"
        return Invocation(
            command=with_arguments(request.command, _runs_maven, goes_on),
            setup=[
                prepend("MAVEN_OPTS", " ".join(_properties(request, suffix)), " "),
                *(prepend("MAVEN_ARGS", argument, " ") for argument in goes_on),
            ],
            reports=[ReportFiles(".", f"*/TEST-*{suffix}.xml")],
        )

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases of all classes that have ended."""
        texts = outputs.named("TEST-*patchwright-*.xml")
        return [case for text in texts for case in read_junit(text, _name)], []


MAVEN = _Maven()


def _runs_maven(words: Words) -> bool:
    return program(words[0]) in _PROGRAMS and not _PHASES.isdisjoint(words)


def _properties(request: Request, suffix: str) -> list[str]:
    properties = {"surefire.reportNameSuffix": suffix, "style.color": "never"}
    if request.stop_early:
        properties["surefire.skipAfterFailureCount"] = "1"
    chosen = [pattern for pattern in map(_pattern, request.tests) if pattern]
    if chosen:
        properties |= {
            "test": ",".join(dict.fromkeys(chosen)),
            "failIfNoTests": "false",
            "surefire.failIfNoSpecifiedTests": "false",
        }
    return [f"-D{name}={value}" for name, value in properties.items()]


def _pattern(name: str) -> str:
    """What Surefire takes for a test: all its parameters, as it knows no name with a space."""
    group, _, test = name.partition("#")
    method = _METHOD.match(_PARAMETERS.sub("", test))
    if not _CLASS.fullmatch(group):
        return ""
    return f"{group}#{method[0]}*" if method else group


def _name(attributes: Mapping[str, str]) -> str:
    group = _SUFFIX.sub("", attributes.get("classname") or attributes["suite"])
    test = re.sub(r"\(\)$", "", _SUFFIX.sub("", attributes.get("name", "")))
    return group if test in ("", group, "initializationError") else f"{group}#{test}"
