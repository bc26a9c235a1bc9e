import os
import socket
import struct
import subprocess

import pytest

from sandbox.trial import Answer, Call, Room, answers, program


def tried(tmp_path, calls, room=0):
    executable = program(calls, room)
    if executable is None:
        pytest.skip("programs are not assembled for this kind of processor")
    file = tmp_path / "trial"
    file.write_bytes(executable)
    file.chmod(0o700)
    completed = subprocess.run([file], capture_output=True, timeout=10)
    assert (completed.returncode, completed.stderr) == (0, b"")
    return answers(completed.stdout, len(calls))


def test_calls_are_made_in_order_and_their_answers_told(tmp_path):
    (tmp_path / "file").write_bytes(b"contents of a file")
    path = os.fsencode(tmp_path / "file")
    calls = [
        Call("geteuid"),
        Call("openat", (-100, b"/no/such/file", 0)),
        Call("openat", (-100, path, 0)),
        Call("read", (Answer(2), Room(8), 100)),
    ]
    told, room = tried(tmp_path, calls, room=64)
    assert told == [os.geteuid(), -2, 3, 18]
    assert room[8:26] == b"contents of a file"


def test_a_call_that_is_refused_stops_nothing(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        address = struct.pack("<H", 2) + struct.pack(">H", port) + socket.inet_aton(host) + bytes(8)
        calls = [
            Call("connect", (77, address, 16)),
            Call("socket", (2, 1, 0)),
            Call("connect", (Answer(1), address, 16)),
        ]
        assert tried(tmp_path, calls)[0] == [-9, 3, 0]
        server.accept()[0].close()


@pytest.mark.parametrize(("machine", "number"), [("x86_64", 62), ("aarch64", 183)])
def test_it_is_an_executable_of_its_machine(machine, number):
    executable = program([Call("setuid", (0,))], 16, machine)
    assert executable[:7] == b"\x7fELF\x02\x01\x01"
    assert struct.unpack_from("<HH", executable, 16) == (2, number)
    assert len(executable) < 1000


def test_other_machines_are_not_known():
    assert program([], 0, "riscv64") is None
