"""A filter of system calls for boxes that have none from an engine: classic BPF, made by hand.

It refuses what no build or test needs and what widens the kernel that a box can attack: new
namespaces (a nested user namespace gives back capabilities inside it), mounts, kernel modules,
keys, tracing of the kernel, io_uring, and sockets that a network namespace does not confine, such
as those of virtual machines. https://docs.kernel.org/userspace-api/seccomp_filter.html
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

# In this order: mount umount2 pivot_root unshare setns bpf perf_event_open userfaultfd add_key
# request_key keyctl kexec_load kexec_file_load init_module finit_module delete_module
# open_by_handle_at quotactl acct swapon swapoff reboot syslog
_X86 = (165, 166, 155, 272, 308, 321, 298, 323, 248, 249, 250, 246, 320, 175, 313, 176, 304)
_X86_OLD = (179, 163, 167, 168, 169, 103)
_ARM = (40, 39, 41, 97, 268, 280, 241, 282, 217, 218, 219, 104, 294, 105, 273, 106, 265)
_ARM_OLD = (60, 89, 224, 225, 142, 116)

_MACHINES = {
    "x86_64": _Machine(0xC000003E, 41, 56, (*_X86, *_X86_OLD, *_NEW_MOUNTS)),
    "aarch64": _Machine(0xC00000B7, 198, 220, (*_ARM, *_ARM_OLD, *_NEW_MOUNTS)),
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
