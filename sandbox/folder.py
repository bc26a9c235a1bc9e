"""A private folder on the host that holds the files of one box.

The box sees only the two folders inside it. The host never opens a file in them: what lies there is
the box's own, links included. It only removes the whole, when every process of the box is dead.
"""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox import process, strays
from sandbox.base import SandboxLost
from sandbox.owner import Owner

MARK = "mark"
"""The file that holds the mark of the box's processes, where they bear one."""

_PREFIX = "patchwright-"
_ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
_REMOVAL_SECONDS = 120.0


class Folder:
    """The files of one box: ``workspace`` and ``scratch`` are its to write, the rest is ours."""

    def __init__(self) -> None:
        # Only we may enter the outer folder, so what the box makes inside tempts nobody else.
        self.path = Path(tempfile.mkdtemp(prefix=_prefix("box")))
        self.workspace = self.path / "workspace"
        self.scratch = self.path / "scratch"
        self.workspace.mkdir()
        self.scratch.mkdir()

    def write(self, name: str, text: str) -> Path:
        """Write a file beside the box's own folders; returns its path."""
        file = self.path / name
        file.write_text(text, encoding="utf-8")
        return file

    def give_to(self, user: int) -> None:
        """Make the box's folders belong to this user and group; only root can."""
        for folder in (self.workspace, self.scratch):
            os.chown(folder, user, user)

    def remove(self) -> None:
        """Remove everything; nothing is wrong when it is gone already.

        Raises:
            SandboxLost: Something of it is left.
        """
        _remove(self.path)


@contextmanager
def temporary(kind: str) -> Iterator[Path]:
    """A folder for the time of a ``with`` block; should we be killed, the next run removes it."""
    with tempfile.TemporaryDirectory(prefix=_prefix(kind)) as folder:
        yield Path(folder)


def remove_leftovers() -> int:
    """Remove the folders of this user's runs that have died without closing them; how many.

    What their commands have left running is ended first.
    """
    gone = [path for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*") if _is_left(path)]
    for path in gone:
        mark = path / MARK
        if mark.is_file():
            strays.end(mark.read_text(encoding="utf-8"))
        _remove(path)
    return len(gone)


def _prefix(kind: str) -> str:
    return f"{_PREFIX}{kind}-{Owner.current().name}-"


def _is_left(path: Path) -> bool:
    """True for a folder of ours whose owner has died; anyone may put a like name beside it."""
    try:
        status = path.lstat()
    except OSError:
        return False
    owner = Owner.from_name(path.name)
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
    return ours and owner is not None and owner.is_gone()


def _remove(path: Path) -> None:
    # rm and chmod follow no links here and know no depth that is too deep, which shutil does.
    for arguments in (
        ["rm", "-rf", "--one-file-system", "--", str(path)],
        ["chmod", "-R", "u+rwX", "--", str(path)],
        ["rm", "-rf", "--one-file-system", "--", str(path)],
    ):
        process.run(arguments, timeout=_REMOVAL_SECONDS, environment=_ENVIRONMENT)
        if not path.exists():
            return
    raise SandboxLost(f"the files of a sandbox could not be removed: {path}")
