"""What has to know when this process becomes a copy of itself that reports on its own.

``trials`` makes such copies. A module that keeps a process id, an open report or a timer says here
what it has to do in a copy.
"""

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

from . import OWNER

if TYPE_CHECKING:
    from collections.abc import Callable

_REPORTS: "list[str]" = []
COPIED: "list[Callable[[str], None]]" = []
"""Called in a copy, in the order they came, with the path of the copy's own report."""
COLLECTED: "list[Callable[[], None]]" = []
"""Called when all tests are collected and none has run; may go on in a copy."""
LEAVING: "list[Callable[[], None]]" = []
"""Called in a copy before it ends by itself."""
_COLLECTING: "list[bool]" = []


def become_copy(old: str, new: str) -> None:
    """Report to a file of this process's own, which begins with what was reported until now."""
    _REPORTS.append(new)
    if os.path.exists(old):
        shutil.copyfile(old, new)
    if OWNER in os.environ:
        os.environ[OWNER] = str(os.getpid())
    for tell in COPIED:
        tell(new)


def is_copy() -> bool:
    """Whether this process is a copy."""
    return bool(_REPORTS)


def leave(code: int) -> None:
    """End a copy: to take down what it shares with others would cost it a copy of that."""
    for tell in LEAVING:
        tell()
    for stream in (sys.stdout, sys.stderr):
        flush(stream)
    os._exit(code)


def flush(stream: "Any") -> None:
    """Write out what a stream holds, where it is one that can."""
    try:
        stream.flush()
    except (OSError, ValueError, AttributeError):
        return


def own_report(path: str) -> str:
    """Where this process reports to, which is there unless it is a copy."""
    return _REPORTS[-1] if _REPORTS else path


def collecting(begins: bool) -> None:
    """The runner begins to collect the tests, or has them all."""
    _COLLECTING[:] = [begins]
    if not begins:
        for tell in COLLECTED:
            tell()


def is_collecting() -> bool:
    """Whether it will be told when all tests are collected."""
    return _COLLECTING == [True]
