"""Running the host's git so that nothing of the caller's or of a repository takes part in it."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox import process
from sandbox.base import MIB, Completed

TIMEOUT = 600.0
_OUTPUT_LIMIT = 256 * MIB

_CONFIGURATION = """\
[safe]
\tdirectory = *
[core]
\thooksPath = /dev/null
\tfsmonitor = false
\tautocrlf = false
\tquotePath = false
[gc]
\tauto = 0
[protocol]
\tallow = never
[protocol "file"]
\tallow = always
[user]
\tname = patchwright
\temail = patchwright@localhost
"""


class GitError(Exception):
    """A git command failed; the message is git's own, shortened."""


class NotARepository(GitError):
    """The path is not inside a git work tree."""


class EmptyRepository(GitError):
    """The repository has no commit yet."""


def git_program() -> str:
    """The path of git; GitError when it is not installed."""
    program = shutil.which("git")
    if program is None:
        raise GitError("git is not installed; install it (Debian: apt install git)")
    return program


def version() -> str:
    """What git says of itself; GitError when it is not installed."""
    done = process.run(
        [git_program(), "--version"],
        environment=quiet_environment(Path(os.devnull)),
        timeout=TIMEOUT,
    )
    return done.stdout.data.decode(errors="replace").strip()


def commit_of(repository: Path, revision: str) -> str:
    """The id of the commit that a revision names; GitError when there is none."""
    try:
        return rev_parse(
            repository, "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
    except NotARepository as error:
        raise GitError(f"{repository} has no commit {revision}") from error


def origin(repository: Path) -> str:
    """The address that a repository was cloned from; empty when none is written down."""
    done = process.run(
        [git_program(), "-C", str(repository), "config", "--local", "--get", "remote.origin.url"],
        environment=quiet_environment(Path(os.devnull)) | _IN_PLACE,
        timeout=TIMEOUT,
    )
    return done.stdout.data.decode(errors="replace").strip()


def quiet_environment(configuration: Path) -> dict[str, str]:
    """The whole environment of a git command: nothing of the caller's but where git lies."""
    return {
        "PATH": os.pathsep.join((str(Path(git_program()).parent), os.defpath)),
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(configuration),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
    }


class GitDirectory:
    """A bare git directory of our own, made where it is not there yet, and the commands run in it.

    Args:
        folder: Holds the git directory and its only configuration.
        borrow: Object folder of another repository, whose objects are then seen here as well;
            its configuration, hooks and attributes take no part.
    """

    def __init__(self, folder: Path, borrow: Path | None = None) -> None:
        self.folder = folder
        self.path = folder / "objects.git"
        self._configuration = folder / "git.config"
        self._borrow = borrow
        if not self.path.exists():
            self._create()

    def git(
        self,
        *arguments: str,
        index: Path | None = None,
        work_tree: Path | None = None,
        stdin: bytes = b"",
        more: Mapping[str, str] | None = None,
    ) -> bytes:
        """What a git command prints; GitError when it fails."""
        result = self.run(*arguments, index=index, work_tree=work_tree, stdin=stdin, more=more)
        if result.exit_code or result.timed_out:
            raise GitError(message(result.stderr.data) or f"git {arguments[0]} failed")
        if result.stdout.omitted:
            raise GitError(f"git {arguments[0]} printed more than {_OUTPUT_LIMIT // MIB} MiB")
        return result.stdout.data

    def text(self, *arguments: str, index: Path | None = None, stdin: bytes = b"") -> str:
        """The one line that a git command prints; GitError when it fails."""
        return self.git(*arguments, index=index, stdin=stdin).decode().strip()

    def run(
        self,
        *arguments: str,
        index: Path | None = None,
        work_tree: Path | None = None,
        stdin: bytes = b"",
        more: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
        timeout: float | None = None,
    ) -> Completed:
        """Run a git command, whatever comes of it; ``more`` is added to its environment."""
        return process.run(
            [*self.command(), *arguments],
            stdin=stdin,
            cwd=work_tree or self.folder,
            environment={**self.environment(index, work_tree), **(more or {})},
            timeout=TIMEOUT if timeout is None else timeout,
            output_limit=_OUTPUT_LIMIT,
            pass_fds=pass_fds,
        )

    def command(self) -> list[str]:
        """How a command line begins that works in this directory."""
        return [git_program(), f"--git-dir={self.path}"]

    def environment(
        self, index: Path | None = None, work_tree: Path | None = None
    ) -> Mapping[str, str]:
        """The environment such a command line needs."""
        environment = quiet_environment(self._configuration)
        if self._borrow is not None:
            environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = _quoted(self._borrow)
        if index is not None:
            environment["GIT_INDEX_FILE"] = str(index)
        if work_tree is not None:
            environment["GIT_WORK_TREE"] = str(work_tree)
        return environment

    def _create(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._configuration.write_text(_CONFIGURATION)
        self.git("init", "--quiet", "--bare", "--template=", str(self.path))


def rev_parse(path: Path, *arguments: str) -> str:
    """What ``git rev-parse`` answers about the repository that holds ``path``.

    Raises:
        NotARepository: It is in none, or there is no answer in this one.
    """
    result = process.run(
        [git_program(), "-C", str(path), "rev-parse", "--path-format=absolute", *arguments],
        environment=quiet_environment(Path(os.devnull)) | _IN_PLACE,
        timeout=TIMEOUT,
    )
    if result.exit_code:
        raise NotARepository(f"{path} is not inside a git work tree")
    return os.fsdecode(result.stdout.data.removesuffix(b"\n"))


_IN_PLACE = {
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
    "GIT_CONFIG_KEY_1": "core.fsmonitor",
    "GIT_CONFIG_VALUE_1": "false",
}


def message(stderr: bytes) -> str:
    """What git said in the end, in one line."""
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("fatal: ").removeprefix("error: ")[:500] if lines else ""


def _quoted(path: Path) -> str:
    """A path for a variable that holds a list of them, with colons or anything else inside it."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
