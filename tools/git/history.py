"""A repository's past, read in place: nothing is copied, and nothing in it takes part.

The objects are borrowed (gitrepository-layout, "objects/info/alternates") by an empty git directory
of our own, so that no configuration, hook, attribute or replacement of the repository is followed.
What git prints is cut at a border that is drawn anew each time: no message or file can imitate it.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from sandbox.folder import temporary
from tools.git.objects import Objects
from tools.git.program import EmptyRepository, GitDirectory, GitError, rev_parse

_DRIVERS = (
    "*.py diff=python\n*.java diff=java\n*.kt diff=kotlin\n*.go diff=golang\n*.rs diff=rust\n"
    "*.rb diff=ruby\n*.php diff=php\n*.cs diff=csharp\n*.sh diff=bash\n*.c diff=cpp\n*.h diff=cpp\n"
    "*.cc diff=cpp\n*.cpp diff=cpp\n*.hpp diff=cpp\n"
)
"""git's own drivers (gitattributes, "Defining a custom hunk-header"), so that each hunk of a diff
says which function it is in."""
_MESSAGE = 4_000
_PATHS = 100


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit that is not a merge."""

    id: str
    time: int
    """When it was written, in seconds since 1970."""
    message: str
    paths: tuple[str, ...]
    """What it changed, as many as a person would look at; none for a first commit."""

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]


class History(Objects):
    """Reads commits, trees and blobs of a repository, a work tree's or a bare one.

    Raises:
        NotARepository: There is none at ``repository``.
    """

    def __init__(self, folder: Path, repository: Path) -> None:
        common = Path(rev_parse(repository, "--git-common-dir"))
        self._repository = repository
        super().__init__(GitDirectory(folder, borrow=common / "objects"))
        info = self._git.path / "info"
        info.mkdir(exist_ok=True)
        (info / "attributes").write_text(_DRIVERS)
        shallow = common / "shallow"
        if shallow.is_file():
            (self._git.path / "shallow").write_bytes(shallow.read_bytes())

    @classmethod
    @contextmanager
    def opened(cls, repository: Path) -> Iterator["History"]:
        """The history of a repository, read by way of a folder that is then removed."""
        with temporary("history") as folder:
            yield cls(folder, repository)

    def head(self) -> str:
        """The id of the commit that is checked out.

        Raises:
            EmptyRepository: There is no commit yet.
        """
        try:
            return rev_parse(self._repository, "--verify", "--quiet", "HEAD^{commit}")
        except GitError as error:
            raise EmptyRepository(
                f"{self._repository} has no commit yet; commit something first"
            ) from error

    def merge_base(self, old: str, new: str) -> str | None:
        """The commit that both come from; None where the history that is here has none."""
        result = self._git.run("merge-base", old, new)
        return None if result.exit_code else result.stdout.data.decode().strip()

    def diff(self, old: str, new: str) -> bytes:
        """The change from one commit to another, file by file; binary files are only named."""
        return self._git.git(
            "diff-tree", "-r", "-p", "--no-renames", "--no-color", "--no-ext-diff",
            "--no-textconv", "--full-index", old, new,
        )  # fmt: skip

    def commits(self, tip: str, limit: int) -> list[Commit]:
        """Commits reachable from ``tip``, newest first, merges left out; ``tip`` among them.

        As far as they are there: a shallow clone ends earlier.
        """
        border = token_hex()
        listing = self._git.git(
            "log", "-z", "--no-merges", f"--max-count={limit}", "--name-only", "--no-renames",
            "--no-show-signature", "--no-ext-diff", "--no-textconv", "--no-mailmap",
            f"--format={border}%H%x00%at%x00%P%x00%B{border}", tip, "--",
        )  # fmt: skip
        parts = listing.split(border.encode())[1:]
        return [_commit(*record) for record in zip(parts[0::2], parts[1::2], strict=True)]

    def changes(self, commits: Sequence[str]) -> dict[str, bytes]:
        """The diffs of commits, without context lines, by commit id.

        A commit whose blobs are not all there, as in a partial clone, is left out.
        """
        if not commits:
            return {}
        border = token_hex()
        result = self._git.run(
            "log", "--no-walk=unsorted", "--stdin", "-p", "-U0", "--no-renames", "--no-color",
            "--no-show-signature", "--no-ext-diff", "--no-textconv", f"--format={border}%H",
            stdin="\n".join(commits).encode(),
        )  # fmt: skip
        if result.exit_code and len(commits) > 1:
            return {key: diff for one in commits for key, diff in self.changes([one]).items()}
        if result.exit_code:
            return {}
        records = (part.partition(b"\n") for part in result.stdout.data.split(border.encode())[1:])
        return {commit.decode(): diff.strip(b"\n") for commit, _, diff in records}

    def lately(self, tip: str, folders: Sequence[str], limit: int, seconds: float) -> list[bytes]:
        """The diffs, without context lines, of the last commits that changed something in folders.

        Newest first, merges left out, and of each only what lies in the folders; no folders means
        everywhere. As many as there are, up to ``limit``, and as can be read in these seconds.
        """
        border = token_hex()
        result = self._git.run(
            "log", "--no-merges", f"--max-count={limit}", "-p", "-U0", "--no-renames",
            "--no-color", "--no-show-signature", "--no-ext-diff", "--no-textconv",
            f"--format={border}%n", tip, "--", *folders,
            more={"GIT_LITERAL_PATHSPECS": "1"}, timeout=seconds,
        )  # fmt: skip
        found = [part.strip(b"\n") for part in result.stdout.data.split(border.encode())[1:]]
        # Where it was stopped, half a diff is left of the last one.
        return found[:-1] if result.exit_code or result.timed_out else found


def _commit(header: bytes, names: bytes) -> Commit:
    identifier, time, parents, message = header.split(b"\0", 3)
    paths = [os.fsdecode(name) for name in names.strip(b"\0\n").split(b"\0") if name]
    return Commit(
        identifier.decode(),
        int(time or 0),
        message.decode(errors="replace").strip()[:_MESSAGE],
        tuple(paths[:_PATHS]) if parents else (),
    )
