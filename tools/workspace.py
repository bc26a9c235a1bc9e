"""One repository in one sandbox: put it there, run commands, read and write files, take its diff.

A tracked workspace keeps a git directory of its own outside the work tree (the *shadow*), so that
what changed can be asked for even when the model has played with the visible ``.git``. Nothing the
box says is trusted: its diff is applied by the host's own git (:mod:`tools.git`), and verdicts are
always reached in a fresh box.
"""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from sandbox.base import MADE, MIB, Closing, Completed, Sandbox, SandboxError
from tools.git import RAW_ATTRIBUTES, ObjectStore

DIFF_LIMIT = 4 * MIB
"""Bytes of diff that may leave a box; a repair is small, and a larger one is refused."""

FILE_LIMIT = 8 * MIB
"""Bytes of one file that may be read out of a box."""

_HOUSEKEEPING_TIMEOUT = 120.0

# The second part lays what the set-up of an image has made inside the tree.
_UNPACK = """
set -e
tar --extract --no-same-owner --file=- --directory="$1"
if [ -d "$2" ]; then cp -R -- "$2/." "$1"; fi
"""

# The visible .git is a copy of the shadow, so that `git diff` and `git log` work for the model.
_TRACK = """
set -e
command -v git > /dev/null || exit 44
export GIT_DIR="$1" GIT_WORK_TREE=.
mkdir -p "$GIT_DIR"
git init --quiet --template= --initial-branch=base
mkdir -p "$GIT_DIR/info"
printf '%s' "$2" > "$GIT_DIR/info/attributes"
git config core.bare false
git config gc.auto 0
git add --all --force .
git -c user.name=base -c user.email=base@localhost commit --quiet --allow-empty --message base
cp -r "$GIT_DIR" .git
"""

_DIFF = """
set -e
export GIT_DIR="$1" GIT_WORK_TREE=.
git add --all .
exec git diff --cached --binary --full-index --no-renames --no-ext-diff --no-textconv --no-color
"""

_SHELL = """
mkdir -p "${1%/*}" && cat > "$1"
exec "$(command -v bash || command -v sh)" "$1" < /dev/null 2>&1
"""

_PUT = 'mkdir -p -- "${1%/*}" && cat > "$1"'

_GET = '[ -f "$1" ] || exit 44; exec head -c "$2" -- "$1"'


class WorkspaceError(SandboxError):
    """The box could not be made ready, or gave more or other than was asked."""


class FileTooLarge(WorkspaceError):
    """A file is longer than may be read out of a box."""


class Workspace(Closing):
    """A repository's tree unpacked in a box that this object owns and closes."""

    def __init__(self, sandbox: Sandbox, store: ObjectStore, tree: str) -> None:
        self._sandbox = sandbox
        self._store = store
        self._opened_tree = tree
        self.root = sandbox.workspace
        self.scratch = sandbox.scratch / "patchwright"
        self._shadow = self.scratch / "shadow.git"

    @classmethod
    def open(
        cls, sandbox: Sandbox, store: ObjectStore, tree: str, *, tracked: bool = True
    ) -> "Workspace":
        """Unpack a tree into a new box; ``tracked`` workspaces can tell what has changed since.

        Raises:
            SandboxError: The tree did not fit, the box has no git, or the box was lost.
        """
        workspace = cls(sandbox, store, tree)
        workspace._script(_UNPACK, str(sandbox.workspace), MADE, stdin=store.archive(tree))
        if tracked:
            workspace._script(_TRACK, str(workspace._shadow), RAW_ATTRIBUTES)
        return workspace

    def shell(
        self,
        command: str,
        *,
        timeout: float,
        environment: Mapping[str, str] | None = None,
        output_limit: int = MIB,
    ) -> Completed:
        """Run a shell line in the repository's root; its stderr is merged into its stdout."""
        return self._sandbox.run(
            ["sh", "-c", _SHELL, "sh", str(self.scratch / "command")],
            stdin=command.encode(errors="surrogateescape"),
            timeout=timeout,
            environment=environment,
            output_limit=output_limit,
        )

    def run(self, arguments: list[str], *, timeout: float, output_limit: int = MIB) -> Completed:
        """Run a program, without a shell, in the repository's root."""
        return self._sandbox.run(arguments, timeout=timeout, output_limit=output_limit)

    def put(self, path: PurePosixPath, data: bytes) -> None:
        """Write a file; its folders are made, and a file that was there keeps its mode."""
        self._script(_PUT, str(self.root / path), stdin=data)

    def get(self, path: PurePosixPath, limit: int = FILE_LIMIT) -> bytes | None:
        """The bytes of a regular file, or None when there is none.

        Raises:
            FileTooLarge: It is longer than ``limit``.
        """
        result = self._sandbox.run(
            ["sh", "-c", _GET, "sh", str(self.root / path), str(limit + 1)],
            timeout=_HOUSEKEEPING_TIMEOUT,
            output_limit=2 * (limit + 1),
        )
        if result.exit_code:
            return None
        if len(result.stdout.data) > limit:
            raise FileTooLarge(f"{path} is longer than {limit} bytes")
        return result.stdout.data

    def snapshot(self) -> str:
        """The id, in the host's store, of the tree as it is now; ignored files are left out.

        Raises:
            WorkspaceError: The change is larger than may leave a box.
            GitError: The box's diff does not apply to the tree it was opened with.
        """
        result = self._script(_DIFF, str(self._shadow), output_limit=2 * DIFF_LIMIT)
        if result.stdout.omitted or len(result.stdout.data) > DIFF_LIMIT:
            raise WorkspaceError(f"the change is larger than {DIFF_LIMIT // MIB} MiB")
        return self._store.apply(self._opened_tree, result.stdout.data)

    def change_to(self, tree: str) -> None:
        """Make the work tree, which must be as it was opened, that of another tree."""
        diff = self._store.diff(self._opened_tree, tree)
        if diff:
            self._script("exec git apply --binary --whitespace=nowarn -", stdin=diff)

    def close(self) -> None:
        """End the box."""
        self._sandbox.close()

    def _script(
        self,
        script: str,
        *arguments: str,
        stdin: bytes | Iterable[bytes] = b"",
        output_limit: int = MIB,
    ) -> Completed:
        result = self._sandbox.run(
            ["sh", "-c", script, "sh", *arguments],
            stdin=stdin,
            timeout=_HOUSEKEEPING_TIMEOUT,
            output_limit=output_limit,
        )
        if result.exit_code == 44:
            raise WorkspaceError("there is no git in the sandbox; use an image that has it")
        if result.exit_code:
            message = result.stderr.data.decode(errors="replace").strip()[-500:]
            raise WorkspaceError(f"the sandbox could not be made ready: {message}")
        return result
