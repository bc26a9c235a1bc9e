"""The host's own git: a private object store that no sandbox writes and no hostile setting reaches.

Every state of the repository in a run is a tree object here. The repository to repair is read
through ``git upload-pack`` and written through ``git receive-pack`` only; its hooks, filters,
fsmonitor and configuration never take part, because every command runs in a git directory that
this program made, with an environment that holds nothing of the caller's.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox import process
from sandbox.base import MIB, Completed

_TIMEOUT = 600.0
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

RAW_ATTRIBUTES = "* -text -ident -filter -working-tree-encoding -export-ignore -export-subst\n"
"""For ``info/attributes``, git's highest-ranking attributes file: bytes go in and out as they are,
and no file of the repository can leave itself out of an archive or have itself rewritten."""

_REGULAR_MODES = ("100644", "100755")


class GitError(Exception):
    """A git command failed; the message is git's own, shortened."""


class NotARepository(GitError):
    """The path is not inside a git work tree."""


class EmptyRepository(GitError):
    """The repository has no commit yet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a tree."""

    mode: str
    blob: str
    path: str

    @property
    def regular(self) -> bool:
        """Whether it is an ordinary file: no symbolic link, no submodule."""
        return self.mode in _REGULAR_MODES


@dataclass(frozen=True, slots=True)
class Change:
    """One path that differs between two trees; an absent side has mode 000000."""

    old_mode: str
    new_mode: str
    path: str


class ObjectStore:
    """A bare git directory of our own: trees, blobs and the commits made from them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._git_directory = directory / "objects.git"
        self._configuration = directory / "git.config"
        if not self._git_directory.exists():
            self._create()

    def _create(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self._configuration.write_text(_CONFIGURATION)
        self._git("init", "--quiet", "--bare", "--template=", str(self._git_directory))
        info = self._git_directory / "info"
        info.mkdir(exist_ok=True)
        (info / "attributes").write_text(RAW_ATTRIBUTES)

    # Reading a repository in

    def fetch(self, repository: Path, revision: str = "HEAD") -> tuple[str, str]:
        """Copy one commit, without its history, and return its id and its tree's id.

        Raises:
            EmptyRepository: There is no such commit because there is none at all.
            GitError: The repository cannot be read.
        """
        result = self._run(
            "fetch",
            "--quiet",
            "--depth=1",
            "--no-tags",
            "--no-write-fetch-head",
            f"{repository.as_uri()}",
            f"{revision}:refs/patchwright/base",
            "--force",
        )
        if result.exit_code:
            text = _message(result.stderr.data)
            if "couldn't find remote ref HEAD" in text:
                raise EmptyRepository(f"{repository} has no commit yet; commit something first")
            raise GitError(f"cannot read {repository}: {text}")
        commit = self._text("rev-parse", "refs/patchwright/base")
        return commit, self.tree_of(commit)

    def tree_of(self, commit: str) -> str:
        """The tree's id of a commit."""
        return self._text("rev-parse", f"{commit}^{{tree}}")

    def snapshot(self, work_tree: Path, base: str) -> str:
        """The tree of a folder as it lies on disk, ignored files left out unless ``base`` has them.

        Only contents are read: no filter, hook or attribute program of the folder runs.
        """
        with self._index(base) as index:
            self._git("add", "--all", ".", index=index, work_tree=work_tree)
            return self._text("write-tree", index=index)

    # Objects

    def put(self, data: bytes) -> str:
        """Store bytes; returns the blob's id."""
        return self._text("hash-object", "-w", "--stdin", stdin=data)

    def get(self, blob: str) -> bytes:
        """The bytes of a blob."""
        return self._git("cat-file", "blob", blob)

    def get_many(self, blobs: Sequence[str]) -> Iterator[bytes]:
        """The bytes of several blobs, in order, by one process."""
        if not blobs:
            return
        data = self._git("cat-file", "--batch", "--buffer", stdin="\n".join(blobs).encode())
        position = 0
        for _ in blobs:
            end = data.index(b"\n", position)
            size = int(data[position:end].split()[2])
            yield data[end + 1 : end + 1 + size]
            position = end + 1 + size + 1

    def entries(self, tree: str) -> list[Entry]:
        """Every file of a tree, in git's order."""
        listing = self._git("ls-tree", "-r", "-z", "--full-tree", tree)
        return [_entry(line) for line in listing.split(b"\0") if line]

    def archive(self, tree: str) -> Iterator[bytes]:
        """The tree as a tar stream, every file as it is in the tree."""
        return process.stream(
            [*self._command(), "archive", "--format=tar", tree],
            environment=self._environment(None, None),
            timeout=_TIMEOUT,
        )

    # Changing trees

    def apply(self, tree: str, diff: bytes) -> str:
        """The tree that a diff makes of another; GitError when it does not apply."""
        if not diff.strip():
            return tree
        with self._index(tree) as index:
            self._git(
                "apply", "--cached", "--binary", "--whitespace=nowarn", "-", index=index, stdin=diff
            )
            return self._text("write-tree", index=index)

    def overlay(self, base: str, other: str, paths: Sequence[str]) -> str:
        """The tree ``base`` with the given paths as they are, or are absent, in ``other``."""
        found = {entry.path: entry for entry in self.entries(other)}
        lines = []
        for path in paths:
            entry = found.get(path)
            mode, blob = (entry.mode, entry.blob) if entry else ("0", "0" * 40)
            lines.append(f"{mode} {blob}\t{path}")
        with self._index(base) as index:
            self._git(
                "update-index",
                "-z",
                "--index-info",
                index=index,
                stdin=b"".join(os.fsencode(line) + b"\0" for line in lines),
            )
            return self._text("write-tree", index=index)

    def diff(self, old: str, new: str) -> bytes:
        """The change between two trees as a patch that ``git apply`` takes, binaries included."""
        return self._git(
            "diff-tree",
            "-r",
            "-p",
            "--binary",
            "--full-index",
            "--no-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            old,
            new,
        )

    def changes(self, old: str, new: str) -> list[Change]:
        """The paths that differ between two trees."""
        raw = self._git("diff-tree", "-r", "-z", "--raw", "--no-renames", old, new).split(b"\0")
        pairs = zip(raw[0::2], raw[1::2], strict=False)
        return [_change(header, path) for header, path in pairs]

    # Giving back

    def commit(self, tree: str, parent: str | None, message: str) -> str:
        """A commit of a tree; returns its id."""
        parents = ["-p", parent] if parent else []
        return self._text("commit-tree", tree, *parents, stdin=message.encode())

    def push(self, repository: Path, commit: str, branch: str) -> None:
        """Set a branch of the user's repository, which must be ours alone, to a commit."""
        self._git(
            "push", "--quiet", "--receive-pack=git -c core.hooksPath=/dev/null receive-pack",
            repository.as_uri(), f"+{commit}:refs/heads/{branch}",
        )  # fmt: skip

    def apply_to(self, work_tree: Path, diff: bytes) -> None:
        """Apply a diff to a folder on disk, unless it has been applied there already.

        Raises:
            GitError: It does not fit; nothing was written.
        """
        there = self._run("apply", "--reverse", "--check", "-", work_tree=work_tree, stdin=diff)
        if there.exit_code == 0:
            return
        self._git("apply", "--whitespace=nowarn", "-", work_tree=work_tree, stdin=diff)

    # Running git

    @contextmanager
    def _index(self, tree: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.directory, prefix="index-") as folder:
            index = Path(folder) / "index"
            self._git("read-tree", tree, index=index)
            yield index

    def _text(self, *arguments: str, index: Path | None = None, stdin: bytes = b"") -> str:
        return self._git(*arguments, index=index, stdin=stdin).decode().strip()

    def _git(
        self,
        *arguments: str,
        index: Path | None = None,
        work_tree: Path | None = None,
        stdin: bytes = b"",
    ) -> bytes:
        result = self._run(*arguments, index=index, work_tree=work_tree, stdin=stdin)
        if result.exit_code or result.timed_out:
            raise GitError(_message(result.stderr.data) or f"git {arguments[0]} failed")
        if result.stdout.omitted:
            raise GitError(f"git {arguments[0]} printed more than {_OUTPUT_LIMIT // MIB} MiB")
        return result.stdout.data

    def _run(
        self,
        *arguments: str,
        index: Path | None = None,
        work_tree: Path | None = None,
        stdin: bytes = b"",
    ) -> Completed:
        return process.run(
            [*self._command(), *arguments],
            stdin=stdin,
            cwd=work_tree or self.directory,
            environment=self._environment(index, work_tree),
            timeout=_TIMEOUT,
            output_limit=_OUTPUT_LIMIT,
        )

    def _command(self) -> list[str]:
        return [_git_program(), f"--git-dir={self._git_directory}"]

    def _environment(self, index: Path | None, work_tree: Path | None) -> Mapping[str, str]:
        environment = _quiet_environment(self._configuration)
        if index is not None:
            environment["GIT_INDEX_FILE"] = str(index)
        if work_tree is not None:
            environment["GIT_WORK_TREE"] = str(work_tree)
        return environment


def top_level(path: Path) -> Path:
    """The root of the work tree that holds ``path``.

    Raises:
        NotARepository: It is in none, or git is not installed.
    """
    result = process.run(
        [_git_program(), "-C", str(path), "rev-parse", "--show-toplevel"],
        environment=_quiet_environment(Path(os.devnull)) | {"GIT_CONFIG_COUNT": "1", **_SAFE},
        timeout=_TIMEOUT,
    )
    if result.exit_code:
        raise NotARepository(f"{path} is not inside a git work tree")
    return Path(os.fsdecode(result.stdout.data.removesuffix(b"\n")))


_SAFE = {"GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}


def _git_program() -> str:
    program = shutil.which("git")
    if program is None:
        raise GitError("git is not installed; install it (Debian: apt install git)")
    return program


def _quiet_environment(configuration: Path) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join((str(Path(_git_program()).parent), os.defpath)),
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(configuration),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
    }


def _entry(line: bytes) -> Entry:
    header, path = line.split(b"\t", 1)
    mode, _, blob = header.decode().split(" ")
    return Entry(mode, blob, os.fsdecode(path))


def _change(header: bytes, path: bytes) -> Change:
    old_mode, new_mode = header.decode().removeprefix(":").split(" ")[:2]
    return Change(old_mode, new_mode, os.fsdecode(path))


def _message(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("fatal: ").removeprefix("error: ")[:500] if lines else ""
