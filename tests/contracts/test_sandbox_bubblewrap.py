"""What the contract leaves open and the bubblewrap kind promises."""

import contextlib
import os
import sys
from pathlib import Path

import pytest

from sandbox.base import Limits
from sandbox.bubblewrap import BubblewrapProvider
from sandbox.confinement import Confinement
from sandbox.folder import Folder

pytestmark = pytest.mark.bubblewrap


@pytest.fixture(scope="module")
def box(usable):
    with usable("bubblewrap").start(Limits(processes=64), run="bubblewrap-test") as started:
        yield started


def python(box, script: str):
    return box.run(["python3", "-c", script], timeout=20)


def test_python_is_the_running_one(box):
    printed = python(box, "import sys; print(sys.prefix)").stdout.data.decode().strip()
    assert printed == sys.prefix


def test_other_toolchains_can_be_given_and_are_read_only(usable, tmp_path):
    usable("bubblewrap")
    (tmp_path / "bin").mkdir()
    tool = tmp_path / "bin" / "tool"
    tool.write_text("#!/bin/sh\necho tool\n")
    tool.chmod(0o755)
    tmp_path.chmod(0o755)
    with BubblewrapProvider([tmp_path]).start(Limits(), run="bubblewrap-test") as box:
        assert box.run(["tool"], timeout=5).stdout.data == b"tool\n"
        assert box.run(["touch", str(tmp_path / "planted")], timeout=5).exit_code != 0
    assert not (tmp_path / "planted").exists()


@pytest.mark.parametrize("namespace", ["--user", "--mount", "--pid", "--net"])
def test_no_new_namespace_can_be_made(box, namespace):
    assert box.run(["unshare", namespace, "true"], timeout=5).exit_code != 0


@pytest.mark.parametrize(
    ("family", "works"), [(1, True), (2, True), (10, True), (40, False), (38, False), (17, False)]
)
def test_only_sockets_that_a_namespace_confines_can_be_had(box, family, works):
    script = f"import socket; socket.socket({family}, socket.SOCK_DGRAM)"
    assert (python(box, script).exit_code == 0) == works


def test_system_calls_no_test_needs_are_refused(box):
    script = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for name in ("mount", "unshare", "setns", "acct", "swapoff", "pivot_root"):
    ctypes.set_errno(0)
    print(name, getattr(libc, name, lambda *_: libc.syscall(155, 0, 0))(0, 0, 0, 0, 0),
          os.strerror(ctypes.get_errno()))
"""
    for line in python(box, script).stdout.data.decode().splitlines():
        assert line.endswith("-1 Operation not permitted"), line


def test_the_commands_environment_reaches_no_program_that_has_privileges():
    folder = Folder()
    words = Confinement(folder, (Path("/opt/tool"),), Limits(), 1234, is_root=True).words(
        ["true"], {"LD_PRELOAD": "/workspace/evil.so"}, status=9, system_calls=None
    )
    folder.remove()
    assert words.index("/usr/bin/setpriv") < words.index("/usr/bin/env")
    assert words[words.index("/usr/bin/env") :][:4] == [
        "/usr/bin/env",
        "-i",
        "--",
        "LD_PRELOAD=/workspace/evil.so",
    ]
    assert "--setenv" not in words


def test_a_user_is_never_one_of_the_hosts(box):
    user = int(box.run(["id", "-u"], timeout=5).stdout.data)
    assert user >= 1_000_000_000 if os.geteuid() == 0 else user == 1000


def test_a_command_killed_while_the_box_is_still_being_made_leaves_nothing(box):
    # Each is killed a little later than the one before, while bubblewrap is setting up.
    for moment in range(160):
        box.run(["sleep", "4001235"], timeout=0.004 + 0.0005 * (moment % 16))
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            assert path.read_bytes() != b"sleep\x004001235\x00"
