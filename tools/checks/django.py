"""Django's runner: ``manage.py test``, and ``tests/runtests.py`` of Django and of its extensions.

A test's name is its id, ``polls.tests.VoteTest.test_twice``, which the runner takes as a label.
The reporter chooses the tests; labels are added to the command besides, as it is by labels that
``runtests.py`` knows which applications to install, and all of them take half a minute.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Outputs, Request, Suite
from tools.checks.events import EVENTS, gather
from tools.checks.finding import Repository, in_folder
from tools.checks.python_hook import keep_on_path, listen, start_file
from tools.checks.shell_line import Words, any_command, program, runs_module, with_arguments

_SCRIPTS = ("tests/runtests.py", "runtests.py", "test/runtests.py")
_MOST_LABELS = 300

# In several processes the first error ends Django's run unless tblib is installed: tracebacks
# cannot be pickled. https://docs.djangoproject.com/en/5.2/topics/testing/overview/
_ONE_PROCESS = 'export DJANGO_TEST_PROCESSES="${DJANGO_TEST_PROCESSES:-1}"'


class _Django:
    """The framework."""

    name = "Django"

    def find(self, repository: Repository) -> Suite | None:
        """``runtests.py`` where there is one that speaks of Django, else ``manage.py test``."""
        for script in _SCRIPTS:
            if "django" in repository.text(script):
                # Django itself need not be installed to be tested.
                path = 'PYTHONPATH="$PWD" ' if "django/__init__.py" in repository else ""
                return Suite(self.name, f"{path}python3 {script}", "Python", script)
        for script in repository.named("manage.py"):
            if "django" in repository.text(script):
                folder = script.removesuffix("manage.py").rstrip("/")
                command = in_folder(folder, "python3 manage.py test")
                return Suite(self.name, command, "Python", script, folder, certain=False)
        return None

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is one of Django's."""
        return any_command(command, _runs_django)

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command, with the modules of the tests that were asked for as labels."""
        command = with_arguments(request.command, _runs_django, _labels(request.tests))
        return listen(
            request,
            folder,
            command=keep_on_path(command, folder),
            setup=[_ONE_PROCESS],
            files=start_file(),
        )

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases and lines; a test that began and never ended has failed."""
        return gather("\n".join(outputs.named(EVENTS)))


DJANGO = _Django()


def _runs_django(words: Words) -> bool:
    names = [program(word) for word in words[:3]]
    if "runtests.py" in names:
        return True
    by_module = runs_module(words, "django")
    return "test" in words and (by_module or "manage.py" in names or "django-admin" in names)


def _labels(tests: Sequence[str]) -> list[str]:
    """The modules of the tests: a module is there even where a test of it is no more."""
    modules = list(dict.fromkeys(_module(name) for name in tests))
    return modules if len(modules) <= _MOST_LABELS else []


def _module(name: str) -> str:
    """``polls.tests`` of ``polls.tests.VoteTest.test_twice``: classes have capitals by custom."""
    parts = name.split(".")
    capitals = [index for index, part in enumerate(parts) if part[:1].isupper()]
    return ".".join(parts[: capitals[0]] if capitals and capitals[0] else parts)
