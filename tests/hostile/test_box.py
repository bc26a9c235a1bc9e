"""BOX: out of the box."""

import pytest

from agent.config import ConfigurationError, load
from sandbox.base import Limits, SandboxUnavailable
from sandbox.container import confinement, require_confined
from sandbox.floor import require_current


def shell(box, script, **options):
    return box.run(["sh", "-c", script], timeout=20, **options)


def python(box, script, **options):
    return box.run(["python3", "-c", script], timeout=20, **options)


@pytest.mark.case("BOX-01", "no capabilities, none to gain, a filter in force")
def test_box_01(box, seen):
    status = shell(box, "cat /proc/self/status").stdout.data.decode()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    held = [int(fields[f"Cap{kind}"], 16) for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")]
    assert (held, int(fields["NoNewPrivs"]), int(fields["Seccomp"])) == ([0] * 5, 1, 2)
    seen("capabilities 0, NoNewPrivs 1, Seccomp 2")


@pytest.mark.case("BOX-02", "setuid programs give nothing")
def test_box_02(box, seen):
    told = shell(
        box, "cp /bin/sh mine && chmod 6755 mine && ./mine -c 'id -u'; su -c id; mount x /mnt"
    )
    assert told.exit_code != 0
    assert int(told.stdout.data.split()[0]) >= 1000
    seen("the user stays the user")


@pytest.mark.case("BOX-03", "namespaces and mounts are refused")
def test_box_03(box, seen):
    tries = ["unshare -Ur true", "unshare -m true", "mount -t tmpfs x /mnt", "mount --bind / /mnt",
             "pivot_root . .", "chroot . true", "nsenter -t 1 -m true"]  # fmt: skip
    assert [one for one in tries if shell(box, one).exit_code == 0] == []
    script = "import ctypes; print(ctypes.CDLL(None).syscall(56, 0x10000000 | 17, 0, 0, 0, 0))"
    assert python(box, script).stdout.data.strip() == b"-1"
    seen(f"{len(tries) + 1} of {len(tries) + 1} refused")


@pytest.mark.case("BOX-04", "devices and the kernel's switches are closed")
def test_box_04(box, seen):
    tries = ["mknod d b 8 0", "mknod d c 1 1", "head -c 1 /dev/kmsg", "dmesg",
             "echo b > /proc/sysrq-trigger", "echo '|/x' > /proc/sys/kernel/core_pattern",
             "echo 1 > /proc/sys/vm/drop_caches",
             "head -c 1 /dev/mem", "head -c 1 /dev/vda"]  # fmt: skip
    assert [one for one in tries if shell(box, one).exit_code == 0] == []
    seen(f"{len(tries)} of {len(tries)} refused")


@pytest.mark.case("BOX-05", "no engine's socket, no way through the first process")
def test_box_05(box, seen, canary_tree):
    script = f"""
for path in /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock \
            /run/podman/podman.sock /proc/1/root{canary_tree}/flag; do
    [ -e "$path" ] && echo "there is $path"
done
find / -xdev -type s 2> /dev/null
true
"""
    assert shell(box, script).stdout.data == b""
    seen("no socket, no file")


@pytest.mark.case("BOX-06", "io_uring, bpf, keys, faults, counters refused")
def test_box_06(box, seen):
    script = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for call in (425, 426, 427, 321, 248, 249, 250, 323, 298, 101, 310, 304, 246, 175, 435):
    ctypes.set_errno(0)
    assert libc.syscall(call, 0, 0, 0, 0, 0) == -1, call
    assert ctypes.get_errno() in (1, 38), (call, ctypes.get_errno())
"""
    completed = python(box, script)
    assert completed.exit_code == 0, completed.stderr.data
    seen("15 of 15 refused by the filter")


TRICKS = """
cat {flag}
cat /proc/1/root{flag}
cat /proc/self/root{flag}
cat /proc/self/root/../../../../..{flag}
cat /../../../..{flag}
cat /proc/self/cwd/../../../../..{flag}
cat /proc/1/cwd{flag}
cat /dev/fd/../../..{flag}
cat /proc/self/fd/3{flag}
cat /proc/thread-self/root{flag}
cat /proc/self/task/1/root{flag}
cat /proc/2/root{flag}
cat /proc/sys/../..{flag}
cat /tmp/../..{flag}
ln -s {flag} link && cat link
ln -s /proc/1/root link2 && cat link2{flag}
ln {flag} hard && cat hard
cp {flag} copy && cat copy
cat /var/run/../..{flag}
cat /var/lib/docker/overlay2/*/diff{flag}
cat /mnt{flag} /media{flag} /host{flag} /rootfs{flag}
python3 -c "print(open('{flag}').read())"
git show --no-index {flag}
git diff --no-index /dev/null {flag}
git config --file {flag} --list
tar cf - {flag}
find / -name flag -exec cat {{}} +
dd if={flag}
exec 3< {flag} && cat <&3
base64 {flag}
""".strip().splitlines()


@pytest.mark.case("BOX-07", "a file of the host cannot be read by any trick")
def test_box_07(box, seen, canary_tree):
    flag = str(canary_tree / "flag")
    script = "\n".join(f"({trick.format(flag=flag)}) 2>/dev/null" for trick in TRICKS) + "\ntrue"
    told = shell(box, script).stdout.data
    assert b"canary-3f9a" not in told
    assert b"Y2FuYXJ5" not in told
    assert len(TRICKS) == 30
    seen("0 of 30 tricks read it")


@pytest.mark.case("BOX-08", "the system's files cannot be changed")
def test_box_08(box, seen):
    paths = ["/etc/ld.so.preload", "/etc/passwd", "/usr/bin/git", "/usr/lib/x.so", "/x", "/root/x",
             "/var/x", "/dev/x", "/proc/x", "/sys/x", "/run/x", "/boot/x"]  # fmt: skip
    assert [one for one in paths if shell(box, f"echo x >> {one}").exit_code == 0] == []
    seen(f"{len(paths)} of {len(paths)} refused")


@pytest.mark.case("BOX-09", "settings that open a box are refused")
def test_box_09(seen, tmp_path):
    openings = [
        {"privileged": True}, {"network_mode": "host"}, {"pid_mode": "host"}, {"ipc_mode": "host"},
        {"binds": ["/:/host"]}, {"devices": ["/dev/kvm"]}, {"cap_add": ["ALL"]},
        {"security_opt": ["no-new-privileges", "seccomp=unconfined"]}, {"userns_mode": "host"},
    ]  # fmt: skip
    for opening in openings:
        with pytest.raises(ValueError, match="box"):
            require_confined({**confinement(Limits(), ()), **opening})
    for line in ("privileged = true", "volumes = ['/:/x']", "sandbox = 'none'", "base_url = 'x'"):
        (tmp_path / "patchwright.toml").write_text(line)
        with pytest.raises(ConfigurationError):
            load({}, repository=tmp_path, environment={"HOME": str(tmp_path / "none")})
    seen(f"{len(openings) + 4} of {len(openings) + 4} refused")


@pytest.mark.case("BOX-10", "a runtime below the floor is refused")
def test_box_10(seen):
    for version in ("1.0.0-rc10", "1.0.3", "1.1.11"):
        with pytest.raises(SandboxUnavailable, match="lets boxes out"):
            require_current(version)
    seen("runc 1.1.11 and older refused; a distribution's own version is trusted")
