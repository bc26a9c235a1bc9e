"""Checks, from inside a box and before its first command, that its walls are there.

What an engine was told and what it repeats when asked prove nothing: some take limits and do not
enforce them. So a tiny program (:mod:`sandbox.trial`) tries in the box what must fail there, and
reads there what bounds it. Each check says what it found wrong; one that cannot be made counts as
missed.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sandbox.base import Limits, Sandbox, SandboxUnavailable
from sandbox.trial import Answer, Argument, Call, Room, answers, program

_HERE = -100  # AT_FDCWD: paths are whole
_BUFFER = 2048
_SECONDS = 20.0
_TMPFS = 0x01021994
_READ_ONLY = -30
_REFUSED = (-1, -13, -38, -97)  # not permitted, no access, no such call, no such family

_PLACE = 'cat > "$1" && chmod 700 "$1" && "$1"; code=$?; rm -f "$1"; exit $code'

Judge = Callable[["Seen"], str]
"""Says what is wrong, nothing when all is well."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the calls answered, and what they left in their rooms."""

    answers: list[int]
    room: bytes

    def refused(self, *calls: Answer) -> bool:
        """Whether every one of the calls was."""
        return all(self.answers[call.index] in _REFUSED for call in calls)

    def data(self, room: Room, size: int) -> bytes:
        """The bytes of one room."""
        return self.room[room.offset : room.offset + size]

    def text(self, room: Room, length: Answer) -> str:
        """What a ``read`` of that answer put into a room; empty when it failed."""
        return self.data(room, max(0, self.answers[length.index])).decode(errors="replace")


@dataclass(slots=True)
class Plan:
    """The calls to make, gathered from the checks."""

    calls: list[Call] = field(default_factory=list)
    room_size: int = 0

    def call(self, name: str, *arguments: Argument) -> Answer:
        """Add a call; stands for its answer."""
        self.calls.append(Call(name, arguments))
        return Answer(len(self.calls) - 1)

    def room(self, size: int) -> Room:
        """Keep room for what a call fills in."""
        room = Room(self.room_size)
        self.room_size += size + -size % 8
        return room

    def reading(self, path: bytes) -> tuple[Room, Answer]:
        """Read the beginning of a file."""
        opened = self.call("openat", _HERE, path, 0)
        room = self.room(_BUFFER)
        return room, self.call("read", opened, room, _BUFFER)

    def limit(self, number: int) -> Callable[[Seen], int]:
        """Ask for a limit of the process, by its number in the kernel."""
        room = self.room(16)
        self.call("prlimit64", 0, number, 0, room)
        return lambda seen: int(struct.unpack("<Q", seen.data(room, 8))[0])


Check = Callable[[Plan], Judge]


def probe(box: Sandbox, checks: Sequence[Check]) -> None:
    """Make the checks in a box.

    Raises:
        SandboxUnavailable: One of them missed; the message says which.
        SandboxLost: The box went away.
    """
    plan = Plan()
    judges = [check(plan) for check in checks]
    executable = program(plan.calls, plan.room_size)
    if executable is None:
        raise SandboxUnavailable("a sandbox cannot be checked on this kind of processor")
    path = str(box.scratch / ".patchwright-probe")
    completed = box.run(
        ["sh", "-c", _PLACE, "sh", path],
        stdin=executable,
        timeout=_SECONDS,
        output_limit=2 * len(executable) + 2 * plan.room_size,
    )
    if len(completed.stdout.data) != 8 * len(plan.calls) + plan.room_size:
        said = completed.stderr.data.decode(errors="replace").strip()[-300:]
        raise SandboxUnavailable(f"the sandbox could not be checked: {said or 'no answer'}")
    seen = Seen(*answers(completed.stdout.data, len(plan.calls)))
    missed = [wrong for judge in judges if (wrong := judge(seen))]
    if missed:
        raise SandboxUnavailable(
            f"the sandbox does not hold here: {'; '.join(missed)}. Nothing was run in it"
        )


def ordinary_user(plan: Plan) -> Judge:
    """Commands are no superuser and cannot become it."""
    who, become = plan.call("geteuid"), plan.call("setuid", 0)
    return lambda seen: (
        "" if seen.answers[who.index] and seen.answers[become.index] else "commands may be root"
    )


def no_capabilities(plan: Plan) -> Judge:
    """Neither held now nor to be had later: effective, permitted, inheritable, bounding."""
    header = struct.pack("<Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
    held, bounding = plan.room(24), []
    plan.call("capget", header, held)
    bounding = [plan.call("prctl", 23, number) for number in range(41)]  # PR_CAPBSET_READ
    return lambda seen: (
        "there are capabilities"
        if any(seen.data(held, 24)) or any(seen.answers[one.index] == 1 for one in bounding)
        else ""
    )


def no_new_privileges(plan: Plan) -> Judge:
    """No program gives its caller more rights than it has."""
    told = plan.call("prctl", 39, 0, 0, 0)  # PR_GET_NO_NEW_PRIVS
    return lambda seen: "" if seen.answers[told.index] == 1 else "privileges can be gained"


def system_calls_filtered(plan: Plan) -> Judge:
    """A filter of system calls is in force."""
    told = plan.call("prctl", 21, 0, 0, 0)  # PR_GET_SECCOMP
    return lambda seen: "" if seen.answers[told.index] == 2 else "system calls are not filtered"


def read_only_system(plan: Plan) -> Judge:
    """The system's own files cannot be changed: what is not there cannot even be removed."""
    tries = [
        plan.call("unlinkat", _HERE, folder + b"/.patchwright-probe", 0)
        for folder in (b"", b"/etc", b"/usr")
    ]
    return lambda seen: (
        ""
        if all(seen.answers[one.index] == _READ_ONLY for one in tries)
        else "the system's files can be written"
    )


def no_devices(plan: Plan) -> Judge:
    """The host's disks cannot be reached through a device of one's own making."""
    made = plan.call("mknodat", _HERE, b".patchwright-device", 0o60600, 0x800)
    plan.call("unlinkat", _HERE, b".patchwright-device", 0)
    return _refuses("devices can be made", made)


def no_way_out(plan: Plan) -> Judge:
    """There is no interface but the loopback, and no way to any address."""
    listing = plan.reading(b"/proc/net/dev")
    tries = []
    for family, address in (
        (2, struct.pack("<H", 2) + b"\0\x35\x01\x01\x01\x01" + bytes(8)),  # 1.1.1.1
        (2, struct.pack("<H", 2) + b"\0\x50\xa9\xfe\xa9\xfe" + bytes(8)),  # 169.254.169.254
        (10, struct.pack("<H", 10) + b"\0\x35" + bytes(4) + b"\x26\x06" + bytes(18)),
    ):
        end = plan.call("socket", family, 0x801, 0)  # a stream that does not block
        tries.append(plan.call("connect", end, address, len(address)))

    def judge(seen: Seen) -> str:
        lines = seen.text(*listing).splitlines()[2:]
        others = {line.partition(":")[0].strip() for line in lines} - {"lo"}
        on_its_way = any(seen.answers[one.index] in (0, -115) for one in tries)
        return "there is a network" if others or on_its_way or not lines else ""

    return judge


def no_other_sockets(plan: Plan) -> Judge:
    """Sockets to the hypervisor (AF_VSOCK) and to the wire (AF_PACKET) know no namespace."""
    return _refuses(
        "the hypervisor can be reached",
        plan.call("socket", 40, 1, 0),
        plan.call("socket", 17, 3, 0),
    )


def no_io_uring(plan: Plan) -> Judge:
    """A second door to the kernel, which filters of system calls do not see through."""
    return _refuses("io_uring can be used", plan.call("io_uring_setup", 1, plan.room(120)))


def kernel_closed(plan: Plan) -> Judge:
    """What a test never needs of the kernel: its programs, counters, faults, keys, tracing."""
    return _refuses(
        "more of the kernel is open than tests need",
        plan.call("bpf", 0, 0, 0),
        plan.call("perf_event_open", 0, 0, 0, -1),
        plan.call("userfaultfd", 0),
        plan.call("keyctl", 0, 0, 0),
        plan.call("ptrace", 0, 0, 0, 0),
    )


def first_process_out_of_reach(plan: Plan) -> Judge:
    """Commands cannot end the process that keeps the box alive."""
    return _refuses("commands can end the box", plan.call("kill", 1, 0))


def no_engine_sockets(plan: Plan) -> Judge:
    """Whoever talks to a container engine owns its host."""
    paths = (b"docker.sock", b"containerd/containerd.sock", b"podman/podman.sock")
    tries = [
        plan.call("faccessat", _HERE, folder + path, 0)
        for folder in (b"/run/", b"/var/run/")
        for path in paths
    ]
    return lambda seen: (
        "a container engine can be reached"
        if any(seen.answers[one.index] == 0 for one in tries)
        else ""
    )


def no_namespaces(plan: Plan) -> Judge:
    """A user namespace would give back capabilities inside it."""
    return _refuses("namespaces can be made", plan.call("unshare", 0x10000000))


def no_mounts(plan: Plan) -> Judge:
    """Nothing can be mounted."""
    # Of a kind that does not exist: whoever may mount learns that, and nothing is mounted.
    mounted = plan.call("mount", b"none", b"/", b"patchwright", 0)
    return _refuses("file systems can be mounted", mounted)


def in_group(limits: Limits) -> Check:
    """The box's control group, of version 1 or 2, bounds its processes and its memory."""

    def check(plan: Plan) -> Judge:
        processes = [
            plan.reading(b"/sys/fs/cgroup/pids/pids.max"),
            plan.reading(b"/sys/fs/cgroup/pids.max"),
        ]
        memory = [
            plan.reading(b"/sys/fs/cgroup/memory/memory.limit_in_bytes"),
            plan.reading(b"/sys/fs/cgroup/memory.max"),
        ]

        def judge(seen: Seen) -> str:
            bounded = (
                any(_at_most(seen.text(*file), limits.processes) for file in processes),
                any(_at_most(seen.text(*file), limits.memory_bytes) for file in memory),
            )
            return "" if all(bounded) else "processes and memory are not bounded"

        return judge

    return check


def sized_files(limits: Limits, workspace: str, most_files: int) -> Check:
    """The workspace is a file system with a bound on its bytes and files; so is each file."""

    def check(plan: Plan) -> Judge:
        room = plan.room(120)
        told = plan.call("statfs", workspace.encode(), room)
        largest, core = plan.limit(1), plan.limit(4)  # RLIMIT_FSIZE, RLIMIT_CORE

        def judge(seen: Seen) -> str:
            kind, size, blocks, _, _, files = struct.unpack("<6Q", seen.data(room, 48))
            bounded = (
                seen.answers[told.index] == 0
                and kind == _TMPFS
                and 0 < size * blocks <= limits.workspace_bytes
                and 0 < files <= most_files
                and largest(seen) <= limits.file_bytes
                and core(seen) == 0
            )
            return "" if bounded else "files are not bounded"

        return judge

    return check


def per_process(limits: Limits) -> tuple[Check, Check]:
    """Where no control group can be had: the limits that each process carries."""

    def processes(plan: Plan) -> Judge:
        most = plan.limit(6)  # RLIMIT_NPROC
        return lambda seen: (
            "" if most(seen) <= limits.processes else "the number of processes is not bounded"
        )

    def sizes(plan: Plan) -> Judge:
        # RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_CORE
        data, largest, core = plan.limit(2), plan.limit(1), plan.limit(4)
        return lambda seen: (
            ""
            if data(seen) <= limits.memory_bytes
            and largest(seen) <= limits.file_bytes
            and core(seen) == 0
            else "memory and files of a process are not bounded"
        )

    return processes, sizes


def _at_most(text: str, limit: int) -> bool:
    return text.strip().isdigit() and int(text) <= limit


def _refuses(wrong: str, *tries: Answer) -> Judge:
    return lambda seen: "" if seen.refused(*tries) else wrong


FORBIDDEN: tuple[Check, ...] = (
    no_capabilities,
    no_new_privileges,
    system_calls_filtered,
    read_only_system,
    no_devices,
    no_way_out,
    no_other_sockets,
    no_io_uring,
    kernel_closed,
    no_engine_sockets,
    no_namespaces,
    no_mounts,
    ordinary_user,
)
"""What every box must refuse. The last three change the process if they are not refused."""
