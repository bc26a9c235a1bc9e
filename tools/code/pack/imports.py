"""Which lines of a file say what it takes from elsewhere."""

import re
from collections.abc import Sequence

from tools.code.pack.sheet import Span

_LONGEST = 40
"""Lines of one import; what is longer is something else."""

_FAR = 400
"""Lines of a file that are looked at; imports stand at its beginning."""

_IMPORT = re.compile(
    r"""
      from \s+ [\w.]+ \s+ import \b
    | import \s+ (?: static \s+ | type \s+ )? (?: [\w.*]+ \s* (?: [;,{(] | $ ) | ["'({*] )
    | import \s+ [\w.$]+ \s+ (?: as | from ) \s
    | package \s+ [\w.]+ \s* ;? \s* $
    | (?: pub \s+ )? use \s+ [\w\\:{] .* [;{,] \s* $
    | (?: global \s+ )? using \s+ \w .* ; \s* $
    | extern \s+ crate \s
    | \# \s* (?: include | import ) \b
    | (?: require | include ) (?: _once | _relative )? [\s('"]+ [\w./$]
    | source \s+ ["']? [\w./$]
    | export \s .* \b from \s* ['"]
    | (?: const | let | var ) \s .* = \s* require \s* \(
    """,
    re.VERBOSE,
)


def import_spans(lines: Sequence[str]) -> list[Span]:
    """Spans of import statements that start in the first column, in order.

    By the words that begin them in the languages we know, and open brackets for where they end:
    in front of a model a line too many costs little, and a parse of every file costs more.
    """
    spans: list[Span] = []
    position = 0
    while position < min(len(lines), _FAR):
        last = _end(lines, position) if _IMPORT.match(lines[position]) else -1
        if last >= 0:
            spans.append((position + 1, last + 1))
        position = max(position, last) + 1
    return spans


def _end(lines: Sequence[str], start: int) -> int:
    """The last line of the statement that begins at ``start``."""
    depth = 0
    for position in range(start, min(start + _LONGEST, len(lines))):
        line = lines[position]
        depth += sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
        if depth <= 0 and not line.endswith("\\"):
            return position
    return start
