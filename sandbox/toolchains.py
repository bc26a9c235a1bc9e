"""Programs of the host that a box without an image of its own may use, read-only."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_SYSTEM = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def running_python() -> tuple[Path, ...]:
    """The running interpreter's environment and its base, where the system does not hold them."""
    prefixes = dict.fromkeys((Path(sys.prefix), Path(sys.base_prefix)))
    return tuple(prefix for prefix in prefixes if not prefix.is_relative_to("/usr"))


def environment(toolchains: Sequence[Path], scratch: str) -> Mapping[str, str]:
    """The small environment of such a box: the toolchains' programs come before the system's."""
    folders = [str(toolchain / "bin") for toolchain in toolchains]
    return {
        "CI": "1",
        "HOME": scratch,
        "LANG": "C.UTF-8",
        "PATH": ":".join([*folders, _SYSTEM]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "TMPDIR": scratch,
    }
