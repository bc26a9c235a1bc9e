"""Watches a process that imports the unchanged files, for what could be changed in it later."""

import gc
import os
import sys
import threading
from types import CodeType, FrameType, FunctionType
from typing import TYPE_CHECKING

from .bodies import exchanged, functions

if TYPE_CHECKING:
    from .changed_file import ChangedFile


class Living:
    """The functions of some files, from their import on until ``settle``."""

    def __init__(self, files: "set[str]") -> None:
        self._files = files
        self._ran: dict[int, CodeType] = {}
        self._opened: list[str] = []
        self._watching = False
        self._functions: dict[tuple[str, str, int], list[FunctionType]] = {}
        self._modules: dict[str, tuple[str, CodeType, list[tuple[str, int]]] | None] = {}

    def watch(self) -> None:
        """From now on note which code runs, and whether one of the files is read."""
        if sys.getprofile() is None:
            self._watching = True
            sys.setprofile(self._note)
            threading.setprofile(self._note)

    def hear(self, file: str) -> None:
        """One of the files was opened: the first time to import it."""
        self._opened.append(file)

    def settle(self) -> bool:
        """All is imported: find the functions; whether they can be relied on."""
        alone = threading.active_count() == 1
        sound = self._watching and sys.getprofile() == self._note and alone
        sys.setprofile(None)
        threading.setprofile(None)
        if not sound or len(set(self._opened)) != len(self._opened):
            return False
        self.find()
        return True

    def find(self) -> None:
        """Find the functions that there are now."""
        names = {name: os.path.realpath(name) for name in self._names()}
        for thing in gc.get_objects():
            if type(thing) is FunctionType:
                code = thing.__code__
                file = names.get(code.co_filename)
                if file is not None:
                    key = (file, code.co_name, code.co_firstlineno)
                    self._functions.setdefault(key, []).append(thing)

    def _names(self) -> "set[str]":
        """The names that code has the files under."""
        ends = {os.path.basename(file) for file in self._files}
        modules = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
        alike = {n for n in modules if isinstance(n, str) and os.path.basename(n) in ends}
        return {name for name in alike if os.path.realpath(name) in self._files}

    def exchange(
        self, file: "ChangedFile", data: bytes
    ) -> "list[tuple[FunctionType, CodeType]] | None":
        """Functions and their new code, which make this change; None where more would be needed."""
        if file.real not in self._modules:
            self._modules[file.real] = self._module(file)
        module = self._modules[file.real]
        if module is None:
            return None
        name, whole, places = module
        try:
            pairs = exchanged(whole, _compiled(data, name))
        except (SyntaxError, ValueError, RecursionError):
            return None
        found = []
        for old, new in pairs or ():
            living = self._functions.get((file.real, old.co_name, old.co_firstlineno), [])
            single = places.count((old.co_name, old.co_firstlineno)) == 1
            if (
                not living
                or not single
                or any(self._has_moved(function, old) for function in living)
            ):
                return None
            found += [(function, new) for function in living]
        return None if pairs is None else found

    def _has_moved(self, function: FunctionType, old: CodeType) -> bool:
        """Whether a function has run already, or is not what its file says."""
        return id(function.__code__) in self._ran or function.__code__ != old

    def _module(self, file: "ChangedFile") -> "tuple[str, CodeType, list[tuple[str, int]]] | None":
        """The name that code has its file under, the file's code, where its functions begin."""
        names = {
            function.__code__.co_filename
            for (real, _, _), living in self._functions.items()
            for function in living
            if real == file.real
        }
        if len(names) != 1:
            return None
        name = names.pop()
        whole = _compiled(file.original, name)
        return name, whole, [(code.co_name, code.co_firstlineno) for code in functions(whole)]

    def _note(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            # By its identity: to compare code takes long.
            self._ran[id(frame.f_code)] = frame.f_code


def _compiled(data: bytes, name: str) -> CodeType:
    code: CodeType = compile(data, name, "exec", dont_inherit=True)
    return code
