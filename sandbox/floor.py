"""The oldest container runtime that boxes are started with."""

import re

from sandbox.base import SandboxUnavailable

OLDEST = (1, 1, 12)
"""runc before it let a command of a container into the host's files by way of an open folder:
https://github.com/opencontainers/runc/security/advisories/GHSA-xr7r-f8rx-p8cv"""

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(.*)")


def require_current(version: str) -> None:
    """Refuse a runtime that is known to let boxes out.

    A distribution mends an old version under its old number and says so behind it
    (``1.1.5+ds1-1+deb12u1``); there the number proves nothing, and the distribution is trusted.

    Args:
        version: runc's, as an engine tells it; empty where it is another runtime.

    Raises:
        SandboxUnavailable: It is too old.
    """
    match = _VERSION.match(version)
    if match is None:
        return
    number = tuple(int(part) for part in match.groups()[:3])
    mended_by_others = "+" in match[4] or "ubuntu" in match[4] or ".el" in match[4]
    if number < OLDEST and not mended_by_others:
        raise SandboxUnavailable(
            f"the engine's runc {version} lets boxes out (CVE-2024-21626): "
            f"install {'.'.join(map(str, OLDEST))} or newer"
        )
