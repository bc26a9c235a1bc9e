"""Ruby's RSpec.

An example's name is that of its file and its full description, ``spec/half_spec.rb::#half is odd``.
That is what ``rspec spec/half_spec.rb --example '#half is odd'`` runs. RSpec's own ids count the
examples above, and so change with them.
"""

from functools import cache
from pathlib import PurePosixPath

from tools.checks.base import Case, CoveredLine, Invocation, Outputs, Request, Suite
from tools.checks.events import EVENTS, gather
from tools.checks.finding import Repository, in_folder
from tools.checks.hooks import helper_files, prepend, settings
from tools.checks.shell_line import any_command, runs_program


class _RSpec:
    """The framework."""

    name = "RSpec"

    def find(self, repository: Repository) -> Suite | None:
        """``rspec``, through Bundler where there is a Gemfile."""
        for evidence in repository.named(".rspec", "*spec/*_spec.rb"):
            inside = evidence.partition("spec/")[0] if "spec/" in evidence else evidence[:-6]
            folder = inside.rstrip("/")
            bundled = f"{inside}Gemfile" in repository
            command = "bundle exec rspec" if bundled else "rspec"
            return Suite(self.name, in_folder(folder, command), "Ruby", evidence, folder)
        return None

    def understands(self, command: str) -> bool:
        """Whether one of the line's commands is ``rspec``."""
        return any_command(command, lambda words: runs_program(words, "rspec"))

    def invoke(self, request: Request, folder: PurePosixPath) -> Invocation:
        """The command as it is, with our formatter beside one that people can read."""
        options = [
            *("--require", f"{folder}/ruby/patchwright_rspec.rb"),
            *("--format", "PatchwrightRspec", "--out", f"{folder}/ruby/unused"),
            *("--format", "progress"),
            *(["--fail-fast"] if request.stop_early else []),
        ]
        return Invocation(
            command=request.command,
            setup=[prepend("SPEC_OPTS", " ".join(options), " ")],
            files=_helpers() | settings(request, folder),
        )

    def parse(self, outputs: Outputs) -> tuple[list[Case], list[CoveredLine]]:
        """Cases; an example that began and never ended has failed."""
        return gather("\n".join(outputs.named(EVENTS)))


RSPEC = _RSpec()


@cache
def _helpers() -> dict[str, str]:
    return helper_files("ruby")
