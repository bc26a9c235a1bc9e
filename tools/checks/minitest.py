"""Ruby's Minitest, in its classes or its specs, and test-unit, which is run by the same tasks.

A test's name is that of its file, its class and its method,
``test/half_test.rb::HalfTest#test_odd``. That is what
``ruby -Ilib:test test/half_test.rb --name 'HalfTest#test_odd'`` runs.
"""

import re
from functools import cache
from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Outputs, Request, Suite
from tools.checks.events import EVENTS, gather
from tools.checks.finding import Repository, in_folder
from tools.checks.hooks import helper_files, prepend, settings
from tools.checks.shell_line import Words, any_command, program

_TEST_TASK = re.compile(r"Rake::TestTask|Minitest::TestTask|rails")
_FILES = ("*test/*_test.rb", "*test/test_*.rb", "*test/spec_*.rb", "*test/*_spec.rb")
_PATTERN = "./test/**/{*_test,test_*,*_spec,spec_*}.rb"
_ALL = f"ruby -Ilib:test -e 'Dir.glob(\"{_PATTERN}\").sort.each {{ |file| require file }}'"


class _Minitest:
    """The framework."""

    name = "Minitest"

    def find(self, repository: Repository) -> Suite | None:
        """Rake's test task, or Rails' own, or every file of ``test`` where there is neither."""
        for evidence in repository.named(*_FILES):
            inside = evidence.partition("test/")[0]
            folder = inside.rstrip("/")
            bundled = "bundle exec " if f"{inside}Gemfile" in repository else ""
            if f"{inside}bin/rails" in repository:
                command = "ruby bin/rails test"
            elif _TEST_TASK.search(repository.text(f"{inside}Rakefile")):
                command = f"{bundled}rake test"
            else:
                command = bundled + _ALL
            return Suite(self.name, in_folder(folder, command), "Ruby", evidence, folder)
        return None

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is Ruby with tests, Rake's or Rails' test task."""
        return any_command(command, _runs_minitest)

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command as it is, with our plugin where Minitest looks for plugins.

        Test-unit has no such place, so every Ruby waits for it.
        """
        return Invocation(
            command=request.command,
            setup=[
                prepend("RUBYLIB", f"{folder}/ruby"),
                prepend("RUBYOPT", f"-r{folder}/ruby/patchwright_test_unit.rb", " "),
            ],
            files=_helpers() | settings(request, folder),
        )

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases; a test that began and never ended has failed."""
        return gather("\n".join(outputs.named(EVENTS)))


MINITEST = _Minitest()


@cache
def _helpers() -> dict[str, str]:
    return helper_files("ruby")


def _runs_minitest(words: Words) -> bool:
    rest = list(words[2:]) if words[:2] == ["bundle", "exec"] else list(words)
    if not rest:
        return False
    name = program(rest[0])
    if name == "ruby":
        return any("test" in word for word in rest[1:])
    return name in ("rake", "rails", "m") and any(word.startswith("test") for word in rest[1:])
