"""Boxes made by bubblewrap: for machines without a Docker engine.

Every command is a bubblewrap of its own, in fresh namespaces over the host's own ``/usr``. The two
writable folders are the box's folder on the host, so that files outlive the command.
"""

import os
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

from sandbox.base import Limits, Sandbox, SandboxError, SandboxUnavailable
from sandbox.bubblewrap_box import BubblewrapBox
from sandbox.confinement import Confinement, write_settings
from sandbox.folder import Folder, remove_leftovers
from sandbox.probe import FORBIDDEN, per_process, probe
from sandbox.toolchains import running_python

_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
_PROGRAMS = {"bwrap": "bubblewrap", "env": "coreutils", "prlimit": "util-linux"}
_PROGRAMS_FOR_ROOT = {**_PROGRAMS, "setpriv": "util-linux"}
_USER = 1000
_FIRST_USER = 1_000_000_000
_USERS = 1_000_000


class BubblewrapProvider:
    """Starts boxes over the host's own programs; ``toolchains`` are folders it may read besides."""

    name = "bubblewrap"
    bounds = (
        "namespaces without network, capabilities or host files, over the host's own programs; "
        "bounds processes, memory of each process, file size and output, but not the memory of "
        "all processes together, processor time or disk"
    )

    def __init__(self, toolchains: Sequence[Path] | None = None) -> None:
        self._toolchains = running_python() if toolchains is None else tuple(toolchains)

    def check(self) -> None:
        """Return when a box could be started now; see the protocol."""
        try:
            self.start(Limits(), run="check").close()
        except SandboxUnavailable:
            raise
        except SandboxError as error:
            raise SandboxUnavailable(f"bubblewrap fails: {error}{_remedy()}") from error

    def remove_leftovers(self) -> int:
        """Remove what dead owners have left; see the protocol."""
        return remove_leftovers()

    def start(self, limits: Limits, *, run: str) -> Sandbox:  # noqa: ARG002 - files carry the owner
        """Start one box; see the protocol."""
        is_root = os.geteuid() == 0
        for program, package in (_PROGRAMS_FOR_ROOT if is_root else _PROGRAMS).items():
            if shutil.which(program, path=_SYSTEM_PATH) is None:
                raise SandboxUnavailable(
                    f"{program} is missing: install {package} (apt-get install {package})"
                )
        folder = Folder()
        user = _USER
        if is_root:
            # A user that nobody is: the kernel counts processes by user over all boxes and people.
            user = _FIRST_USER + secrets.randbelow(_USERS)
            folder.give_to(user)
        write_settings(folder, user)
        box = BubblewrapBox(Confinement(folder, self._toolchains, limits, user, is_root))
        try:
            probe(box, [*per_process(limits), *FORBIDDEN])
        except SandboxError:
            box.close()
            raise
        return box


def _remedy() -> str:
    """What to do where an ordinary user may not make namespaces."""
    if os.geteuid() == 0:
        return ""
    for setting, value in (
        ("kernel/apparmor_restrict_unprivileged_userns", "0"),
        ("kernel/unprivileged_userns_clone", "1"),
    ):
        file = Path("/proc/sys", setting)
        if file.is_file() and file.read_text(encoding="ascii").strip() != value:
            return f"; allow user namespaces: sysctl -w {setting.replace('/', '.')}={value}"
    return ""
