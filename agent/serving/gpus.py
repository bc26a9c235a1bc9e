"""Which GPUs there are, from what ``nvidia-smi`` prints, or as somebody describes them."""

import re
from dataclasses import dataclass

from sandbox.base import GIB, MIB

QUERY = ("--query-gpu=index,uuid,name,memory.total,memory.free", "--format=csv,noheader,nounits")
"""Arguments for ``nvidia-smi`` whose answer :func:`read` reads; sizes come in MiB."""

_DESCRIBED = re.compile(
    r"(?P<several>\d{1,3})x(?P<gib>\d{1,4}(?:\.\d)?)(?:GiB|GB|G)?", re.IGNORECASE
)
MOST = 1024


class GpusUnknown(Exception):
    """What GPUs there are cannot be said; the message says why."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU and its memory, in bytes."""

    index: int
    name: str
    total: int
    free: int
    identity: str = ""
    """Its UUID, where it has one."""


def read(text: str) -> list[Gpu]:
    """The GPUs that ``nvidia-smi`` names, one a line.

    Raises:
        GpusUnknown: A line is not of the form that was asked for.
    """
    return [_line(line) for line in text.splitlines() if line.strip()]


def _line(line: str) -> Gpu:
    parts = [part.strip() for part in line.split(",")]
    if len(parts) < 5 or not parts[0].isdecimal():
        raise GpusUnknown(f"nvidia-smi said: {line.strip()[:200]}")
    index, identity, total, free = parts[0], parts[1], parts[-2], parts[-1]
    if not (total.isdecimal() and free.isdecimal()):
        # A GPU that shares the machine's memory, or one that is cut into instances.
        raise GpusUnknown(
            f"nvidia-smi does not say how much memory GPU {index} has ({total}, {free});"
            " say it with --gpus, like --gpus 1x96"
        )
    if not int(total):
        raise GpusUnknown(f"nvidia-smi says that GPU {index} has no memory")
    name = ", ".join(parts[2:-2])
    return Gpu(int(index), name, int(total) * MIB, int(free) * MIB, identity)


def visible(gpus: list[Gpu], chosen: str | None) -> list[Gpu]:
    """Those that ``CUDA_VISIBLE_DEVICES`` shows to a program: by number or start of the UUID."""
    if chosen is None:
        return gpus
    wanted = [part.strip() for part in chosen.split(",") if part.strip()]

    def seen(gpu: Gpu) -> bool:
        return any(
            int(part) == gpu.index if part.isdecimal() else gpu.identity.startswith(part)
            for part in wanted
        )

    return [gpu for gpu in gpus if seen(gpu)]


def describe(text: str) -> list[Gpu]:
    """GPUs as a person describes them: ``4x80`` for four with 80 GiB each.

    Raises:
        GpusUnknown: The text is not of that form.
    """
    found = _DESCRIBED.fullmatch(text.strip())
    if found is None or not 1 <= int(found["several"]) <= MOST or not float(found["gib"]):
        raise GpusUnknown(f"{text!r} are no GPUs; write 2 to use two, or 4x80 for four of 80 GiB")
    size = int(float(found["gib"]) * GIB)
    name = f"GPU of {found['gib']} GiB"
    return [Gpu(index, name, size, size) for index in range(int(found["several"]))]
