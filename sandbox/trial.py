"""A tiny program that makes a list of system calls and tells what each answered.

What a box forbids can only be known from inside it, and an image need not hold any interpreter. So
the program is assembled here: a static ELF executable without a library, a page or two long. See
elf(5), and for the registers of a system call syscall(2).
"""

import platform
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

_HEADERS = 64 + 2 * 56
_CODE = 0x400000
_DATA = 0x800000 + _HEADERS
_PAGE = 0x10000  # the largest that any of these processors has


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes that the kernel fills in, at ``offset`` in what the program has to tell."""

    offset: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the system call of that number in the list answered: an open file, for instance."""

    index: int


Argument = int | bytes | Room | Answer


@dataclass(frozen=True, slots=True)
class Call:
    """One system call, by its name; bytes are passed by their address."""

    name: str
    arguments: tuple[Argument, ...] = ()


class _Processor(Protocol):
    """How one kind of processor is told to do things."""

    machine: int
    numbers: dict[str, int]

    def load(self, place: int, value: int) -> bytes:
        """Put a number into the register of an argument; 0 is the first."""

    def fetch(self, place: int, address: int) -> bytes:
        """Put what is at an address into the register of an argument."""

    def call(self, number: int, address: int) -> bytes:
        """Make a system call and keep its answer at an address."""


class _X86:
    machine = 62
    numbers = {  # noqa: RUF012 - a table, never changed
        "write": 1, "read": 0, "exit": 60, "openat": 257, "geteuid": 107, "setuid": 105,
        "capget": 125, "prctl": 157, "unlinkat": 263, "mknodat": 259, "faccessat": 269,
        "unshare": 272, "mount": 165, "socket": 41, "connect": 42, "io_uring_setup": 425,
        "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "keyctl": 250, "ptrace": 101,
        "kill": 62, "prlimit64": 302, "statfs": 137,
    }  # fmt: skip
    _registers = (b"\x48\xbf", b"\x48\xbe", b"\x48\xba", b"\x49\xba", b"\x49\xb8", b"\x49\xb9")
    _from_rax = (b"\x48\x89\xc7", b"\x48\x89\xc6", b"\x48\x89\xc2", b"\x49\x89\xc2")

    def load(self, place: int, value: int) -> bytes:
        return self._registers[place] + struct.pack("<Q", value)  # mov register, value

    def fetch(self, place: int, address: int) -> bytes:
        # mov rax, [address]; mov register, rax
        return b"\x48\xa1" + struct.pack("<Q", address) + self._from_rax[place]

    def call(self, number: int, address: int) -> bytes:
        # mov rax, number; syscall; mov [address], rax
        words = (b"\x48\xb8", struct.pack("<Q", number), b"\x0f\x05")
        return b"".join(words) + b"\x48\xa3" + struct.pack("<Q", address)


class _Arm:
    machine = 183
    numbers = {  # noqa: RUF012 - a table, never changed
        "write": 64, "read": 63, "exit": 93, "openat": 56, "geteuid": 175, "setuid": 146,
        "capget": 90, "prctl": 167, "unlinkat": 35, "mknodat": 33, "faccessat": 48,
        "unshare": 97, "mount": 40, "socket": 198, "connect": 203, "io_uring_setup": 425,
        "bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "keyctl": 219, "ptrace": 117,
        "kill": 129, "prlimit64": 261, "statfs": 43,
    }  # fmt: skip

    def load(self, place: int, value: int) -> bytes:
        # movz, then movk, sixteen bits at a time
        kinds = (0xD2800000, 0xF2A00000, 0xF2C00000, 0xF2E00000)
        parts = [kind | ((value >> 16 * at) & 0xFFFF) << 5 | place for at, kind in enumerate(kinds)]
        return struct.pack("<4I", *parts)

    def fetch(self, place: int, address: int) -> bytes:
        # x9 = address; ldr xN, [x9]
        return self.load(9, address) + struct.pack("<I", 0xF9400120 | place)

    def call(self, number: int, address: int) -> bytes:
        # x8 = number; svc 0; x9 = address; str x0, [x9]
        words = (self.load(8, number), struct.pack("<I", 0xD4000001), self.load(9, address))
        return b"".join(words) + struct.pack("<I", 0xF9000120)


_PROCESSORS: dict[str, _Processor] = {"x86_64": _X86(), "aarch64": _Arm()}


def program(calls: Sequence[Call], room: int, machine: str | None = None) -> bytes | None:
    """The executable: it makes the calls and writes the answers, then the room, to its output.

    Args:
        calls: What it does, in this order; a call that the kernel refuses does not stop it.
        room: Bytes that the calls may have filled in.
        machine: The kind of processor, this one's when not given.

    Returns:
        The file's bytes; None for a kind of processor that is not known here.
    """
    processor = _PROCESSORS.get(machine or platform.machine())
    if processor is None:
        return None
    told = 8 * len(calls)
    texts: dict[bytes, int] = {}
    code = b""
    for index, call in enumerate(calls):
        for place, argument in enumerate(call.arguments):
            code += _argument(processor, place, argument, told, room, texts)
        code += processor.call(processor.numbers[call.name], _DATA + 8 * index)
    for place, value in enumerate((1, _DATA, told + room)):
        code += processor.load(place, value)
    # The answers are told, so what these two answer may go where the first one's was.
    code += processor.call(processor.numbers["write"], _DATA)
    code += processor.load(0, 0) + processor.call(processor.numbers["exit"], _DATA)
    return _executable(processor.machine, code, bytes(told + room) + b"".join(texts))


def answers(output: bytes, calls: int) -> tuple[list[int], bytes]:
    """What each call answered (below zero: the error's number), and the room."""
    told = 8 * calls
    return list(struct.unpack(f"<{calls}q", output[:told])), output[told:]


def _argument(
    processor: _Processor,
    place: int,
    argument: Argument,
    told: int,
    room: int,
    texts: dict[bytes, int],
) -> bytes:
    match argument:
        case int():
            return processor.load(place, argument & 0xFFFFFFFFFFFFFFFF)
        case Answer(index):
            return processor.fetch(place, _DATA + 8 * index)
        case Room(offset):
            return processor.load(place, _DATA + told + offset)
        case bytes():
            # Eight bytes at a time, so that structures lie as the kernel wants them.
            text = argument + bytes(8 - len(argument) % 8)
            offset = texts.setdefault(text, sum(map(len, texts)))
            return processor.load(place, _DATA + told + room + offset)


def _executable(machine: int, code: bytes, data: bytes) -> bytes:
    """The headers and the two parts behind them: data to write, code to execute."""
    entry = _CODE + _HEADERS + len(data)
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, entry, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    for permissions, address, size in (
        (5, _CODE, _HEADERS + len(data) + len(code)),
        (6, _DATA - _HEADERS, _HEADERS + len(data)),
    ):
        head += struct.pack("<IIQQQQQQ", 1, permissions, 0, address, address, size, size, _PAGE)
    return head + data + code
