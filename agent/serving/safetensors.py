"""How many bytes of weights a folder of ``*.safetensors`` files holds, read from their headers.

The format: 8 bytes, little-endian, with the length of a JSON object that has for each tensor its
type, shape and place (https://huggingface.co/docs/safetensors/index#format). Only headers are read.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HEADER_LIMIT = 100_000_000
"""The longest header that the format's own reader takes, in bytes."""
FILES = 2000

_LAYER = re.compile(r"(?:^|\.)layers\.(\d+)\.")


class Damaged(Exception):
    """A file is not what its name says; the message names it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the files hold."""

    loaded: int
    """Bytes of the tensors that a server loads."""
    left_out: int
    """Bytes of the tensors of layers beyond the model's own, which guess further tokens."""
    files: int


def read(folder: Path, layers: int, *, halved: bool) -> Stored | None:
    """Count the bytes of all tensors; None when the folder has no such file.

    Args:
        folder: Where the files are.
        layers: How many layers the model has; tensors of later ones are not loaded.
        halved: Whether numbers of 32 bits are loaded in 16, as vLLM does with a model in 32 bits.

    Raises:
        Damaged: A file's header is cut off, too long, or no header.
    """
    paths = sorted(folder.glob("*.safetensors"))[:FILES]
    # Some folders hold the weights twice, the second time for another loader.
    paths = [path for path in paths if not path.name.startswith("consolidated")] or paths
    if not paths or _incomplete(folder, paths):
        return None
    loaded = left_out = 0
    for path in paths:
        for name, size in _tensors(path, halved=halved):
            found = _LAYER.search(name)
            if found and int(found[1]) >= layers:
                left_out += size
            else:
                loaded += size
    return Stored(loaded, left_out, len(paths))


def _incomplete(folder: Path, paths: list[Path]) -> bool:
    """Whether the index names a file that is not there (yet)."""
    try:
        index = json.loads((folder / "model.safetensors.index.json").read_text(encoding="utf-8"))
        named = set(index["weight_map"].values())
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"{folder}: model.safetensors.index.json cannot be read: {error}") from None
    return not named <= {path.name for path in paths}


def _tensors(path: Path, *, halved: bool) -> list[tuple[str, int]]:
    header = _header(path)
    found = []
    for name, tensor in header.items():
        if name == "__metadata__":
            continue
        try:
            first, last = tensor["data_offsets"]
            size = int(last) - int(first)
            kind = tensor["dtype"]
        except (TypeError, KeyError, ValueError):
            raise Damaged(f"{path}: the header says nothing usable about {name[:100]!r}") from None
        if size < 0:
            raise Damaged(f"{path}: {name[:100]!r} has a negative size")
        found.append((name, size // 2 if halved and kind == "F32" else size))
    return found


def _header(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= HEADER_LIMIT:
                raise Damaged(f"{path}: no safetensors file, or one cut off")
            text = file.read(length)
        header = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise Damaged(f"{path}: the header cannot be read: {error}") from None
    if len(text) < length or not isinstance(header, dict):
        raise Damaged(f"{path}: the header is cut off or no object")
    return header
