"""One file that changes are tried on: written so that no stale bytecode can stand for it."""

import os
import random


class ChangedFile:
    """A file of the repository, which goes back to what it was."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.real = os.path.realpath(path)
        folder, name = os.path.split(self.real)
        stem = os.path.splitext(name)[0]
        self.module = os.path.basename(folder) if stem == "__init__" else stem
        """The last part of the name under which it is imported."""
        self._stem = stem
        self._cache = os.path.join(folder, "__pycache__")
        self._times = os.stat(self.real)
        with open(self.real, "rb") as file:
            self.original = file.read()

    def changed(self, old: str, new: str) -> "bytes | None":
        """The file's bytes with its one passage ``old`` replaced; None where it has not just one.

        Both are text in UTF-8; halves of surrogate pairs stand for bytes that are none.
        """
        before = old.encode("utf-8", "surrogateescape")
        if not before or self.original.count(before) != 1:
            return None
        return self.original.replace(before, new.encode("utf-8", "surrogateescape"))

    def write(self, data: bytes) -> None:
        """Write other bytes.

        Bytecode is known by the second and the size of its source: one that an earlier change has
        left goes, and each change gets a time of its own, long past.
        """
        self._put(data)
        stamp = random.SystemRandom().randrange(10**8, 10**9)
        os.utime(self.real, (stamp, stamp))

    def restore(self) -> None:
        """Write the bytes that it had, with their time."""
        self._put(self.original)
        os.utime(self.real, ns=(self._times.st_atime_ns, self._times.st_mtime_ns))

    def _put(self, data: bytes) -> None:
        with open(self.real, "wb") as file:
            file.write(data)
        try:
            names = os.listdir(self._cache)
        except OSError:
            return
        for name in names:
            if name.startswith(self._stem + ".") and name.endswith(".pyc"):
                os.unlink(os.path.join(self._cache, name))
