"""The command line that confines one command with bubblewrap; nothing here starts it.

From the outside in: ``bwrap`` makes the namespaces and the file tree; ``setpriv``, where we are
root, becomes a user without capabilities; ``env`` sets the command's environment, which must not
reach a program that still has privileges; ``prlimit`` sets the limits and becomes the command.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.base import MIB, Limits
from sandbox.folder import Folder

SCRATCH = "/tmp"  # noqa: S108 - inside the box, where it is private
WORKSPACE = "/workspace"

_SHARED_MEMORY = 64 * MIB
_OPEN_FILES = 4096
# What a program reserves is not what it uses: V8 and the JVM reserve many times their memory.
_RESERVED = 16

_SYSTEM = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin")
_OWN_SETTINGS = ("passwd", "group", "hosts", "nsswitch.conf")
_SETTINGS = (
    "/etc/alternatives",
    "/etc/ca-certificates.conf",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/pki/ca-trust/extracted",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
)


@dataclass(frozen=True, slots=True)
class Confinement:
    """What every command of one box is confined by.

    Attributes:
        folder: Where the box's files are.
        toolchains: Folders of the host that it may read besides the system's.
        user: The number of the user, and of its group, that commands are.
        is_root: Whether we are root, and that user is a real one of the host; otherwise it is
            our own user under another number, in a user namespace.
    """

    folder: Folder
    toolchains: tuple[Path, ...]
    limits: Limits
    user: int
    is_root: bool

    def words(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        status: int,
        system_calls: int | None,
    ) -> list[str]:
        """The whole command line.

        Args:
            arguments: The command.
            environment: All of its environment.
            status: The descriptor that bubblewrap reports to.
            system_calls: The descriptor that it reads its filter from, if there is one.
        """
        return [
            "bwrap",
            *("--json-status-fd", str(status)),
            *(() if system_calls is None else ("--seccomp", str(system_calls))),
            *_namespaces(),
            *(_capabilities_to_change_user() if self.is_root else _user_namespace(self.user)),
            *_system(),
            *_settings(self.folder),
            *_writable(self.folder),
            *_toolchains(self.toolchains),
            *("--remount-ro", "/", "--remount-ro", "/dev", "--chdir", WORKSPACE, "--"),
            *(_without_privileges(self.user) if self.is_root else ()),
            *("/usr/bin/env", "-i", "--"),
            *(f"{name}={value}" for name, value in environment.items()),
            *_resources(self.limits),
            *arguments,
        ]


def _namespaces() -> list[str]:
    return [
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--die-with-parent",
        "--new-session",
        *("--hostname", "sandbox"),
        *("--cap-drop", "ALL"),
    ]


def _user_namespace(user: int) -> list[str]:
    return ["--unshare-user", "--uid", str(user), "--gid", str(user), "--disable-userns"]


def _capabilities_to_change_user() -> list[str]:
    names = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
    return [word for name in names for word in ("--cap-add", name)]


def _without_privileges(user: int) -> list[str]:
    return [
        "/usr/bin/setpriv",
        f"--reuid={user}",
        f"--regid={user}",
        "--clear-groups",
        "--inh-caps=-all",
        "--ambient-caps=-all",
        "--bounding-set=-all",
        "--no-new-privs",
        "--",
    ]


def _system() -> list[str]:
    """The host's programs, read-only, and the kernel's file systems, fresh."""
    words = ["--ro-bind", "/usr", "/usr"]
    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            words += ["--ro-bind", name, name]
    words += ["--proc", "/proc", "--dev", "/dev"]
    # Python's multiprocessing needs shared memory that its user may write.
    return [*words, "--size", str(_SHARED_MEMORY), "--perms", "1777", "--tmpfs", "/dev/shm"]  # noqa: S108


def write_settings(folder: Folder, user: int) -> None:
    """Write the box's own files of ``/etc``: those that name people and machines."""
    files = {
        "passwd": f"root:x:0:0::/:/bin/sh\nsandbox:x:{user}:{user}::{SCRATCH}:/bin/sh\n",
        "group": f"root:x:0:\nsandbox:x:{user}:\n",
        "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    }
    for name in _OWN_SETTINGS:
        folder.write(name, files[name])


def _settings(folder: Folder) -> list[str]:
    """The few files of ``/etc`` that programs need."""
    words = ["--dir", "/etc"]
    for name in _OWN_SETTINGS:
        words += ["--ro-bind", str(folder.path / name), f"/etc/{name}"]
    for path in _SETTINGS:
        words += [*_ways_to(Path(path)), "--ro-bind-try", path, path]
    return words


def _writable(folder: Folder) -> list[str]:
    return [
        *("--bind", str(folder.workspace), WORKSPACE),
        *("--bind", str(folder.scratch), SCRATCH),
        *("--dir", "/run"),
        *("--dir", "/var"),
        *("--symlink", SCRATCH, "/var/tmp"),  # noqa: S108
    ]


def _toolchains(paths: Sequence[Path]) -> list[str]:
    words = []
    for path in paths:
        words += [*_ways_to(path), "--ro-bind", str(path), str(path)]
    return words


def _ways_to(path: Path) -> list[str]:
    """Folders that bubblewrap makes of itself on the way to a mount are closed to other users."""
    return [word for parent in reversed(path.parents[:-1]) for word in ("--dir", str(parent))]


def _resources(limits: Limits) -> list[str]:
    return [
        "/usr/bin/prlimit",
        f"--as={limits.memory_bytes * _RESERVED}",
        "--core=0",
        f"--data={limits.memory_bytes}",
        f"--fsize={limits.file_bytes}",
        f"--nofile={_OPEN_FILES}",
        f"--nproc={limits.processes}",
        "--",
    ]
