"""The host's own git: a private object store that no sandbox writes and no hostile setting reaches.

Every state of the repository in a run is a tree object here. The repository to repair is read
through ``git upload-pack`` and written through ``git receive-pack`` only; its hooks, filters,
fsmonitor and configuration never take part, because every command runs in a git directory that
this program made, with an environment that holds nothing of the caller's.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox import process
from tools.git.objects import Objects
from tools.git.program import TIMEOUT, EmptyRepository, GitDirectory, GitError, message, rev_parse

RAW_ATTRIBUTES = "* -text -ident -filter -working-tree-encoding -export-ignore -export-subst\n"
"""For ``info/attributes``, git's highest-ranking attributes file: bytes go in and out as they are,
and no file of the repository can leave itself out of an archive or have itself rewritten."""

_SUBMODULE = "160000"

_RECEIVING = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    # It is run where the repository borrows another's objects; nothing is to be told of those.
    "core.alternateRefsCommand=true",
    "receive.autogc=false",
)
"""What git is told while it writes to the user's repository, whose own settings it reads there."""


@dataclass(frozen=True, slots=True)
class Change:
    """One path that differs between two trees; an absent side has mode 000000."""

    old_mode: str
    new_mode: str
    path: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who made a commit, and when, in seconds since 1970."""

    name: str
    email: str
    time: int

    @property
    def environment(self) -> dict[str, str]:
        """What git reads it from (git-commit-tree, "Commit information")."""
        values = {"NAME": self.name, "EMAIL": self.email, "DATE": f"{self.time} +0000"}
        roles = ("AUTHOR", "COMMITTER")
        return {f"GIT_{role}_{key}": value for role in roles for key, value in values.items()}


class ObjectStore(Objects):
    """A bare git directory of our own: trees, blobs and the commits made from them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        super().__init__(GitDirectory(directory))
        info = self._git.path / "info"
        info.mkdir(exist_ok=True)
        (info / "attributes").write_text(RAW_ATTRIBUTES)

    # Reading a repository in

    def fetch(self, repository: Path, revision: str = "HEAD") -> tuple[str, str]:
        """Copy one commit, without its history, and return its id and its tree's id.

        Raises:
            EmptyRepository: There is no such commit because there is none at all.
            GitError: The repository cannot be read.
        """
        result = self._git.run(
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
            text = message(result.stderr.data)
            if "couldn't find remote ref HEAD" in text:
                raise EmptyRepository(f"{repository} has no commit yet; commit something first")
            raise GitError(f"cannot read {repository}: {text}")
        commit = self._git.text("rev-parse", "refs/patchwright/base")
        return commit, self.tree_of(commit)

    def snapshot(self, work_tree: Path, base: str) -> str:
        """The tree of a folder as it lies on disk, ignored files left out unless ``base`` has them.

        Only contents are read: no filter, hook or attribute program of the folder runs. Submodules
        stay as ``base`` has them: to see whether one has changed, git would run itself in its
        folder, by the settings that it finds there.
        """
        modules = [entry.path for entry in self.entries(base) if entry.mode == _SUBMODULE]
        left_out = [f":(exclude,literal){path}" for path in modules]
        with self._index(base) as index:
            self._git.git("add", "--all", "--", ".", *left_out, index=index, work_tree=work_tree)
            return self._git.text("write-tree", index=index)

    # Objects

    def put(self, data: bytes) -> str:
        """Store bytes; returns the blob's id."""
        return self._git.text("hash-object", "-w", "--stdin", stdin=data)

    def archive(self, tree: str) -> Iterator[bytes]:
        """The tree as a tar stream, every file as it is in the tree."""
        return process.stream(
            [*self._git.command(), "archive", "--format=tar", tree],
            environment=self._git.environment(),
            timeout=TIMEOUT,
        )

    # Changing trees

    def apply(self, tree: str, diff: bytes) -> str:
        """The tree that a diff makes of another; GitError when it does not apply."""
        if not diff.strip():
            return tree
        with self._index(tree) as index:
            self._git.git(
                "apply", "--cached", "--binary", "--whitespace=nowarn", "-", index=index, stdin=diff
            )
            return self._git.text("write-tree", index=index)

    def overlay(self, base: str, other: str, paths: Sequence[str]) -> str:
        """The tree ``base`` with the given paths as they are, or are absent, in ``other``."""
        found = {entry.path: entry for entry in self.entries(other)}
        lines = []
        for path in paths:
            entry = found.get(path)
            mode, blob = (entry.mode, entry.blob) if entry else ("0", "0" * 40)
            lines.append(f"{mode} {blob}\t{path}")
        with self._index(base) as index:
            self._git.git(
                "update-index",
                "-z",
                "--index-info",
                index=index,
                stdin=b"".join(os.fsencode(line) + b"\0" for line in lines),
            )
            return self._git.text("write-tree", index=index)

    def with_file(self, tree: str, path: str, data: bytes, mode: str = "100644") -> str:
        """The tree with one file more, or another in its place."""
        with self._index(tree) as index:
            self._git.git(
                "update-index",
                "-z",
                "--index-info",
                index=index,
                stdin=os.fsencode(f"{mode} {self.put(data)}\t{path}") + b"\0",
            )
            return self._git.text("write-tree", index=index)

    def diff(self, old: str, new: str) -> bytes:
        """The change between two trees as a patch that ``git apply`` takes, binaries included."""
        return self._git.git(
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
        raw = self._git.git("diff-tree", "-r", "-z", "--raw", "--no-renames", old, new).split(b"\0")
        pairs = zip(raw[0::2], raw[1::2], strict=False)
        return [_change(header, path) for header, path in pairs]

    # Giving back

    def commit(
        self, tree: str, parent: str | None, message: str, signature: "Signature | None" = None
    ) -> str:
        """A commit of a tree; returns its id, which is the same for the same arguments.

        Without a signature it is this program's own, of this moment.
        """
        parents = ["-p", parent] if parent else []
        more = signature.environment if signature else None
        made = self._git.git(
            "commit-tree", tree, *parents, stdin=message.encode(errors="replace"), more=more
        )
        return made.decode().strip()

    def push(self, repository: Path, commit: str, branch: str) -> None:
        """Set a branch of the user's repository, which must be ours alone, to a commit."""
        settings = " ".join(f"-c {setting}" for setting in _RECEIVING)
        self._git.git(
            "push", "--quiet", f"--receive-pack=git {settings} receive-pack",
            repository.as_uri(), f"+{commit}:refs/heads/{branch}",
        )  # fmt: skip

    def apply_to(self, work_tree: Path, diff: bytes) -> None:
        """Apply a diff to a folder on disk, unless it has been applied there already.

        Raises:
            GitError: It does not fit; nothing was written.
        """
        there = self._git.run("apply", "--reverse", "--check", "-", work_tree=work_tree, stdin=diff)
        if there.exit_code == 0:
            return
        self._git.git("apply", "--whitespace=nowarn", "-", work_tree=work_tree, stdin=diff)

    @contextmanager
    def _index(self, tree: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.directory, prefix="index-") as folder:
            index = Path(folder) / "index"
            self._git.git("read-tree", tree, index=index)
            yield index


def top_level(path: Path) -> Path:
    """The root of the work tree that holds ``path``.

    Raises:
        NotARepository: It is in none, or git is not installed.
    """
    return Path(rev_parse(path, "--show-toplevel"))


def _change(header: bytes, path: bytes) -> Change:
    old_mode, new_mode = header.decode().removeprefix(":").split(" ")[:2]
    return Change(old_mode, new_mode, os.fsdecode(path))
