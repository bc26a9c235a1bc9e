import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.base import MIB
from sandbox.process import ProcessFailed, run, stream

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


def shell(script: str, timeout: float = 10, **options):
    return run(["sh", "-c", script], timeout=timeout, environment=ENVIRONMENT, **options)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def gone(pid: int, within: float = 2) -> bool:
    deadline = time.monotonic() + within
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_alive(pid)


def test_streams_stay_apart_and_the_exit_code_is_a_value():
    completed = shell("echo out; echo err >&2; exit 3")
    assert completed.exit_code == 3
    assert completed.stdout.data == b"out\n"
    assert completed.stderr.data == b"err\n"
    assert not completed.timed_out


def test_death_by_a_signal_is_128_and_its_number_and_no_timeout():
    completed = shell("kill -TERM $$")
    assert (completed.exit_code, completed.timed_out) == (143, False)


def test_environment_is_complete_and_nothing_is_added(monkeypatch):
    monkeypatch.setenv("PATCHWRIGHT_CANARY", "secret")
    completed = run(["/usr/bin/env"], timeout=5, environment={"ONLY": "this"})
    assert completed.stdout.data == b"ONLY=this\n"


def test_several_megabytes_pass_both_ways_at_once():
    data = os.urandom(5 * MIB)
    completed = run(["cat"], timeout=20, environment=ENVIRONMENT, stdin=data, output_limit=6 * MIB)
    assert completed.stdout.data == data
    assert completed.stdout.omitted == 0


def test_stdin_may_come_in_chunks_some_of_them_empty():
    completed = shell("cat", stdin=[b"", b"one ", b"", b"two"])
    assert completed.stdout.data == b"one two"


def test_a_command_that_does_not_read_its_stdin_still_ends():
    assert shell("exit 5", stdin=b"x" * 5 * MIB).exit_code == 5


def test_without_stdin_the_command_sees_its_end_at_once():
    assert shell("cat; echo done").stdout.data == b"done\n"


def test_a_source_that_fails_ends_the_command_and_is_seen(tmp_path):
    def source() -> Iterator[bytes]:
        yield b"x"
        raise LookupError("the source broke")

    script = f"echo $$ > {tmp_path}/pid; sleep 100"
    with pytest.raises(LookupError, match="the source broke"):
        shell(f"read -r line; {script}", stdin=source())
    assert not (tmp_path / "pid").exists() or gone(int((tmp_path / "pid").read_text()))


def test_output_is_kept_from_both_ends():
    completed = shell("printf 'abcdefghij'", output_limit=4)
    assert completed.stdout.head == b"ab"
    assert completed.stdout.tail == b"ij"
    assert completed.stdout.omitted == 6


def test_a_flood_of_output_is_counted_in_bounded_memory():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    completed = shell("head -c 200000000 /dev/zero", timeout=60)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert completed.stdout.omitted == 200_000_000 - MIB
    assert (after - before) * 1024 < 20 * MIB


def test_a_background_child_that_holds_the_pipe_is_killed():
    completed = shell("sleep 100 & echo $!")
    assert completed.seconds < 10
    assert gone(int(completed.stdout.data))


def test_a_grandchild_that_left_the_group_is_not_waited_for():
    completed = shell("setsid sh -c 'echo $$; exec sleep 30' & sleep 0.2")
    assert completed.seconds < 10
    os.kill(int(completed.stdout.data), 9)


def test_the_deadline_kills_what_ignores_politeness():
    completed = shell("trap '' TERM INT; echo here; while :; do sleep 0.1; done", timeout=2)
    assert completed.timed_out
    assert completed.exit_code == 137
    assert completed.stdout.data == b"here\n"
    assert completed.seconds < 10


def test_the_deadline_counts_while_output_flows():
    completed = shell("yes", timeout=0.5)
    assert completed.timed_out
    assert completed.seconds < 10


@pytest.mark.parametrize(
    ("program", "code"), [("no-such-program", 127), ("/etc/passwd", 126), ("/no/such", 127)]
)
def test_a_program_that_cannot_be_started(program, code):
    with pytest.raises(ProcessFailed, match="cannot start") as failure:
        run([program], timeout=5, environment=ENVIRONMENT)
    assert failure.value.exit_code == code


def test_it_starts_in_the_folder_it_is_told(tmp_path):
    assert shell("pwd", cwd=tmp_path).stdout.data.decode().strip() == str(tmp_path)


def test_no_descriptor_and_no_thread_is_left():
    shell("true")
    descriptors, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    for _ in range(5):
        shell("cat; sleep 100 &", stdin=b"x" * 100_000)
        list(stream(["true"], timeout=5, environment=ENVIRONMENT))
    assert len(os.listdir("/proc/self/fd")) == descriptors
    assert threading.active_count() == threads


def test_a_stream_comes_whole_and_in_chunks():
    arguments = [sys.executable, "-c", "import sys; sys.stdout.write('x' * 1000000)"]
    chunks = list(stream(arguments, timeout=20, environment={}))
    assert b"".join(chunks) == b"x" * 1_000_000
    assert max(map(len, chunks)) <= 64 * 1024


def test_a_stream_feeds_another_process():
    source = stream(["head", "-c", "3000000", "/dev/zero"], timeout=20, environment=ENVIRONMENT)
    assert shell("wc -c", stdin=source, timeout=20).stdout.data.strip() == b"3000000"


def test_a_stream_of_a_failing_process_says_what_it_said():
    with pytest.raises(ProcessFailed, match="exit 4: went wrong") as failure:
        list(
            stream(
                ["sh", "-c", "echo x; echo went wrong >&2; exit 4"],
                timeout=5,
                environment=ENVIRONMENT,
            )
        )
    assert failure.value.exit_code == 4
    assert failure.value.stderr == b"went wrong\n"


def test_a_stream_past_its_deadline_fails():
    with pytest.raises(ProcessFailed, match=r"no end within 0\.3 s"):
        list(stream(["sleep", "100"], timeout=0.3, environment=ENVIRONMENT))


def test_a_stream_nobody_wants_any_more_is_killed():
    chunks = stream(["sh", "-c", "echo $$; exec yes"], timeout=20, environment=ENVIRONMENT)
    pid = int(next(chunks).split()[0])
    chunks.close()
    assert gone(pid)


def test_a_command_that_ends_early_ends_the_stream_that_feeds_it():
    source = stream(["yes"], timeout=20, environment=ENVIRONMENT)
    assert shell("head -c 2", stdin=source).stdout.data == b"y\n"
    with pytest.raises(StopIteration):
        next(source)
