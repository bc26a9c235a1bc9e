"""From what was chosen to what is written: blocks of exact source, and a list of what is not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tools.code.pack.contents import LeftOut
from tools.code.pack.offers import Shown
from tools.code.pack.quoting import elision, encodable, fence, one_line, shown_path
from tools.code.pack.weight import weigh

_NAME_WIDTH = 60
_HEADING_WEIGHT = 16


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced text, under a heading where it has one."""

    text: str
    fence: str
    heading: str = ""
    note: str = ""

    @property
    def weight(self) -> int:
        """In units."""
        return weigh(self.text) + weigh(self.heading) + weigh(self.note) + _HEADING_WEIGHT


def file_block(shown: Shown) -> Block:
    """One file: its shown lines as they are, and a line for each gap between them."""
    lines = shown.sheet.lines
    parts = {first: "\n".join(lines[first - 1 : last]) for first, last in shown.sheet.runs()}
    mark = elision("\n".join(parts.values()))
    parts |= {first: f"{mark} {first}-{last}" for first, last in shown.sheet.gaps()}
    text = "\n".join(parts[first] for first in sorted(parts))
    return Block(text, fence(text), shown_path(shown.file.path), f"{len(lines)} lines")


def fix_block(commit: str, subject: str, diff: str) -> Block:
    """One past fix as a diff."""
    text = encodable(diff).rstrip("\n")
    return Block(text, fence(text), one_line(commit[:12]), one_line(subject))


def list_block(lines: Iterable[str]) -> Block | None:
    """A list of names, fenced too: together they could make anything; None for an empty one."""
    text = "\n".join(lines)
    return Block(text, fence(text)) if text else None


def left_out_lines(left_out: Iterable[LeftOut], room: int) -> list[str]:
    """What is left out, a line for each file, as long as there is room, in units."""
    lines: dict[str, str] = {}
    for entry in left_out:
        part = " ".join(_left_out_parts(entry))
        known = lines.get(entry.path)
        added = f", {part}" if known else f"{shown_path(entry.path)}: {part}"
        room -= weigh(added)
        if room < 0:
            break
        lines[entry.path] = (known or "") + added
    return list(lines.values())


def _left_out_parts(entry: LeftOut) -> Iterator[str]:
    yield f"{entry.first}-{entry.last}"
    if entry.name:
        yield one_line(entry.name)[:_NAME_WIDTH]
