"""How many bytes the weights take: which matrices are stored in few bits, and how.

The methods are those that ``quantization_config`` of a ``config.json`` names and vLLM serves:
https://docs.vllm.ai/en/latest/features/quantization/. Embedding, head, router and norms stay in the
model's own type unless a checkpoint says otherwise, which none of these methods does.
"""

import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.serving.modules import Module, Part

_LINEAR = frozenset({Part.ATTENTION, Part.MLP, Part.EXPERTS})
_PATTERN_LIMIT = 400


class UnknownQuantisation(Exception):
    """The weights are stored in a way not known here; the message names it."""


@dataclass(frozen=True, slots=True)
class Storage:
    """How the quantised matrices are stored."""

    name: str
    """For people: ``FP8``, ``INT4 (AWQ)``."""
    bits: float
    """Of one weight, without its share of scales."""
    scale_bytes: float = 0.0
    """Of one group of weights: its scale, and its zero point where there is one."""
    group: int = 0
    """Weights that share a scale; 0 when so many do that it does not count."""
    parts: frozenset[Part] = _LINEAR
    kept: tuple[str, ...] = ()
    """Patterns of the names of matrices that stay as they are."""
    block: int = 0
    """Weights in a row that share a scale, which no cut may divide; 0 for any."""

    def covers(self, module: Module) -> bool:
        """Whether the module is stored this way."""
        return module.part in self.parts and not any(_names(p, module.name) for p in self.kept)

    def matrix_bytes(self, module: Module) -> float:
        """Bytes of the module's matrices."""
        groups = module.matrix / self.group if self.group else 0.0
        return module.matrix * self.bits / 8 + groups * self.scale_bytes


def weight_bytes(module: Module, storage: Storage | None, number_bytes: int) -> float:
    """Bytes of a module; ``number_bytes`` are those of a number that is not quantised."""
    if storage is None or not storage.covers(module):
        return float(module.parameters * number_bytes)
    return storage.matrix_bytes(module) + module.vectors * number_bytes


FP8_WHILE_LOADING = Storage("FP8, made while loading", bits=8)
"""What ``--quantization fp8`` makes of a checkpoint in 16 bits: one scale a matrix."""
INT4_CHECKPOINT = Storage(
    "INT4 (AWQ or GPTQ, groups of 128)", bits=4, scale_bytes=2.5, group=128, block=128
)
"""A 16-bit scale and a 4-bit zero point for each 128 weights."""


def read(quantisation: Mapping[str, Any] | None) -> Storage | None:
    """The storage that a ``quantization_config`` describes; None for a model in its own type.

    Raises:
        UnknownQuantisation: The method is not known, or says too little.
    """
    if not quantisation:
        return None
    method = str(quantisation.get("quant_method", "")).lower()
    reader = _READERS.get(method)
    if reader is None:
        raise UnknownQuantisation(f"quantisation {method or 'without a name'!r} is not known here")
    return reader(quantisation)


def _fp8(raw: Mapping[str, Any]) -> Storage:
    kept = _texts(raw, "modules_to_not_convert", "ignored_layers")
    size = raw.get("weight_block_size")
    if not (isinstance(size, list) and size and isinstance(size[0], int) and size[0] > 0):
        return Storage("FP8", bits=8, kept=kept)
    side = size[0]
    name = f"FP8 (blocks of {side} x {side})"
    return Storage(name, bits=8, scale_bytes=4, group=side * side, kept=kept, block=side)


def _mxfp4(raw: Mapping[str, Any]) -> Storage:
    kept = _texts(raw, "modules_to_not_convert")
    experts = frozenset({Part.EXPERTS})
    return Storage("MXFP4 experts", bits=4, scale_bytes=1, group=32, parts=experts, kept=kept)


def _grouped(raw: Mapping[str, Any]) -> Storage:
    """AWQ, GPTQ and AutoRound: whole numbers in groups, each with a scale and a zero point."""
    method = str(raw["quant_method"]).upper()
    bits = _whole(raw, "bits", "w_bit")
    group = _whole(raw, "group_size", "q_group_size", default=128)
    return Storage(
        f"INT{bits} ({method}, groups of {group})" if group > 0 else f"INT{bits} ({method})",
        bits=bits,
        scale_bytes=2 + bits / 8,
        group=max(group, 0),
        kept=_texts(raw, "modules_to_not_convert"),
        block=max(group, 0),
    )


def _compressed(raw: Mapping[str, Any]) -> Storage:
    """Compressed tensors: https://github.com/vllm-project/compressed-tensors."""
    groups = raw.get("config_groups")
    first = next(iter(groups.values()), None) if isinstance(groups, dict) else None
    weights = first.get("weights") if isinstance(first, dict) else None
    if not isinstance(weights, dict) or not isinstance(groups, dict) or len(groups) != 1:
        raise UnknownQuantisation("compressed-tensors with other than one group is not known here")
    bits = _whole(weights, "num_bits")
    group = weights.get("group_size")
    group = group if isinstance(group, int) and group > 0 else 0
    kind = "FP" if weights.get("type") == "float" else "INT"
    name = f"{kind}{bits}" + (f" (groups of {group})" if group else "")
    # FP4 has an 8-bit scale, all others a 16-bit one.
    scale = 1 if kind == "FP" and bits == 4 else 2
    kept = _texts(raw, "ignore")
    return Storage(name, bits=bits, scale_bytes=scale, group=group, kept=kept, block=group)


def _modelopt(raw: Mapping[str, Any]) -> Storage:
    """NVIDIA's ModelOpt: https://github.com/NVIDIA/Model-Optimizer."""
    kept = _texts(raw, "ignore", "exclude_modules")
    match str(raw.get("quant_algo", "")).upper():
        case "FP8":
            return Storage("FP8", bits=8, kept=kept)
        case "NVFP4":
            return Storage("NVFP4", bits=4, scale_bytes=1, group=16, kept=kept, block=16)
        case other:
            raise UnknownQuantisation(f"ModelOpt's {other or 'unnamed kind'!r} is not known here")


def _bits_and_bytes(raw: Mapping[str, Any]) -> Storage:
    kept = _texts(raw, "llm_int8_skip_modules")
    if raw.get("load_in_8bit"):
        return Storage("INT8 (bitsandbytes)", bits=8, kept=kept)
    # One 32-bit scale for each 64 weights: https://huggingface.co/docs/bitsandbytes
    return Storage("NF4 (bitsandbytes)", bits=4, scale_bytes=4, group=64, kept=kept)


_READERS = {
    "fp8": _fp8,
    "mxfp4": _mxfp4,
    "awq": _grouped,
    "gptq": _grouped,
    "auto-round": _grouped,
    "compressed-tensors": _compressed,
    "modelopt": _modelopt,
    "bitsandbytes": _bits_and_bytes,
}


def _whole(raw: Mapping[str, Any], *names: str, default: int | None = None) -> int:
    for name in names:
        found = raw.get(name)
        if isinstance(found, int) and not isinstance(found, bool) and -1 <= found <= 1 << 20:
            return found
    if default is None:
        raise UnknownQuantisation(f"quantization_config has no {names[0]}")
    return default


def _texts(raw: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    for name in names:
        found: Sequence[Any] | None = raw.get(name)
        if isinstance(found, list):
            return tuple(text for text in found if isinstance(text, str))
    return ()


def _names(pattern: str, name: str) -> bool:
    """Whether a pattern means the matrix: a regular expression, a glob, or part of the path."""
    if len(pattern) > _PATTERN_LIMIT:
        return False
    if pattern.startswith("re:"):
        try:
            return re.match(pattern[3:], name) is not None
        except re.error:
            return False
    if "*" in pattern:
        return any(fnmatch.fnmatchcase(name, glob) for glob in (pattern, f"{pattern}.*"))
    return f".{pattern}." in f".{name}."
