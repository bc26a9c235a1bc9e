"""Reads the report files of a run out of its box, in one call, none of them trusted.

A boundary that no process of the run can know stands before each file: it is drawn after they have
all ended.
"""

import secrets
import shlex
from collections.abc import Sequence

from sandbox.base import MIB
from tools.checks.base import Outputs, ReportFiles

REPORTS_LIMIT = 64 * MIB
"""Bytes of reports that are read; what lies beyond is as if the run had been cut off there."""
MOST_FILES = 20_000

_SCRIPT = """\
printf '{boundary} %s\\n' "$PWD"
{{ {finds} }} 2> /dev/null | LC_ALL=C sort -u | head -n {files} | while IFS= read -r file; do
    printf '\\n{boundary} %s\\n' "$file"
    head -c {bytes} -- "$file"
done | head -c {bytes}
"""


def collecting(reports: Sequence[ReportFiles]) -> tuple[str, str]:
    """A shell line that prints the reports, and the boundary that it prints before each.

    Links, pipes and devices that lie in a report's place are left alone.
    """
    boundary = secrets.token_hex(16)
    finds = [_find(files) for files in reports]
    script = _SCRIPT.format(
        boundary=boundary, finds=" ".join(finds) or ":;", files=MOST_FILES, bytes=REPORTS_LIMIT
    )
    return script, boundary


def _find(files: ReportFiles) -> str:
    newer = f" -newer {shlex.quote(files.newer)}" if files.newer else ""
    return f"find {shlex.quote(files.folder)} -type f -path {shlex.quote(files.pattern)}{newer};"


def collected(data: bytes, boundary: str, printed: str) -> Outputs:
    """The reports that were printed, and beside them what the command itself had printed."""
    mark = f"{boundary} ".encode()
    first, *rest = data.split(b"\n" + mark)
    files: dict[str, str] = {}
    for part in rest:
        path, _, text = part.partition(b"\n")
        files[path.decode(errors="replace")] = text.decode(errors="replace")
    root = first.removeprefix(mark).split(b"\n")[0].decode(errors="replace")
    return Outputs(files=files, printed=printed, root=root)
