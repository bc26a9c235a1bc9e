"""RES: the host's memory, disk, time and attention."""

import resource
import subprocess
import time
from dataclasses import replace

import pytest

from doubles.sandboxes import SMALL
from sandbox.base import MIB, Limits
from tools.git import ObjectStore
from tools.workspace import FileTooLarge, Workspace, WorkspaceError


def shell(box, script, timeout=20, **options):
    return box.run(["sh", "-c", script], timeout=timeout, **options)


def python(box, script, timeout=20, **options):
    return box.run(["python3", "-c", script], timeout=timeout, **options)


def works(box):
    return shell(box, "echo works").stdout.data == b"works\n"


@pytest.mark.case("RES-01", "a fork bomb ends, the next command works")
@pytest.mark.parametrize(
    "bomb",
    [
        ["sh", "-c", "bomb() { bomb | bomb & }; bomb; sleep 1000"],
        ["python3", "-c", "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass"],
    ],
    ids=["shell", "python"],
)
def test_res_01(box, seen, bomb):
    completed = box.run(bomb, timeout=1)
    assert completed.exit_code != 0
    assert works(box)
    seen(f"exit {completed.exit_code} after {completed.seconds:.1f} s; the next works")


@pytest.mark.case("RES-02", "a memory hog ends, the next command works")
def test_res_02(box, provider, seen):
    completed = python(box, "x = bytearray(3 << 30)\nfor i in range(0, 3 << 30, 4096): x[i] = 1")
    assert completed.exit_code != 0
    # Where memory is bounded by process only, the program itself is refused more.
    assert completed.out_of_memory == (provider.name != "bubblewrap")
    assert works(box)
    assert not box.run(["true"], timeout=10).out_of_memory
    told = "out of memory" if completed.out_of_memory else "refused more"
    seen(f"{told}, exit {completed.exit_code}; the next works")


@pytest.mark.case("RES-03", "a full disk is the command's failure, and bounded")
def test_res_03(box, provider, seen):
    completed = shell(box, "head -c 400000000 /dev/zero > a; stat -c %s a; rm -f a")
    size = int(completed.stdout.data)
    if provider.name == "bubblewrap":
        assert "disk" in provider.bounds.partition("but not")[2]
        assert size <= SMALL.file_bytes
        seen(f"one file stops at {size // MIB} MiB; the disk is not bounded, and that is said")
    else:
        assert size <= SMALL.file_bytes
        many = shell(
            box, "for i in 1 2 3; do head -c 100000000 /dev/zero > f$i; done; rm -f f1 f2 f3"
        )
        assert b"No space left" in many.stderr.data
        seen(f"one file stops at {size // MIB} MiB, all at {SMALL.workspace_bytes // MIB} MiB")
    assert works(box)


@pytest.mark.case("RES-04", "files are counted too")
def test_res_04(docker, seen):
    with docker.start(replace(SMALL, workspace_bytes=16 * MIB), run="hostile") as box:
        completed = shell(box, "seq 10000 | xargs touch; ls | wc -l")
        assert b"No space left" in completed.stderr.data
        seen(f"{int(completed.stdout.data)} files, then no space")


@pytest.mark.case("RES-05", "a sparse giant is neither made nor read")
def test_res_05(box, seen, tmp_path):
    shell(box, "truncate -s 9T giant; truncate -s 100M large")
    workspace = Workspace(box, ObjectStore(tmp_path / "store"), "")
    with pytest.raises(FileTooLarge):
        workspace.get("large")
    size = int(shell(box, "stat -c %s giant large | head -1; rm -f giant large").stdout.data)
    assert size <= SMALL.file_bytes
    seen("9 TB refused by the limit of a file; 100 MB refused by the reader's")


@pytest.mark.case("RES-06", "a flood of 1 GB costs at most 50 MB of memory")
def test_res_06(box, seen):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    completed = box.run(["head", "-c", str(1 << 30), "/dev/zero"], timeout=120)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    assert completed.stdout.omitted == (1 << 30) - MIB
    assert grown < 50
    seen(f"{grown} MB more; head and tail kept")


@pytest.mark.case("RES-07", "a line of 200 MB is cut")
def test_res_07(box, seen):
    completed = shell(box, "head -c 200000000 /dev/zero | tr '\\0' x", timeout=60)
    assert len(completed.stdout.data) == MIB
    seen("1 MiB of it kept")


@pytest.mark.case("RES-08", "a loop that ignores signals ends at its deadline")
def test_res_08(box, seen):
    completed = shell(box, "trap '' TERM INT HUP QUIT; while :; do :; done", timeout=1)
    assert completed.timed_out
    assert completed.seconds < 5
    seen(f"killed after {completed.seconds:.1f} s")


@pytest.mark.case("RES-09", "nothing waits for an input that never comes")
def test_res_09(box, seen):
    completed = shell(box, "cat; read line; python3 -c 'print(repr(input()))'; echo end")
    assert completed.stdout.data == b"end\n"
    seen("the input is empty")


@pytest.mark.case("RES-10", "bombs of archives and expressions are bounded")
def test_res_10(box, provider, seen):
    regex = python(box, "import re; re.match('(a+)+$', 'a' * 40 + 'b')", timeout=1)
    assert regex.timed_out
    script = """
import io, zipfile
data = io.BytesIO()
with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
    made.writestr("big", bytes(100 << 20))
for number in range(8):
    open(f"bomb{number}", "wb").write(zipfile.ZipFile(data).read("big"))
"""
    bomb = python(box, script)
    # Where the disk is bounded it is full; where only files are, each of these is small enough.
    assert bomb.exit_code != 0 or "disk" in provider.bounds.partition("but not")[2]
    shell(box, "rm -f bomb*")
    assert works(box)
    seen("the deadline and the disk end them")


@pytest.mark.case("RES-11", "100,000 files and 300 folders deep are read")
def test_res_11(seen, tmp_path):
    repository = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", "-b", "main", repository], check=True)
    names = [f"f/{n % 300}/{n}" for n in range(100_000)] + ["/".join("d" * 300) + "/x"]
    stream = ["commit refs/heads/main\ncommitter t <t@x> 0 +0000\ndata 0\n"]
    stream += [f"M 100644 inline {name}\ndata 1\nx\n" for name in names]
    subprocess.run(
        ["git", "-C", repository, "fast-import", "--quiet"],
        input="".join(stream).encode(),
        check=True,
    )
    started = time.monotonic()
    store = ObjectStore(tmp_path / "store")
    _, tree = store.fetch(repository)
    assert len(store.entries(tree)) == 100_001
    seen(f"read in {time.monotonic() - started:.1f} s")


@pytest.mark.case("RES-12", "64 busy processes get what the box may use")
def test_res_12(docker, seen):
    script = """
import os, time
began = time.monotonic()
for _ in range(64):
    if os.fork() == 0:
        while time.monotonic() - began < 3:
            pass
        os._exit(0)
for _ in range(64):
    os.wait()
times = os.times()
print((times.children_user + times.children_system) / (time.monotonic() - began))
"""
    with docker.start(replace(SMALL, cpus=0.5, processes=128), run="hostile") as box:
        used = float(python(box, script, timeout=60).stdout.data)
    assert used < 0.7
    seen(f"{used:.2f} processors used of half a processor allowed")


@pytest.mark.case("RES-11", "a change that is too large stays in the box")
def test_res_11_diff(docker, seen, tmp_path):
    store = ObjectStore(tmp_path / "store")
    empty = store._git.text("write-tree")
    with Workspace.open(docker.start(Limits(), run="hostile"), store, empty) as workspace:
        shell(workspace._sandbox, "head -c 6000000 /dev/urandom > big")
        with pytest.raises(WorkspaceError, match="larger than"):
            workspace.snapshot()
    seen("refused above 4 MiB")
