"""What ``sandbox/base.py`` promises, asked of every kind of sandbox."""

import os
import resource
import socket
import time
from pathlib import Path

import pytest

from sandbox.base import MIB, Limits, SandboxLost

# Seconds to sleep for, by which a sleeper can be told from everybody else's.
NAP = str(4_000_000 + os.getpid() % 1_000_000)
SMALL = Limits(
    memory_bytes=512 * MIB, processes=64, workspace_bytes=64 * MIB, scratch_bytes=16 * MIB
)


def shell(box, script: str, timeout: float = 20, **options):
    return box.run(["sh", "-c", script], timeout=timeout, **options)


def python(box, script: str, timeout: float = 20, **options):
    return box.run(["python3", "-c", script], timeout=timeout, **options)


def sleepers(box) -> bytes:
    """What of our own sleeping processes the box can still see."""
    pattern = f"[{NAP[0]}]{NAP[1:]}"
    return shell(box, f"grep -alz '{pattern}' /proc/[0-9]*/cmdline 2>/dev/null | cat").stdout.data


def destroy(box) -> None:
    """What an operator, a crash or the kernel may do to a box behind our back."""
    if hasattr(box, "_container"):
        box._engine.remove(box._container)
    else:
        (box._folder if hasattr(box, "_folder") else box._confinement.folder).remove()


class TestCommand:
    @pytest.mark.parametrize("code", [0, 1, 3, 126, 127, 255])
    def test_an_exit_code_is_a_value(self, box, code):
        completed = shell(box, f"exit {code}")
        assert (completed.exit_code, completed.timed_out) == (code, False)

    @pytest.mark.parametrize(("name", "code"), [("TERM", 143), ("KILL", 137), ("SEGV", 139)])
    def test_death_by_a_signal_is_no_timeout(self, box, name, code):
        completed = shell(box, f"kill -{name} $$")
        assert (completed.exit_code, completed.timed_out) == (code, False)

    def test_output_and_error_stay_apart(self, box):
        completed = shell(box, "echo out; echo err >&2")
        assert completed.stdout.data == b"out\n"
        assert completed.stderr.data == b"err\n"

    @pytest.mark.parametrize("program", ["no-such-program", "/no/such", 'no "such" program'])
    def test_a_program_that_is_not_there_is_127(self, box, program):
        completed = box.run([program], timeout=10)
        assert completed.exit_code == 127
        assert program in completed.stderr.data.decode()
        assert completed.stdout.data == b""

    @pytest.mark.parametrize("program", ["/etc/ld.so.conf", "/usr"])
    def test_a_program_that_cannot_be_executed_is_126(self, box, program):
        assert box.run([program], timeout=10).exit_code == 126

    def test_output_that_looks_like_an_engine_failing_is_only_output(self, box):
        text = "OCI runtime exec failed: exec failed: container gone"
        completed = shell(box, f"echo '{text}'; exit 126")
        assert completed.exit_code == 126
        assert completed.stdout.data.decode() == text + "\n"

    def test_arguments_arrive_as_they_are(self, box):
        arguments = ["", "a b", "$(id)", "-n", "a=b", "*", "new\nline\n", "ünï", "bytes\udcff\n"]
        completed = box.run(["printf", "<%s>", *arguments], timeout=10)
        expected = "".join(f"<{argument}>" for argument in arguments)
        assert completed.stdout.data == expected.encode(errors="surrogateescape")

    @pytest.mark.parametrize("argument", ["x" * 200_000, "a\0b", "\ud800"])
    def test_an_argument_no_command_can_receive_is_126(self, box, argument):
        completed = box.run(["true", argument], timeout=10)
        assert completed.exit_code == 126
        assert b"argument" in completed.stderr.data

    def test_many_long_arguments_arrive(self, box):
        completed = box.run(["printf", "%.1s", *["x" * 100_000] * 8], timeout=10)
        assert completed.stdout.data == b"x" * 8

    def test_commands_start_in_the_workspace(self, box):
        assert shell(box, "pwd").stdout.data.decode().strip() == str(box.workspace)

    def test_tests_can_be_run(self, box):
        assert box.run(["python3", "-m", "pytest", "--version"], timeout=30).exit_code == 0
        assert box.run(["git", "--version"], timeout=10).exit_code == 0


class TestEnvironment:
    def test_the_hosts_does_not_enter(self, box, monkeypatch):
        monkeypatch.setenv("GITHUB_TOKEN", "canary-of-the-host")
        assert b"canary-of-the-host" not in shell(box, "env; cat /proc/self/environ").stdout.data

    def test_the_boxs_own_is_small_and_the_callers_is_added(self, box):
        script = 'printf "%s|" "$HOME" "$CI" "$LANG" "$MORE"'
        completed = shell(box, script, environment={"MORE": "than = that", "LANG": "C"})
        assert completed.stdout.data.decode() == f"{box.scratch}|1|C|than = that|"
        assert "MORE" not in shell(box, "env").stdout.data.decode()


class TestStandardInput:
    def test_it_is_empty_when_not_given(self, box):
        assert shell(box, "cat; echo end").stdout.data == b"end\n"

    def test_megabytes_pass_both_ways_at_once(self, box):
        data = os.urandom(5 * MIB)
        completed = box.run(["cat"], timeout=30, stdin=data, output_limit=6 * MIB)
        assert completed.stdout.data == data
        assert completed.stdout.omitted == 0

    def test_it_may_come_in_chunks(self, box):
        chunks = (b"x" * 100_000 for _ in range(50))
        assert box.run(["wc", "-c"], timeout=20, stdin=chunks).stdout.data.strip() == b"5000000"

    def test_a_command_need_not_read_it(self, box):
        assert shell(box, "exit 5", stdin=b"x" * 5 * MIB).exit_code == 5

    def test_a_source_that_fails_is_seen_and_ends_the_command(self, box):
        def source():
            yield b"x"
            raise LookupError("the source broke")

        with pytest.raises(LookupError, match="the source broke"):
            shell(box, f"cat; sleep {NAP}", stdin=source())
        assert sleepers(box) == b""


class TestOutput:
    def test_it_need_not_be_text(self, box):
        completed = shell(box, r"printf '\377\000\303\050\r'")
        assert completed.stdout.data == b"\xff\0\xc3(\r"

    def test_it_is_kept_from_both_ends(self, box):
        completed = shell(box, "printf abcdefghij; printf 0123456789 >&2", output_limit=4)
        assert (completed.stdout.head, completed.stdout.tail) == (b"ab", b"ij")
        assert (completed.stderr.data, completed.stderr.omitted) == (b"0189", 6)

    def test_a_flood_is_capped_in_bounded_memory(self, box):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        completed = box.run(["head", "-c", "200000000", "/dev/zero"], timeout=60)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert len(completed.stdout.data) == MIB
        assert completed.stdout.omitted == 200_000_000 - MIB
        assert (after - before) * 1024 < 50 * MIB


class TestFiles:
    def test_they_persist_between_commands(self, box):
        shell(box, f"echo work > kept; echo scratch > {box.scratch}/kept")
        assert shell(box, f"cat kept {box.scratch}/kept").stdout.data == b"work\nscratch\n"

    @pytest.mark.parametrize(
        "name", ["with space", "new\nline", "-rf", "ünï", "bytes\udcff", "$(x)"]
    )
    def test_their_names_may_be_anything(self, box, name):
        path = str(box.workspace / name)
        assert box.run(["cp", "/etc/ld.so.conf", path], timeout=10).exit_code == 0
        assert box.run(["cat", path], timeout=10).stdout.data
        listed = box.run(["ls", "-a"], timeout=10, environment={"LC_ALL": "C"}).stdout.data
        assert name.encode(errors="surrogateescape") in listed
        assert box.run(["rm", "--", path], timeout=10).exit_code == 0

    def test_scripts_in_the_workspace_can_be_executed(self, box):
        script = "printf '#!/bin/sh\\necho ran\\n' > script && chmod +x script && ./script"
        assert shell(box, script).stdout.data == b"ran\n"

    def test_processes_share_memory_and_locks(self, box):
        script = "import multiprocessing as m; m.Lock(); m.Queue(); print('fine')"
        assert python(box, script).stdout.data == b"fine\n"

    def test_nothing_is_left_on_the_host(self, provider, tmp_path, monkeypatch):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        with provider.start(SMALL, run="contract") as box:
            shell(box, "mkdir -p a/b; touch a/b/c; chmod 000 a; ln -s /etc d; mkfifo e; touch '\n'")
        assert list(tmp_path.iterdir()) == []


class TestProcesses:
    def test_a_background_child_that_holds_the_output_is_killed(self, box):
        completed = shell(box, f"sleep {NAP} & echo started")
        assert completed.stdout.data == b"started\n"
        assert completed.seconds < 10
        assert sleepers(box) == b""

    def test_a_daemon_in_a_session_of_its_own_is_killed(self, box):
        script = (
            f"setsid sh -c 'trap \"\" TERM HUP; sleep {NAP} & wait' >/dev/null 2>&1 & sleep 0.2"
        )
        assert shell(box, script).exit_code == 0
        assert sleepers(box) == b""

    def test_a_child_that_floods_the_output_is_not_waited_for(self, box):
        completed = shell(box, "yes & sleep 0.2; exit 6")
        assert completed.exit_code == 6
        assert completed.seconds < 10

    def test_a_command_that_closes_its_output_is_waited_for(self, box):
        completed = shell(box, "exec >&- 2>&-; sleep 0.4; exit 4")
        assert (completed.exit_code, completed.timed_out) == (4, False)

    def test_the_deadline_kills_what_ignores_politeness(self, box):
        script = f"trap '' TERM INT HUP; echo here; setsid sleep {NAP} & while :; do :; done"
        completed = shell(box, script, timeout=1)
        assert (completed.exit_code, completed.timed_out) == (137, True)
        assert completed.stdout.data == b"here\n"
        assert completed.seconds < 10
        assert sleepers(box) == b""

    def test_the_deadline_counts_while_output_flows(self, box):
        completed = box.run(["yes"], timeout=0.5)
        assert completed.timed_out
        assert completed.seconds < 10


class TestEnd:
    def test_closing_twice_is_harmless_and_no_command_runs_after(self, fresh_box):
        fresh_box.close()
        fresh_box.close()
        with pytest.raises(SandboxLost):
            fresh_box.run(["true"], timeout=5)

    def test_a_box_that_is_gone_is_lost_and_no_failing_command(self, fresh_box):
        destroy(fresh_box)
        with pytest.raises(SandboxLost):
            fresh_box.run(["true"], timeout=5)

    def test_boxes_do_not_see_each_other(self, provider):
        with provider.start(SMALL, run="one") as one, provider.start(SMALL, run="two") as two:
            shell(one, "echo secret > file")
            assert shell(two, "cat file").exit_code == 1
            one.close()
            assert shell(two, "true").exit_code == 0


class TestContainment:
    def test_commands_are_nobody(self, containing_box):
        assert int(shell(containing_box, "id -u").stdout.data) >= 1000
        assert int(shell(containing_box, "id -g").stdout.data) >= 1000
        assert shell(containing_box, "id -un").stdout.data == b"sandbox\n"

    def test_commands_have_no_capabilities_and_gain_none(self, containing_box):
        status = shell(containing_box, "cat /proc/self/status").stdout.data.decode()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        capabilities = [
            int(fields[f"Cap{kind}"], 16) for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")
        ]
        assert capabilities == [0] * 5
        assert fields["NoNewPrivs"].strip() == "1"

    def test_files_of_the_host_cannot_be_read(self, containing_box, tmp_path):
        canary = tmp_path / "canary"
        canary.write_text("canary of the host")
        canary.chmod(0o644)
        script = f"cat {canary} /proc/1/root{canary} /etc/shadow; ls /root/.ssh /home /var/run"
        completed = shell(containing_box, script)
        assert b"canary of the host" not in completed.stdout.data
        assert completed.exit_code != 0

    @pytest.mark.parametrize("folder", ["/", "/etc", "/usr/bin", "/var", "/dev", "/run", "/proc"])
    def test_nothing_outside_can_be_written(self, containing_box, folder):
        assert shell(containing_box, f"echo x > {folder}/planted").exit_code != 0
        assert not Path(folder, "planted").exists()

    @pytest.mark.parametrize(
        "command",
        ["mount -t tmpfs none /mnt", "mknod node b 8 0", "chroot /workspace", "hostname other"],
    )
    def test_what_needs_privileges_is_refused(self, containing_box, command):
        assert shell(containing_box, command).exit_code != 0

    def test_no_process_of_the_host_is_seen(self, containing_box):
        assert f"/{os.getpid()}/" not in shell(containing_box, "echo /proc/*/").stdout.data.decode()

    def test_the_network_cannot_be_reached(self, containing_box):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(0)
            addresses = [listener.getsockname(), ("1.1.1.1", 53), ("169.254.169.254", 80)]
            script = f"""
import socket
for address in {addresses}:
    try:
        socket.create_connection(address, timeout=2).close()
        print("reached", address)
    except OSError:
        pass
"""
            completed = python(containing_box, script)
            assert (completed.exit_code, completed.stdout.data) == (0, b"")
            with pytest.raises(BlockingIOError):
                listener.accept()

    def test_the_boxs_own_loopback_works(self, containing_box):
        script = """
import socket
with socket.create_server(("localhost", 0)) as server:
    with socket.create_connection(server.getsockname()) as client:
        client.sendall(b"hello")
        with server.accept()[0] as accepted:
            print(accepted.recv(5).decode())
"""
        assert python(containing_box, script).stdout.data == b"hello\n"

    def test_what_a_command_does_to_the_box_does_not_harm_the_next(self, containing_box):
        shell(containing_box, "kill -9 1; kill -TERM 1; rm -rf /workspace /tmp; kill -9 -1")
        assert shell(containing_box, "pwd").stdout.data == b"/workspace\n"

    def test_processes_are_bounded(self, containing_box):
        script = """
import os, time
count = 0
try:
    while count < 1000:
        if os.fork() == 0:
            time.sleep(1000)
        count += 1
except OSError:
    pass
print(count)
"""
        completed = python(containing_box, script)
        assert 10 < int(completed.stdout.data) < 64
        assert shell(containing_box, "echo works").stdout.data == b"works\n"

    def test_a_fork_bomb_is_killed_at_the_deadline(self, containing_provider):
        with containing_provider.start(SMALL, run="contract") as box:
            started = time.monotonic()
            try:
                completed = shell(box, "bomb() { bomb | bomb & }; bomb; sleep 1000", timeout=1)
            except SandboxLost:
                pass  # allowed: the whole box went down with it
            else:
                assert completed.exit_code != 0
                assert shell(box, "echo works").stdout.data == b"works\n"
            assert time.monotonic() - started < 15

    def test_a_box_full_of_processes_that_never_rest_can_still_be_emptied(self, containing_box):
        script = """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
        completed = python(containing_box, script, timeout=1)
        assert (completed.exit_code, completed.timed_out) == (137, True)
        assert completed.seconds < 9
        assert shell(containing_box, "echo works").stdout.data == b"works\n"

    def test_memory_is_bounded(self, containing_box):
        completed = python(containing_box, "x = bytearray(1 << 30); print(len(x))")
        assert completed.exit_code != 0
        assert completed.stdout.data == b""
        assert shell(containing_box, "echo works").stdout.data == b"works\n"

    def test_the_size_of_a_file_is_bounded(self, containing_box):
        script = "head -c 200000000 /dev/zero > big; wc -c < big; rm big"
        assert int(shell(containing_box, script).stdout.data) <= 128 * MIB
