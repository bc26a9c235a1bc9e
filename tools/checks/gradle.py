"""Gradle's test tasks, by whichever framework they run their tests.

A test's name is that of its class and its own, ``com.example.HalfTest.odd``, which
``gradle test --tests`` takes. An init script has each test task report as it goes, outside the
build folder: https://docs.gradle.org/current/userguide/init_scripts.html
"""

from functools import cache
from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Outputs, Request, Suite
from tools.checks.events import EVENTS, gather
from tools.checks.finding import Repository, in_folder
from tools.checks.hooks import export, helper_files, settings
from tools.checks.shell_line import Words, any_command, program, with_arguments

_MANIFESTS = ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts")
_PROGRAMS = ("gradle", "gradlew")
# The listener of an init script cannot be kept in the configuration cache.
_NOT_KEPT = "-Dorg.gradle.configuration-cache=false"
# A daemon would outlive the command, and be killed with it.
_NO_DAEMON = 'export GRADLE_OPTS="-Dorg.gradle.daemon=false ${GRADLE_OPTS:-}"'


class _Gradle:
    """The framework."""

    name = "Gradle"

    def find(self, repository: Repository) -> Suite | None:
        """``./gradlew test`` where the wrapper is there, else ``gradle test``."""
        for manifest in repository.named(*_MANIFESTS):
            folder = manifest.rpartition("/")[0]
            wrapper = repository.beside(manifest, "gradlew") in repository
            command = f"{'./gradlew' if wrapper else 'gradle'} --offline test"
            return Suite(self.name, in_folder(folder, command), "Java", manifest, folder)
        return None

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is Gradle, with a task that has to do with tests."""
        return any_command(command, _runs_gradle)

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command, with an init script; a program before ``gradle`` adds it within others."""
        arguments = ["--init-script", f"{folder}/gradle/report.gradle", _NOT_KEPT]
        return Invocation(
            command=with_arguments(request.command, _runs_gradle, arguments),
            setup=[export("PATCHWRIGHT_FOLDER", str(folder)), _NO_DAEMON],
            files=_helpers() | settings(request, folder),
        )

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases; a test that began and never ended has failed."""
        return gather("\n".join(outputs.named(EVENTS)))


GRADLE = _Gradle()


@cache
def _helpers() -> dict[str, str]:
    return helper_files("gradle", "bin/find-program", "bin/gradle")


def _runs_gradle(words: Words) -> bool:
    tasks = [word for word in words[1:] if not word.startswith("-")]
    return program(words[0]) in _PROGRAMS and any(
        "test" in task.lower() or task in ("check", "build") for task in tasks
    )
