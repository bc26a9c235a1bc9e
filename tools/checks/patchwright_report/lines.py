"""Which lines of the repository each test runs."""

import os
import sys
import threading
from types import CodeType, FrameType

OUTSIDE = frozenset(("site-packages", "dist-packages", ".venv", "venv", ".tox", ".nox", ".eggs"))
TEST_FOLDERS = ("tests", "test")


class Wanted:
    """The Python files whose lines count: the repository's own, less its tests."""

    def __init__(self, root: str) -> None:
        self._roots = (root + os.sep, os.path.realpath(root) + os.sep)
        self._known: dict[str, str | None] = {}

    def path(self, file: str) -> "str | None":
        """The path of a code object's file from the repository's root, or None: not wanted."""
        try:
            return self._known[file]
        except KeyError:
            return self._known.setdefault(file, self._decide(file))

    def _decide(self, file: str) -> "str | None":
        if not file.endswith(".py"):
            return None
        whole = os.path.abspath(file)
        root = next((root for root in self._roots if whole.startswith(root)), None)
        if root is None:
            return None
        path = whole[len(root) :]
        return None if _is_foreign_or_test(path) else path


def _is_foreign_or_test(path: str) -> bool:
    folders, name = os.path.split(path)
    parts = folders.split(os.sep)
    return (
        not OUTSIDE.isdisjoint(parts)
        or parts[0] in TEST_FOLDERS
        or name == "conftest.py"
        or name.startswith("test_")
        or name.endswith("_test.py")
    )


class Recorder:
    """Collects the lines run between ``resume`` and ``pause``; this one collects none."""

    def __init__(self) -> None:
        self.seen: dict[str, set[int]] = {}

    def begin(self) -> None:
        """A test starts; nothing was run yet."""
        self.seen = {}

    def resume(self) -> None:
        """A phase of the test starts."""

    def pause(self) -> None:
        """The phase has ended."""

    def close(self) -> None:
        """The last test has ended."""


class Tracer(Recorder):
    """Collects by trace functions, the only way before Python 3.12."""

    def __init__(self, wanted: Wanted) -> None:
        super().__init__()
        self._wanted = wanted
        self._locals: dict[str, object] = {}
        self._outer: tuple[object, object] = (None, None)

    def begin(self) -> None:
        """A test starts; nothing was run yet."""
        super().begin()
        self._locals = {}

    def resume(self) -> None:
        """A phase of the test starts, in this thread and in those it will start.

        Python gives up a trace function that fails, as one does at the recursion limit; each
        phase starts anew.
        """
        self._outer = (sys.gettrace(), getattr(threading, "_trace_hook", None))
        threading.settrace(self._enter)  # type: ignore[arg-type]
        sys.settrace(self._enter)  # type: ignore[arg-type]

    def pause(self) -> None:
        """The phase has ended; whoever traced before goes on."""
        here, threads = self._outer
        sys.settrace(here)  # type: ignore[arg-type]
        threading.settrace(threads)  # type: ignore[arg-type]

    def _enter(self, frame: FrameType, _event: str, _argument: object) -> object:
        file = frame.f_code.co_filename
        try:
            return self._locals[file]
        except KeyError:
            path = self._wanted.path(file)
            trace = None if path is None else _line_trace(self.seen.setdefault(path, set()))
            return self._locals.setdefault(file, trace)


def _line_trace(lines: "set[int]") -> object:
    add = lines.add

    def trace(frame: FrameType, event: str, _argument: object) -> object:
        if event == "line":
            add(frame.f_lineno)
        return trace

    return trace


def recorder(root: str) -> Recorder:
    """The best recorder that this Python has."""
    if sys.version_info >= (3, 12):
        free = [tool for tool in (4, 3) if sys.monitoring.get_tool(tool) is None]
        if free:
            return Monitor(Wanted(root), free[0])
    return Tracer(Wanted(root))


if sys.version_info >= (3, 12):

    class Monitor(Recorder):
        """Collects by ``sys.monitoring``: each line costs a call once a phase, not every time.

        Only the start of a function is watched everywhere; its lines where the file is wanted.
        """

        def __init__(self, wanted: Wanted, tool: int) -> None:
            super().__init__()
            self._wanted = wanted
            self._tool = tool
            self._active = False
            events = sys.monitoring.events
            sys.monitoring.use_tool_id(tool, "patchwright")
            sys.monitoring.register_callback(tool, events.PY_START, self._start)
            sys.monitoring.register_callback(tool, events.LINE, self._line)
            sys.monitoring.set_events(tool, events.PY_START)

        def resume(self) -> None:
            """A phase of the test starts."""
            self._active = True
            sys.monitoring.restart_events()

        def pause(self) -> None:
            """The phase has ended."""
            self._active = False

        def close(self) -> None:
            """The last test has ended."""
            sys.monitoring.set_events(self._tool, 0)
            sys.monitoring.free_tool_id(self._tool)

        def _start(self, code: CodeType, _offset: int) -> object:
            wanted = self._wanted.path(code.co_filename) is not None
            if wanted and not sys.monitoring.get_local_events(self._tool, code):
                sys.monitoring.set_local_events(self._tool, code, sys.monitoring.events.LINE)
            return sys.monitoring.DISABLE

        def _line(self, code: CodeType, line: int) -> object:
            path = self._wanted.path(code.co_filename)
            if self._active and path is not None:
                self.seen.setdefault(path, set()).add(line)
            return sys.monitoring.DISABLE
