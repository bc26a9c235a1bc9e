"""A filter of system calls for boxes that have none from an engine: classic BPF, made by hand.

It refuses what no build or test needs and what widens the kernel that a box can attack: new
namespaces (a nested user namespace gives back capabilities inside it), mounts, kernel modules,
keys, tracing, io_uring, and sockets that a network namespace does not confine, such as those of
virtual machines; the same as ``system_calls.json`` does for an engine. Calls newer than those known
here do not exist in a box. https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

import errno
import os
import platform
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP_IF_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_JUMP_IF_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_JUMP_IF_SET = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K

# Offsets in struct seccomp_data; on these machines an argument's low half comes first.
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16

_ALLOW = 0x7FFF0000
_ERROR = 0x00050000
_X32 = 0x40000000
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEW*: user, pid, net, ipc, uts, cgroup and mount
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)


@dataclass(frozen=True, slots=True)
class _Machine:
    """The system call numbers of one kind of processor."""

    audit: int
    socket: int
    clone: int
    refused: tuple[int, ...]


# The same on every machine: clone3 and io_uring's three answer that they do not exist, so that
# callers fall back to what does; the others are the mount calls of newer kernels.
_CLONE3, _IO_URING = 435, (425, 426, 427)
_NEW_MOUNTS = (428, 429, 430, 431, 432, 433, 442)

_UNKNOWN = 457
"""The first number of those that are newer than all that is known here."""

# Their numbers on x86_64 and on aarch64.
_REFUSED = {
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "process_madvise": (440, 440), "kcmp": (312, 272),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "acct": (163, 89), "swapon": (167, 224), "swapoff": (168, 225),
    "reboot": (169, 142), "syslog": (103, 116), "sethostname": (170, 161),
    "setdomainname": (171, 162), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "clock_adjtime": (305, 266), "adjtimex": (159, 171), "vhangup": (153, 58),
    "lookup_dcookie": (212, 18), "fanotify_init": (300, 262), "fanotify_mark": (301, 263),
    "mbind": (237, 235), "set_mempolicy": (238, 237), "migrate_pages": (256, 238),
    "move_pages": (279, 239),
}  # fmt: skip
_X86_ONLY = (172, 173, 154)  # iopl ioperm modify_ldt

_MACHINES = {
    "x86_64": _Machine(
        0xC000003E, 41, 56, (*(x86 for x86, _ in _REFUSED.values()), *_X86_ONLY, *_NEW_MOUNTS)
    ),
    "aarch64": _Machine(
        0xC00000B7, 198, 220, (*(arm for _, arm in _REFUSED.values()), *_NEW_MOUNTS)
    ),
}


@contextmanager
def descriptor() -> Iterator[int | None]:
    """A descriptor to read the filter from once, None on a kind of processor not known here."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        yield None
        return
    file = os.memfd_create("seccomp")
    try:
        os.write(file, program(machine))
        os.lseek(file, 0, os.SEEK_SET)
        yield file
    finally:
        os.close(file)


def program(machine: _Machine) -> bytes:
    """The filter's instructions, in the order in which a system call meets them."""
    return b"".join(
        [
            # Calls of another machine's numbering (32 bits) would slip by under other numbers.
            _instruction(_LOAD, _MACHINE),
            _instruction(_JUMP_IF_EQUAL, machine.audit, 1, 0),
            _error(errno.ENOSYS),
            _instruction(_LOAD, _NUMBER),
            *_refuse_if(_JUMP_IF_SET, _X32, errno.ENOSYS),
            *_refuse_if(_JUMP_IF_AT_LEAST, _UNKNOWN, errno.ENOSYS),
            *_refuse_if(_JUMP_IF_EQUAL, _CLONE3, errno.ENOSYS),
            *(
                word
                for call in _IO_URING
                for word in _refuse_if(_JUMP_IF_EQUAL, call, errno.ENOSYS)
            ),
            *(
                word
                for call in machine.refused
                for word in _refuse_if(_JUMP_IF_EQUAL, call, errno.EPERM)
            ),
            # A clone: skip the four instructions that judge it when it is another call.
            _instruction(_JUMP_IF_EQUAL, machine.clone, 0, 4),
            _instruction(_LOAD, _FIRST_ARGUMENT),
            *_refuse_if(_JUMP_IF_SET, _NEW_NAMESPACES, errno.EPERM),
            _instruction(_RETURN, _ALLOW),
            # A socket: every other call is allowed by now.
            _instruction(_JUMP_IF_EQUAL, machine.socket, 1, 0),
            _instruction(_RETURN, _ALLOW),
            _instruction(_LOAD, _FIRST_ARGUMENT),
            *(
                word
                for family in _FAMILIES
                for word in (
                    _instruction(_JUMP_IF_EQUAL, family, 0, 1),
                    _instruction(_RETURN, _ALLOW),
                )
            ),
            _error(errno.EAFNOSUPPORT),
        ]
    )


def _refuse_if(jump: int, value: int, code: int) -> tuple[bytes, bytes]:
    return _instruction(jump, value, 0, 1), _error(code)


def _error(code: int) -> bytes:
    return _instruction(_RETURN, _ERROR | code)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One struct sock_filter; the two jumps count instructions to skip."""
    return struct.pack("=HBBI", code, if_true, if_false, value)
