"""Search the repository for a regular expression: ripgrep when the box has it, else grep."""

from typing import Any

from tools.actions.base import Action, Arguments, Bench

_SHOWN_MATCHES = 100
_LINE_CHARACTERS = 300
_TIMEOUT = 60.0

_SEARCH = r"""
pattern=$1; path=$2; glob=$3
if command -v rg > /dev/null; then
    set -- rg --no-config --no-heading --with-filename --line-number --no-messages --sort path
    [ -z "$glob" ] || set -- "$@" --glob "$glob"
    exec "$@" --regexp "$pattern" -- "$path"
fi
set -- grep -rnEIs --exclude-dir=.git
[ -z "$glob" ] || set -- "$@" --include "$glob"
exec "$@" -e "$pattern" -- "$path"
"""


class SearchArguments(Arguments):
    """``glob`` narrows by file name, for example ``*.py``."""

    pattern: str
    path: str = "."
    glob: str = ""


def _perform(bench: Bench, arguments: SearchArguments) -> dict[str, Any]:
    result = bench.workspace.run(
        ["sh", "-c", _SEARCH, "sh", arguments.pattern, arguments.path, arguments.glob],
        timeout=_TIMEOUT,
    )
    matches = result.stdout.head.decode(errors="replace").splitlines()
    return {
        "pattern": arguments.pattern,
        "path": arguments.path,
        "problem": result.stderr.data.decode(errors="replace")[-500:],
        "matches": [line[:_LINE_CHARACTERS] for line in matches[:_SHOWN_MATCHES]],
        "more": len(matches) > _SHOWN_MATCHES or result.stdout.omitted > 0,
    }


SEARCH = Action("search", SearchArguments, _perform)
