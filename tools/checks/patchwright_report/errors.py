"""The text of an error, without the frames of the runner that caught it."""

import os
import traceback
from typing import Any

from .case import shorten

RUNNERS = (
    os.path.join(os.path.dirname(os.__file__), "unittest", ""),
    os.path.join("django", "test", ""),
    os.path.join("patchwright_report", ""),
    os.sep + "runtests.py",
)


def error_text(error: Any) -> str:
    """The traceback of what ``sys.exc_info`` has given, or of something like it, shortened."""
    if not (isinstance(error, tuple) and isinstance(error[1], BaseException)):
        return shorten(str(error))
    found = traceback.TracebackException(*error)
    _trim(found)
    last = "".join(found.format_exception_only())
    return shorten("".join(found.format()).rstrip(), last)


def _trim(error: "traceback.TracebackException") -> None:
    """Leave out the runner's frames, also of the errors that led to this one."""
    seen = []
    left: list[traceback.TracebackException | None] = [error]
    while left:
        one = left.pop()
        if one is None or one in seen:
            continue
        seen.append(one)
        frames = [frame for frame in one.stack if not any(r in frame.filename for r in RUNNERS)]
        one.stack[:] = frames or one.stack
        left += [one.__cause__, one.__context__]
