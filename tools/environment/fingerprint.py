"""Whether two environments are the same: by what they are made of."""

import hashlib
from collections.abc import Callable, Sequence


def fingerprint(
    image: str, commands: Sequence[str], files: Sequence[str], read: Callable[[str], bytes]
) -> str:
    """A short name for what set-up commands make of an image: 16 hexadecimal digits.

    Args:
        image: What is built upon.
        commands: The set-up.
        files: Files that say what is installed.
        read: Returns the bytes of one of them; empty where there is none.
    """
    digest = hashlib.sha256()
    for part in (image, *commands):
        digest.update(_framed(part.encode(errors="surrogateescape")))
    for path in sorted(set(files)):
        digest.update(_framed(path.encode(errors="surrogateescape")))
        digest.update(_framed(read(path)))
    return digest.hexdigest()[:16]


def _framed(data: bytes) -> bytes:
    """The bytes with their length before them, so that no two lists run into the same."""
    return f"{len(data)}:".encode() + data
